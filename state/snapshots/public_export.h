// What of a snapshot may be shown to everybody (R21). Pure; any thread.
#pragma once

#include <vector>

#include "state/geography/geography.h"
#include "state/indicators/indicator_row.h"

namespace flosync {

// The rows with numerator, denominator and value blanked, and the one flag `suppressed`, where an area has fewer than
// five GPs (measures of lists and patients: five lists), and of the next smallest sibling where a single blanked row
// could be had by subtracting the others from their county or group, or counties from the nation. National rows, the
// totals of GPs, lists and patients, and the specialist share of all ages are never blanked. `rows` are those of one
// snapshot in the areas of `frame`.
[[nodiscard]] std::vector<IndicatorRow> ForPublic(std::vector<IndicatorRow> rows, const AreaFrame& frame);

}  // namespace flosync
