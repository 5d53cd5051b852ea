// What of a snapshot may be shown to everybody (R21). Pure; any thread.
#pragma once

#include <vector>

#include "state/geography/geography.h"
#include "state/indicators/indicator_row.h"

namespace flosync {

// The rows with numerator, denominator and value blanked, and `suppressed` as their only flag, where an area has fewer
// than five GPs (measures of lists and patients: five lists), and of the next smallest sibling where a single blanked
// row could be had by subtracting the others from their county or group, or counties from the nation. Then as long as
// a blanked number can be worked out by sums of areas or breakdowns, the smallest row of a sum that tells it. National
// rows, the totals of GPs, lists and patients, and the specialist share of all ages are never blanked, and what these
// tell by themselves is no reason. `rows` are those of one snapshot in the areas of `frame`.
[[nodiscard]] std::vector<IndicatorRow> ForPublic(std::vector<IndicatorRow> rows, const AreaFrame& frame);

}  // namespace flosync
