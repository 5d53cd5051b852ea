// list_free_places_per_100: free places on staffed lists to 100 patients on all lists, and its median over
// municipalities (D5).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

constexpr int kMunicipalityMedian = 0;
constexpr int kStaffed = 1;

class ListFreePlacesPer100 : public Measure {
 public:
  ListFreePlacesPer100()
      : Measure("list_free_places_per_100", MeasureKind::kPer100, {"municipality_median", "staffed"}) {}
  MeasureKind kind(int breakdown) const override {
    return breakdown == kMunicipalityMedian ? MeasureKind::kMedianPer100 : MeasureKind::kPer100;
  }
  bool ExistsAt(Level level, int breakdown) const override {
    return breakdown != kMunicipalityMedian || level == Level::kMunicipalityGroup;
  }
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    cells.Add(kStaffed, list.staffed() ? sign * list.free_places() : 0, sign * int64_t{list.patients.value_or(0)});
  }
  void CountMunicipality(const MunicipalityFacts& municipality, int sign, MeasureCells& cells) const override {
    if (municipality.patients <= 0) return;
    cells.Observe(kMunicipalityMedian, {municipality.free_places * 100, municipality.patients}, sign);
  }
};

}  // namespace

const Measure& ListFreePlacesPer100Measure() {
  static const ListFreePlacesPer100 measure;
  return measure;
}

}  // namespace flosync
