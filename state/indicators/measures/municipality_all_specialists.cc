// municipality_all_specialists: municipalities with GPs, all of whom are specialists (D8).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class MunicipalityAllSpecialists : public Measure {
 public:
  MunicipalityAllSpecialists() : Measure("municipality_all_specialists", MeasureKind::kCount, {"all"}) {}
  bool ExistsAt(Level level, int /*breakdown*/) const override { return level != Level::kMunicipality; }
  void CountMunicipality(const MunicipalityFacts& municipality, int sign, MeasureCells& cells) const override {
    if (municipality.agreements > 0 && municipality.agreements == municipality.specialist_agreements) {
      cells.Add(0, sign, 0);
    }
  }
};

}  // namespace

const Measure& MunicipalityAllSpecialistsMeasure() {
  static const MunicipalityAllSpecialists measure;
  return measure;
}

}  // namespace flosync
