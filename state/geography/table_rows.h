// The reference tables as typed rows, each with the line it stands on.
//
//   auto rows = ReadTables(ShippedTables());
//   rows->municipalities.front().code  // "0101"
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "domain/day.h"
#include "state/geography/reference_tables.h"

namespace flosync {

struct TableRows {
  // A municipality, its name, or a county, for as long as the line says.
  struct Span {
    std::string code;
    std::string name;    // the official one, except in kommuner.csv
    std::string county;  // kommuner.csv only
    Period period;
    int line = 0;
  };
  struct Change {
    Day effective;
    std::string old_code;
    std::string new_code;
    bool moves = false;  // false for `name` and `boundary`, which move no municipality (G2)
    int line = 0;
  };
  struct Population {
    std::string code;
    int year = 0;
    int32_t persons = 0;
    int line = 0;
  };
  struct Group {
    std::string code;
    std::string label;
    int32_t min = 0;
    int32_t max = INT32_MAX;  // included
    int line = 0;
  };

  std::vector<Span> municipalities;
  std::vector<Span> names;
  std::vector<Span> counties;
  std::vector<Change> changes;
  std::vector<Population> population;
  std::vector<Population> population_2024_borders;
  std::vector<Group> groups;
};

// "kommuner.csv, line 17: what": what is wrong and what to do about it.
[[nodiscard]] absl::Status WrongLine(std::string_view file, int line, std::string_view what);

// Fails naming file and line for a header, field or number of fields that is not as it should be. What the rows say
// together is for CheckTables.
[[nodiscard]] absl::StatusOr<TableRows> ReadTables(const ReferenceTables& tables);

}  // namespace flosync
