// The numbers in the rows of a snapshot and the sums among them: areas within areas, breakdowns within totals, and the
// same number in several measures (A5, R21). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/geography/geography.h"
#include "state/indicators/indicator_row.h"
#include "state/snapshots/deduction.h"

namespace flosync {

using AreaKey = std::pair<Level, std::string>;

// The areas that add up to another: municipalities to their county and to their group, counties and groups each by
// themselves to the nation.
[[nodiscard]] std::map<AreaKey, std::vector<std::vector<AreaKey>>> FamiliesOf(const AreaFrame& frame);

class RowSums {
 public:
  RowSums(const std::vector<IndicatorRow>& rows, const AreaFrame& frame);

  [[nodiscard]] const Deduction& deduction() const { return deduction_; }
  // The place in `rows` of the row that has the number.
  [[nodiscard]] size_t RowOf(int32_t number) const { return row_of_[static_cast<size_t>(number)]; }

 private:
  // By "measure breakdown", with a stroke behind it for denominators; of one definition.
  using Column = std::map<AreaKey, int32_t>;

  void AddNumbers(const std::vector<IndicatorRow>& rows);
  void AddAreas(const AreaFrame& frame);
  void AddBreakdowns(const AreaFrame& frame);

  Deduction deduction_;
  std::vector<size_t> row_of_;
  std::map<std::string, std::map<std::string, Column>> columns_;  // by name, then definition
};

}  // namespace flosync
