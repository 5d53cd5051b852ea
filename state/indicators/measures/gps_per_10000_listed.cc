// gps_per_10000_listed: GPs to 10 000 patients on all lists (R10, R14).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class GpsPer10000Listed : public Measure {
 public:
  GpsPer10000Listed() : Measure("gps_per_10000_listed", MeasureKind::kPer10000, {"all"}) {}
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    cells.Add(0, 0, sign * int64_t{list.patients.value_or(0)});
  }
  void CountGp(const CountedGp& /*gp*/, const Definition& /*definition*/, int sign,
               MeasureCells& cells) const override {
    cells.Add(0, sign, 0);
  }
};

}  // namespace

const Measure& GpsPer10000ListedMeasure() {
  static const GpsPer10000Listed measure;
  return measure;
}

}  // namespace flosync
