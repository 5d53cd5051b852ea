#include "state/geography/reference_tables.h"

#include "state/store/sha256.h"

namespace flosync {

std::string TablesHash(const ReferenceTables& tables) {
  return Sha256Hex({tables.municipalities, tables.municipality_names, tables.municipality_changes, tables.counties,
                    tables.population, tables.population_2024_borders, tables.municipality_groups});
}

}  // namespace flosync
