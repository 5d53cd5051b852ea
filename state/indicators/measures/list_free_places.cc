// list_free_places: places less patients on staffed lists; over-full lists subtract (D4).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class ListFreePlaces : public Measure {
 public:
  ListFreePlaces() : Measure("list_free_places", MeasureKind::kCount, {"staffed"}) {}
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    if (list.staffed()) cells.Add(0, sign * list.free_places(), 0);
  }
};

}  // namespace

const Measure& ListFreePlacesMeasure() {
  static const ListFreePlaces measure;
  return measure;
}

}  // namespace flosync
