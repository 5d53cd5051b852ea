#include "state/snapshots/evaluate.h"

#include "state/indicators/cell_table.h"
#include "state/register/stored_register.h"
#include "state/snapshots/schedule.h"

namespace flosync {

std::vector<IndicatorRow> EvaluateRows(const Register& reg, const AreaFrame& frame, const Moment& at) {
  CellTable cells(&frame);
  for (const auto& [id, contract] : reg.contracts()) cells.SetList(id, DeriveList(reg, id, at).facts);
  std::vector<IndicatorRow> rows;
  rows.reserve(static_cast<size_t>(cells.size()));
  for (int32_t i = 0; i < cells.size(); ++i) {
    const CellAddress address = cells.AddressOf(i);
    rows.push_back(
        MakeRow(frame.areas()[static_cast<size_t>(address.area)], *address.measure, address.breakdown, cells.at(i)));
  }
  return rows;
}

absl::StatusOr<std::vector<IndicatorRow>> EvaluateAt(const View& view, const Geography& geography, Day d,
                                                     Instant known_at) {
  const auto frame = geography.Frame(geography.StructureDateOf(d), d.year());
  if (!frame.ok()) return frame.status();
  const auto reg = LoadKnownAt(view, known_at);
  if (!reg.ok()) return reg.status();
  return EvaluateRows(*reg, *frame, Moment::AtDate(d, kCutoffDelay));
}

}  // namespace flosync
