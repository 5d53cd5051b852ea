// locum_days: working days of substitutes in the quarter and the year before d, weighted by their percentage (D12).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class LocumDays : public Measure {
 public:
  LocumDays()
      : Measure("locum_days", MeasureKind::kHundredthDays,
                {"quarter.staffed", "quarter.unstaffed", "year.staffed", "year.unstaffed"}) {}
  bool windowed() const override { return true; }
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    if (!list.locums) return;
    const int state = list.staffed() ? 0 : 1;
    cells.Add(state, sign * list.locums->quarter_hundredth_days, 0);
    cells.Add(2 + state, sign * list.locums->year_hundredth_days, 0);
  }
};

}  // namespace

const Measure& LocumDaysMeasure() {
  static const LocumDays measure;
  return measure;
}

}  // namespace flosync
