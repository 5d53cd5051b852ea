// locum_list_share: lists that had one, two, three or more, or any substitutes in the quarter before d (D11).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

std::vector<std::string> LocumBreakdowns() {
  std::vector<std::string> names;
  for (const char* state : {"staffed", "unstaffed"}) {
    for (const char* substitutes : {"1", "2", "any", "ge3"}) names.push_back(std::string(state) + "." + substitutes);
  }
  return names;
}

class LocumListShare : public Measure {
 public:
  LocumListShare() : Measure("locum_list_share", MeasureKind::kPercent, LocumBreakdowns()) {}
  bool windowed() const override { return true; }
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    if (!list.locums) return;
    const int first = list.staffed() ? 0 : 4;
    const int different = list.locums->different_in_quarter;
    const auto count = [&](int breakdown, bool holds) { cells.Add(first + breakdown, holds ? sign : 0, sign); };
    count(0, different == 1);
    count(1, different == 2);
    count(2, different >= 1);
    count(3, different >= 3);
  }
};

}  // namespace

const Measure& LocumListShareMeasure() {
  static const LocumListShare measure;
  return measure;
}

}  // namespace flosync
