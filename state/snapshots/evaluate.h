// Figures at a reference date from the register's history (B5, R20). Pure but for the reading of the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "state/geography/geography.h"
#include "state/indicators/cell_table.h"
#include "state/indicators/indicator_row.h"
#include "state/register/register.h"
#include "state/snapshots/list_description.h"
#include "state/snapshots/pairs.h"
#include "state/store/store.h"

namespace flosync {

// Counts every list of the register in cells that are empty yet. The pairs that it gives are needed where lists are
// counted again later.
Pairs FillCells(const Register& reg, const Perspective& from, CellTable& cells);

// Every figure in canonical order (A1, A3).
[[nodiscard]] std::vector<IndicatorRow> RowsOf(const CellTable& cells, Day d);

// What to evaluate beyond the reference date.
struct EvaluationRequest {
  Day reference_date;
  Instant known_at = Instant::Max();
  std::optional<Day> structure_date;           // nothing = that of the definition, else of the reference date
  std::vector<const Definition*> definitions;  // which derive alike
};

// The rows at reference date d with t = t(d) from the records known before `known_at`. OUT_OF_RANGE for a structure
// date that the tables do not cover.
[[nodiscard]] absl::StatusOr<std::vector<IndicatorRow>> EvaluateAt(const View& view, const Geography& geography,
                                                                   const EvaluationRequest& request);

}  // namespace flosync
