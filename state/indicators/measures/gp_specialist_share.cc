// gp_specialist_share: specialists among GPs, by age band (R11, R13, R14).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class GpSpecialistShare : public Measure {
 public:
  GpSpecialistShare() : Measure("gp_specialist_share", MeasureKind::kPercent, {"40_60", "all", "gt60", "lt40"}) {}
  void CountGp(const CountedGp& counted, const Definition& /*definition*/, int sign,
               MeasureCells& cells) const override {
    const GpFacts& gp = *counted.gp;
    const int64_t specialist = gp.specialist ? sign : 0;
    if (From40To60(gp)) cells.Add(0, specialist, sign);
    cells.Add(1, specialist, sign);
    if (Over60(gp)) cells.Add(2, specialist, sign);
    if (Under40(gp)) cells.Add(3, specialist, sign);
  }
};

}  // namespace

const Measure& GpSpecialistShareMeasure() {
  static const GpSpecialistShare measure;
  return measure;
}

}  // namespace flosync
