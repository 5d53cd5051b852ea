// gp_stable_share: (doctor, municipality) pairs there at both ends of the year among those there at its end (C2–C4).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class GpStableShare : public Measure {
 public:
  GpStableShare() : Measure("gp_stable_share", MeasureKind::kPercent, {"all"}) {}
  bool windowed() const override { return true; }
  void CountPair(bool at_start, bool at_end, int sign, MeasureCells& cells) const override {
    if (at_end) cells.Add(0, at_start ? sign : 0, sign);
  }
};

}  // namespace

const Measure& GpStableShareMeasure() {
  static const GpStableShare measure;
  return measure;
}

}  // namespace flosync
