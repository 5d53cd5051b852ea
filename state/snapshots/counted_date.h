// The figures of one reference date, kept so that what becomes known later costs no more than the lists it is about.
// Not thread-safe.
#pragma once

#include <memory>
#include <vector>

#include "state/geography/geography.h"
#include "state/indicators/cell_table.h"
#include "state/indicators/indicator_row.h"
#include "state/snapshots/list_description.h"
#include "state/snapshots/pairs.h"

namespace flosync {

class CountedDate {
 public:
  // Figures at d with t = t(d); `definitions` outlive it. Nothing is counted yet.
  CountedDate(Day d, AreaFrame frame, std::vector<const Definition*> definitions, const Derivation& derivation);
  CountedDate(const CountedDate&) = delete;
  CountedDate& operator=(const CountedDate&) = delete;

  void CountAll(const Register& reg);
  // Counts one list as the register has it, instead of as it was when last counted.
  void CountList(const Register& reg, int64_t contract_id);
  // Whether CountList has moved anything since the last call, be it there and back.
  [[nodiscard]] bool TakeTouched() { return !cells_.TakeTouched().empty(); }
  // Every figure in canonical order (A1, A3).
  [[nodiscard]] std::vector<IndicatorRow> Rows() const;

 private:
  const Day d_;
  const AreaFrame frame_;
  const FigurePlan plan_;
  const Perspective from_;
  CellTable cells_;
  Pairs pairs_;
};

}  // namespace flosync
