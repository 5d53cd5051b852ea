// list_length_mean: patients per list, all and staffed ones, of those with a known count (D4).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class ListLengthMean : public Measure {
 public:
  ListLengthMean() : Measure("list_length_mean", MeasureKind::kMeanPersons, {"all", "staffed"}) {}
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    if (!list.patients) return;
    cells.Add(0, sign * int64_t{*list.patients}, sign);
    if (list.staffed()) cells.Add(1, sign * int64_t{*list.patients}, sign);
  }
};

}  // namespace

const Measure& ListLengthMeanMeasure() {
  static const ListLengthMean measure;
  return measure;
}

}  // namespace flosync
