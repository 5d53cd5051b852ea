// list_length_median: patients per list, all and staffed ones, of those with a known count (D4, R17).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class ListLengthMedian : public Measure {
 public:
  ListLengthMedian() : Measure("list_length_median", MeasureKind::kMedianPersons, {"all", "staffed"}) {}
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    if (!list.patients) return;
    cells.Observe(0, {*list.patients, 1}, sign);
    if (list.staffed()) cells.Observe(1, {*list.patients, 1}, sign);
  }
};

}  // namespace

const Measure& ListLengthMedianMeasure() {
  static const ListLengthMedian measure;
  return measure;
}

}  // namespace flosync
