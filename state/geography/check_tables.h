// Whether reference tables fit together, before anyone counts by them.
#pragma once

#include <absl/status/status.h>

#include "state/geography/table_rows.h"

namespace flosync {

// INVALID_ARGUMENT with file, line, what is wrong and what to do, for the first of these that does not hold:
// - every table has rows;
// - a code is valid in one line at a time (municipalities, names, counties);
// - every municipality has its county, and an official name, for as long as it is valid;
// - the codes of every change and every population figure are municipalities, figures stand once;
// - on every day after the tables begin, applying the changes to the municipalities valid the day before gives exactly
//   those valid that day (G1, G2);
// - every municipality valid on the last day that the tables tell of has a population of some year, and every one of
//   1 January 2024 one in the borders of that day;
// - the municipality groups cover every number of inhabitants once.
// That a year's population lacks some of them is no mistake: the latest earlier year counts (G3). Pure.
[[nodiscard]] absl::Status CheckTables(const TableRows& rows);

}  // namespace flosync
