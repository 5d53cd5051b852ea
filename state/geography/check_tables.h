// Whether reference tables fit together, before anyone counts by them.
#pragma once

#include <absl/status/status.h>

#include "state/geography/table_rows.h"

namespace flosync {

// INVALID_ARGUMENT with file, line, what is wrong and what to do, for the first of these that does not hold:
// - a code is valid in one line at a time (municipalities, names, counties);
// - every municipality has its county, and an official name, for as long as it is valid;
// - the codes of every change and every population figure are municipalities, figures stand once;
// - on every day after the tables begin, applying the changes to the municipalities valid the day before gives exactly
//   those valid that day (G1, G2);
// - the municipality groups cover every number of inhabitants once.
// What the tables lack of a year's population is no mistake: the latest earlier year counts (G3). Pure.
[[nodiscard]] absl::Status CheckTables(const TableRows& rows);

}  // namespace flosync
