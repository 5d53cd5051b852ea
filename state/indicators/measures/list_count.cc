// list_count: active lists, staffed, unstaffed, and unstaffed for over a year (D1, D2, R16).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class ListCount : public Measure {
 public:
  ListCount() : Measure("list_count", MeasureKind::kCount, {"all", "staffed", "unstaffed", "unstaffed_over_1y"}) {}
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    cells.Add(0, sign, 0);
    cells.Add(list.staffed() ? 1 : 2, sign, 0);
    if (list.unstaffed_over_1y) cells.Add(3, sign, 0);
  }
};

}  // namespace

const Measure& ListCountMeasure() {
  static const ListCount measure;
  return measure;
}

}  // namespace flosync
