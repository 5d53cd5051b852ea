// persons_listed: patients on all lists, on unstaffed ones, and on those unstaffed for over a year (R7, R16, D4).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class PersonsListed : public Measure {
 public:
  PersonsListed() : Measure("persons_listed", MeasureKind::kCount, {"all", "on_unstaffed", "on_unstaffed_over_1y"}) {}
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    const int64_t patients = sign * int64_t{list.patients.value_or(0)};
    cells.Add(0, patients, 0);
    if (!list.staffed()) cells.Add(1, patients, 0);
    if (list.unstaffed_over_1y) cells.Add(2, patients, 0);
  }
};

}  // namespace

const Measure& PersonsListedMeasure() {
  static const PersonsListed measure;
  return measure;
}

}  // namespace flosync
