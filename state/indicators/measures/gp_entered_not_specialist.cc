// gp_entered_not_specialist: GPs whose agreement began on or after a set day and who are no specialists (D7).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class GpEnteredNotSpecialist : public Measure {
 public:
  GpEnteredNotSpecialist() : Measure("gp_entered_not_specialist", MeasureKind::kCount, {"all"}) {}
  void CountGp(const CountedGp& gp, const Definition& definition, int sign, MeasureCells& cells) const override {
    if (gp.began >= definition.entered_since && !gp.gp->specialist) cells.Add(0, sign, 0);
  }
};

}  // namespace

const Measure& GpEnteredNotSpecialistMeasure() {
  static const GpEnteredNotSpecialist measure;
  return measure;
}

}  // namespace flosync
