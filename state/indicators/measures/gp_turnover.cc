// gp_turnover: (doctor, municipality) pairs gone since a year before among those there then (C2–C4).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class GpTurnover : public Measure {
 public:
  GpTurnover() : Measure("gp_turnover", MeasureKind::kPercent, {"all"}) {}
  bool windowed() const override { return true; }
  void CountPair(bool at_start, bool at_end, int sign, MeasureCells& cells) const override {
    if (at_start) cells.Add(0, at_end ? 0 : sign, sign);
  }
};

}  // namespace

const Measure& GpTurnoverMeasure() {
  static const GpTurnover measure;
  return measure;
}

}  // namespace flosync
