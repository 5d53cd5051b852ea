// The figures of a small register at a date, for tests of measures.
//
//   Figures figures(reg, Day(2024, 3, 1));
//   figures.Show("0301", "gp_turnover");  // "1/2 50.0": numerator, denominator, value; "-" = absent
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "state/snapshots/evaluate.h"
#include "tests/support/core_harness.h"

namespace flosync {

class Figures {
 public:
  Figures(const SmallRegister& reg, Day d,
          const std::vector<const Definition*>& definitions = Definitions::Shipped().published(),
          std::optional<Day> structure_date = std::nullopt) {
    const AreaFrame frame = Geography::Shipped().Frame(structure_date.value_or(d), d.year()).value();
    const FigurePlan plan(definitions, true);
    CellTable cells(&frame, &plan);
    FillCells(reg.reg(), Perspective::AtDate(d, definitions.front()->derivation), cells);
    for (IndicatorRow& row : RowsOf(cells, d)) shown_[{row.area_code, row.measure, row.breakdown}] = ShowRow(row);
  }

  // A count is its number alone; "no such row" where there is none.
  [[nodiscard]] std::string Show(std::string_view area, std::string_view measure,
                                 std::string_view breakdown = "all") const {
    const auto it = shown_.find({std::string(area), std::string(measure), std::string(breakdown)});
    return it == shown_.end() ? "no such row" : it->second;
  }

 private:
  static std::string ShowRow(const IndicatorRow& row) {
    if (!row.denominator) return row.value;
    const std::string numerator = row.numerator ? std::to_string(*row.numerator) : "-";
    return numerator + "/" + std::to_string(*row.denominator) + " " + (row.value.empty() ? "-" : row.value);
  }

  std::map<std::tuple<std::string, std::string, std::string>, std::string> shown_;
};

}  // namespace flosync
