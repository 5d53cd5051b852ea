// contract_duration_mean: how long the agreements of R10 have lasted without a gap, on average (D6).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class ContractDurationMean : public Measure {
 public:
  ContractDurationMean() : Measure("contract_duration_mean", MeasureKind::kMeanYears, {"all"}) {}
  void CountAgreement(const GpFacts& gp, int sign, MeasureCells& cells) const override {
    cells.Add(0, -sign * int64_t{gp.began.epoch_days()}, sign);
  }
};

}  // namespace

const Measure& ContractDurationMeanMeasure() {
  static const ContractDurationMean measure;
  return measure;
}

}  // namespace flosync
