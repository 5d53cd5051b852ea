#include "state/geography/shipped_tables.h"

namespace flosync {

// Symbols that shipped_tables.S puts around the bytes of each file.
extern "C" {
#define FLOSYNC_TABLE(name) extern const char flosync_##name##_begin[], flosync_##name##_end[]
FLOSYNC_TABLE(kommuner);
FLOSYNC_TABLE(kommune_names);
FLOSYNC_TABLE(kommune_changes);
FLOSYNC_TABLE(fylker);
FLOSYNC_TABLE(population);
FLOSYNC_TABLE(population_2024_borders);
FLOSYNC_TABLE(kommunegrupper);
#undef FLOSYNC_TABLE
}

namespace {

std::string_view Between(const char* begin, const char* end) { return {begin, static_cast<size_t>(end - begin)}; }

}  // namespace

ReferenceTables ShippedTables() {
  return {
      .municipalities = Between(flosync_kommuner_begin, flosync_kommuner_end),
      .municipality_names = Between(flosync_kommune_names_begin, flosync_kommune_names_end),
      .municipality_changes = Between(flosync_kommune_changes_begin, flosync_kommune_changes_end),
      .counties = Between(flosync_fylker_begin, flosync_fylker_end),
      .population = Between(flosync_population_begin, flosync_population_end),
      .population_2024_borders = Between(flosync_population_2024_borders_begin, flosync_population_2024_borders_end),
      .municipality_groups = Between(flosync_kommunegrupper_begin, flosync_kommunegrupper_end)};
}

}  // namespace flosync
