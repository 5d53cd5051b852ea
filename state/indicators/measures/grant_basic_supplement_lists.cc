// grant_basic_supplement_lists (grunntilskudd): self-employed, staffed, few patients, room for more, a young agreement
// (D9).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

// Fewer patients than this on a list with at least as many places.
constexpr int32_t kPatientsOrPlaces = 500;

class GrantBasicSupplementLists : public Measure {
 public:
  GrantBasicSupplementLists() : Measure("grant_basic_supplement_lists", MeasureKind::kCount, {"all"}) {}
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    if (list.fixed_salary || !list.young_agreement || !list.patients || !list.list_cap) return;
    if (*list.patients < kPatientsOrPlaces && *list.list_cap >= kPatientsOrPlaces) cells.Add(0, sign, 0);
  }
};

}  // namespace

const Measure& GrantBasicSupplementListsMeasure() {
  static const GrantBasicSupplementLists measure;
  return measure;
}

}  // namespace flosync
