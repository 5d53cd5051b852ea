// grant_equalisation_gps (utjamningstilskudd): self-employed GPs in small municipalities with short lists (D10).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

constexpr int32_t kInhabitantsBelow = 5000;
constexpr int64_t kMeanListLengthBelow = 1200;

class GrantEqualisationGps : public Measure {
 public:
  GrantEqualisationGps() : Measure("grant_equalisation_gps", MeasureKind::kCount, {"all"}) {}
  void CountGp(const CountedGp& gp, const Definition& /*definition*/, int sign, MeasureCells& cells) const override {
    if (gp.equalisation) cells.Add(0, sign, 0);
  }
};

}  // namespace

bool EqualisationApplies(const MunicipalityFacts& municipality) {
  return municipality.population && *municipality.population < kInhabitantsBelow && municipality.lists_counted > 0 &&
         municipality.patients < kMeanListLengthBelow * municipality.lists_counted;
}

const Measure& GrantEqualisationGpsMeasure() {
  static const GrantEqualisationGps measure;
  return measure;
}

}  // namespace flosync
