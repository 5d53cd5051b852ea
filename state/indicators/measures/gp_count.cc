// gp_count: GPs by sex and age (R10, R13, R14).
#include <array>

#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

using InBand = bool (*)(const GpFacts&);
bool Anyone(const GpFacts& /*gp*/) { return true; }
bool Male(const GpFacts& gp) { return gp.sex == Sex::kMale; }
bool Female(const GpFacts& gp) { return gp.sex == Sex::kFemale; }

struct Band {
  const char* name;
  InBand contains;
};
constexpr std::array<Band, 3> kSexes = {{{"all", Anyone}, {"female", Female}, {"male", Male}}};
constexpr std::array<Band, 5> kAges = {
    {{"40_60", From40To60}, {"all", Anyone}, {"ge67", From67}, {"gt60", Over60}, {"lt40", Under40}}};

std::vector<std::string> Breakdowns() {
  std::vector<std::string> names;
  for (const Band& sex : kSexes) {
    for (const Band& age : kAges) names.push_back(std::string(sex.name) + "." + age.name);
  }
  return names;
}

class GpCount : public Measure {
 public:
  GpCount() : Measure("gp_count", MeasureKind::kCount, Breakdowns()) {}
  void CountGp(const CountedGp& counted, const Definition& /*definition*/, int sign,
               MeasureCells& cells) const override {
    int breakdown = 0;
    for (const Band& sex : kSexes) {
      for (const Band& age : kAges) {
        if (sex.contains(*counted.gp) && age.contains(*counted.gp)) cells.Add(breakdown, sign, 0);
        ++breakdown;
      }
    }
  }
};

}  // namespace

const Measure& GpCountMeasure() {
  static const GpCount measure;
  return measure;
}

}  // namespace flosync
