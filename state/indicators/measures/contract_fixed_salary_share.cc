// contract_fixed_salary_share: lists whose contract has a fixed salary, among all and among staffed ones.
#include "state/indicators/measures/all.h"

namespace flosync {
namespace {

class ContractFixedSalaryShare : public Measure {
 public:
  ContractFixedSalaryShare() : Measure("contract_fixed_salary_share", MeasureKind::kPercent, {"all", "staffed"}) {}
  void CountList(const ListFacts& list, int sign, MeasureCells& cells) const override {
    const int64_t fixed = list.fixed_salary ? sign : 0;
    cells.Add(0, fixed, sign);
    if (list.staffed()) cells.Add(1, fixed, sign);
  }
};

}  // namespace

const Measure& ContractFixedSalaryShareMeasure() {
  static const ContractFixedSalaryShare measure;
  return measure;
}

}  // namespace flosync
