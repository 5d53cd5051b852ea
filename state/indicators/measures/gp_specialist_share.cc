// gp_specialist_share: specialists among GPs, by age band; counts agreements (R11, R13, R14).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class GpSpecialistShare : public Measure {
 public:
  std::string_view id() const override { return "gp_specialist_share"; }
  std::string_view definition() const override { return "nki-gp-specialist/3.0"; }
  MeasureKind kind() const override { return MeasureKind::kPercent; }
  const std::vector<std::string>& breakdowns() const override {
    static const std::vector<std::string> names = {"40_60", "all", "gt60", "lt40"};
    return names;
  }
  void CountAgreement(const ListFacts& /*list*/, const GpFacts& gp, int sign, MeasureCells& cells) const override {
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
