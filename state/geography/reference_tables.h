// The reference tables as text: seven CSV files from Statistics Norway, see tables/README.md for columns and source.
//
// Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace flosync {

// The text of each file. Whoever fills this keeps the bytes.
struct ReferenceTables {
  std::string_view municipalities;
  std::string_view municipality_names;
  std::string_view municipality_changes;
  std::string_view counties;
  std::string_view population;
  std::string_view population_2024_borders;
  std::string_view municipality_groups;
};

struct ReferenceFile {
  std::string_view name;
  std::string_view header;  // the first line, exactly
  std::string_view ReferenceTables::*text;
};

// In the order in which they make the vintage.
inline constexpr size_t kReferenceFileCount = 7;
inline constexpr std::array<ReferenceFile, kReferenceFileCount> kReferenceFiles = {{
    {"kommuner.csv", "code,name,county_code,county_name,valid_from,valid_to", &ReferenceTables::municipalities},
    {"kommune_names.csv", "code,name_official,name_norwegian,name_sami_kven,valid_from,valid_to",
     &ReferenceTables::municipality_names},
    {"kommune_changes.csv", "effective_date,old_code,old_name,new_code,new_name,change_type",
     &ReferenceTables::municipality_changes},
    {"fylker.csv", "code,name,name_official,valid_from,valid_to", &ReferenceTables::counties},
    {"population.csv", "code,year,population", &ReferenceTables::population},
    {"population_2024_borders.csv", "code,year,population,quality", &ReferenceTables::population_2024_borders},
    {"kommunegrupper.csv", "group,min,max,label", &ReferenceTables::municipality_groups},
}};

// A file longer than this is no reference table.
inline constexpr size_t kReferenceFileMaxBytes = 16U << 20U;

// SHA-256 of the tables, lower-case hex: their vintage (B8).
[[nodiscard]] std::string TablesHash(const ReferenceTables& tables);

}  // namespace flosync
