// list_unstaffed_share: unstaffed lists among all lists (D1, D2).
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class ListUnstaffedShare : public Measure {
 public:
  std::string_view id() const override { return "list_unstaffed_share"; }
  std::string_view definition() const override { return "gp-statistics/1.0"; }
  MeasureKind kind() const override { return MeasureKind::kPercent; }
  const std::vector<std::string>& breakdowns() const override {
    static const std::vector<std::string> names = {"all"};
    return names;
  }
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    cells.Add(0, list.staffed() ? 0 : sign, sign);
  }
};

}  // namespace

const Measure& ListUnstaffedShareMeasure() {
  static const ListUnstaffedShare measure;
  return measure;
}

}  // namespace flosync
