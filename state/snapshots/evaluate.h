// Figures at a reference date, counted from nothing out of the register's history (R20, B5).
#pragma once

#include <vector>

#include <absl/status/statusor.h>

#include "domain/oslo.h"
#include "state/geography/geography.h"
#include "state/indicators/indicator_row.h"
#include "state/indicators/list_facts.h"
#include "state/register/register.h"
#include "state/store/store.h"

namespace flosync {

// Every row of every measure at `at` in the areas of `frame`, dense and in canonical order (A1, A3).
[[nodiscard]] std::vector<IndicatorRow> EvaluateRows(const Register& reg, const AreaFrame& frame, const Moment& at);

// The rows at reference date d with t = t(d) from the records known before `known_at` (B5), in the structure of d.
// OUT_OF_RANGE before the reference tables begin; beyond them their last structure stands.
[[nodiscard]] absl::StatusOr<std::vector<IndicatorRow>> EvaluateAt(const View& view, const Geography& geography, Day d,
                                                                   Instant known_at);

}  // namespace flosync
