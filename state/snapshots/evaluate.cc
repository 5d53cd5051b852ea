#include "state/snapshots/evaluate.h"

#include <utility>

#include "state/register/stored_register.h"

namespace flosync {

Pairs FillCells(const Register& reg, const Perspective& from, CellTable& cells) {
  Pairs pairs;
  std::vector<ListFacts> lists;
  for (const auto& [id, contract] : reg.contracts()) {
    ListDescription list = DescribeList(reg, id, from);
    pairs.Set(id, list, cells);
    if (list.now) lists.push_back(*std::move(list.now));
  }
  cells.Fill(std::move(lists));
  return pairs;
}

std::vector<IndicatorRow> RowsOf(const CellTable& cells, Day d) {
  std::vector<IndicatorRow> rows;
  rows.reserve(static_cast<size_t>(cells.size()));
  for (int32_t i = 0; i < cells.size(); ++i) {
    if (cells.Exists(i)) rows.push_back(MakeRow(cells.AreaOf(i), cells.EntryOf(i), cells.Show(i, d)));
  }
  return rows;
}

absl::StatusOr<std::vector<IndicatorRow>> EvaluateAt(const View& view, const Geography& geography,
                                                     const EvaluationRequest& request) {
  const Day d = request.reference_date;
  const Definition& first = *request.definitions.front();
  const auto frame = geography.Frame(
      request.structure_date.value_or(first.structure_date.value_or(geography.StructureDateOf(d))), d.year());
  if (!frame.ok()) return frame.status();
  const auto reg = LoadKnownAt(view, request.known_at);
  if (!reg.ok()) return reg.status();
  const FigurePlan plan(request.definitions, true);
  CellTable cells(&*frame, &plan);
  FillCells(*reg, Perspective::AtDate(d, first.derivation), cells);
  return RowsOf(cells, d);
}

}  // namespace flosync
