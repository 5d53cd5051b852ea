// list_cap_mean: places per staffed list, of those with a cap (D4).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class ListCapMean : public Measure {
 public:
  ListCapMean() : Measure("list_cap_mean", MeasureKind::kMeanPersons, {"staffed"}) {}
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    if (list.staffed() && list.list_cap) cells.Add(0, sign * int64_t{*list.list_cap}, sign);
  }
};

}  // namespace

const Measure& ListCapMeanMeasure() {
  static const ListCapMean measure;
  return measure;
}

}  // namespace flosync
