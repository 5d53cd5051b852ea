// gps_per_10000_listed: unique doctors who are GP, to 10 000 patients on all lists (R10, R14).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class GpsPer10000Listed : public Measure {
 public:
  std::string_view id() const override { return "gps_per_10000_listed"; }
  std::string_view definition() const override { return "gp-statistics/1.0"; }
  MeasureKind kind() const override { return MeasureKind::kPer10000; }
  const std::vector<std::string>& breakdowns() const override {
    static const std::vector<std::string> names = {"all"};
    return names;
  }
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    cells.Add(0, 0, sign * int64_t{list.patients.value_or(0)});
  }
  void CountDoctor(const GpFacts& /*gp*/, int sign, MeasureCells& cells) const override { cells.Add(0, sign, 0); }
};

}  // namespace

const Measure& GpsPer10000ListedMeasure() {
  static const GpsPer10000Listed measure;
  return measure;
}

}  // namespace flosync
