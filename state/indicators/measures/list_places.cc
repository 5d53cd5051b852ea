// list_places: places on all lists and on staffed ones; a list without a cap adds none (D4).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class ListPlaces : public Measure {
 public:
  ListPlaces() : Measure("list_places", MeasureKind::kCount, {"all", "staffed"}) {}
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    const int64_t places = sign * int64_t{list.list_cap.value_or(0)};
    cells.Add(0, places, 0);
    if (list.staffed()) cells.Add(1, places, 0);
  }
};

}  // namespace

const Measure& ListPlacesMeasure() {
  static const ListPlaces measure;
  return measure;
}

}  // namespace flosync
