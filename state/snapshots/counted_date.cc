#include "state/snapshots/counted_date.h"

#include <utility>

#include "state/snapshots/evaluate.h"

namespace flosync {

CountedDate::CountedDate(Day d, AreaFrame frame, std::vector<const Definition*> definitions,
                         const Derivation& derivation)
    : d_(d),
      frame_(std::move(frame)),
      plan_(std::move(definitions), true),
      from_(Perspective::AtDate(d, derivation)),
      cells_(&frame_, &plan_) {}

void CountedDate::CountAll(const Register& reg) {
  for (const auto& [id, contract] : reg.contracts()) CountList(reg, id);
  static_cast<void>(TakeTouched());
}

void CountedDate::CountList(const Register& reg, int64_t contract_id) {
  ListDescription list = DescribeList(reg, contract_id, from_);
  pairs_.Set(contract_id, list, cells_);
  cells_.SetList(contract_id, std::move(list.now));
}

std::vector<IndicatorRow> CountedDate::Rows() const { return RowsOf(cells_, d_); }

}  // namespace flosync
