// list_unstaffed_share: unstaffed lists among all lists (D1, D2).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class ListUnstaffedShare : public Measure {
 public:
  ListUnstaffedShare() : Measure("list_unstaffed_share", MeasureKind::kPercent, {"all"}) {}
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    cells.Add(0, list.staffed() ? 0 : sign, sign);
  }
};

}  // namespace

const Measure& ListUnstaffedShareMeasure() {
  static const ListUnstaffedShare measure;
  return measure;
}

}  // namespace flosync
