// list_count: active lists, staffed, unstaffed, and unstaffed for over a year (D1, D2, R16).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class ListCount : public Measure {
 public:
  std::string_view id() const override { return "list_count"; }
  std::string_view definition() const override { return "gp-statistics/1.0"; }
  MeasureKind kind() const override { return MeasureKind::kCount; }
  const std::vector<std::string>& breakdowns() const override {
    static const std::vector<std::string> names = {"all", "staffed", "unstaffed", "unstaffed_over_1y"};
    return names;
  }
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    cells.Add(0, sign, 0);
    cells.Add(list.staffed() ? 1 : 2, sign, 0);
    if (list.unstaffed_over_1y) cells.Add(3, sign, 0);
  }
};

}  // namespace

const Measure& ListCountMeasure() {
  static const ListCount measure;
  return measure;
}

}  // namespace flosync
