// gp_count: unique doctors who are GP, by sex and age (R10, R13, R14).
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

class GpCount : public Measure {
 public:
  std::string_view id() const override { return "gp_count"; }
  std::string_view definition() const override { return "gp-statistics/1.0"; }
  MeasureKind kind() const override { return MeasureKind::kCount; }
  const std::vector<std::string>& breakdowns() const override {
    static const std::vector<std::string> names = [] {
      std::vector<std::string> all;
      for (const Band& sex : kSexes) {
        for (const Band& age : kAges) all.push_back(std::string(sex.name) + "." + age.name);
      }
      return all;
    }();
    return names;
  }
  void CountDoctor(const GpFacts& gp, int sign, MeasureCells& cells) const override {
    int breakdown = 0;
    for (const Band& sex : kSexes) {
      for (const Band& age : kAges) {
        if (sex.contains(gp) && age.contains(gp)) cells.Add(breakdown, sign, 0);
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
