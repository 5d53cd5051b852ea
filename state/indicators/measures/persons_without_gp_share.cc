// persons_without_gp_share: patients on unstaffed lists, and on those unstaffed for over a year, among all patients
// (R16).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class PersonsWithoutGpShare : public Measure {
 public:
  PersonsWithoutGpShare() : Measure("persons_without_gp_share", MeasureKind::kPercent, {"all", "over_1y"}) {}
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    const int64_t patients = sign * int64_t{list.patients.value_or(0)};
    cells.Add(0, list.staffed() ? 0 : patients, patients);
    cells.Add(1, list.unstaffed_over_1y ? patients : 0, patients);
  }
};

}  // namespace

const Measure& PersonsWithoutGpShareMeasure() {
  static const PersonsWithoutGpShare measure;
  return measure;
}

}  // namespace flosync
