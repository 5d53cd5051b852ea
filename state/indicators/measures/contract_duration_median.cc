// contract_duration_median: how long the agreements of R10 have lasted without a gap, in the middle (D6, R17).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class ContractDurationMedian : public Measure {
 public:
  ContractDurationMedian() : Measure("contract_duration_median", MeasureKind::kMedianYears, {"all"}) {}
  void CountAgreement(const GpFacts& gp, int sign, MeasureCells& cells) const override {
    cells.Observe(0, {gp.began.epoch_days(), 1}, sign);
  }
};

}  // namespace

const Measure& ContractDurationMedianMeasure() {
  static const ContractDurationMedian measure;
  return measure;
}

}  // namespace flosync
