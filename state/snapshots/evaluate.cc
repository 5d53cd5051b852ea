#include "state/snapshots/evaluate.h"

#include <map>

#include "state/register/stored_register.h"

namespace flosync {
namespace {

constexpr int kMonthsOfYear = 12;

// Who was there a year before d and who is there at d, by doctor and municipality; ambiguous and unknown ones are the
// same "none" (C3).
class Pairs {
 public:
  explicit Pairs(const AreaFrame& frame) : frame_(frame) {}

  void Add(const ListDescription& list) {
    if (list.now) {
      const Placement placement = frame_.Place(list.now->municipality);
      for (const GpFacts& gp : list.now->gps) At(gp.doctor, placement).at_end = true;
    }
    if (list.gps_before.empty()) return;
    const Placement placement = frame_.Place(list.municipality_before);
    for (const int32_t doctor : list.gps_before) At(doctor, placement).at_start = true;
  }

  void CountIn(CellTable& cells) const {
    for (const auto& [key, pair] : pairs_) cells.CountPair(key.first, pair.placement, pair.at_start, pair.at_end);
  }

 private:
  struct Pair {
    Placement placement;
    bool at_start = false;
    bool at_end = false;
  };

  Pair& At(int32_t doctor, const Placement& placement) {
    Pair& pair = pairs_[{doctor, placement.municipality}];
    pair.placement = placement;
    return pair;
  }

  const AreaFrame& frame_;
  std::map<std::pair<int32_t, int32_t>, Pair> pairs_;
};

}  // namespace

Perspective Perspective::AtDate(Day d, const Derivation& derivation) {
  return {Moment::AtDate(d, derivation.cutoff_delay),
          Moment::AtDate(d.PlusMonths(-kMonthsOfYear), derivation.cutoff_delay), derivation};
}

ListDescription DescribeList(const Register& reg, int64_t contract_id, const Perspective& from) {
  const std::vector<std::string>& counted = from.derivation.counted_relationships;
  ListDescription list;
  list.now = DeriveList(reg, contract_id, from.at, counted).facts;
  if (list.now) list.now->locums = DeriveLocums(reg, contract_id, from.at);
  if (const auto before = DeriveList(reg, contract_id, from.year_before, counted).facts) {
    list.municipality_before = before->municipality;
    for (const GpFacts& gp : before->gps) list.gps_before.push_back(gp.doctor);
  }
  return list;
}

void FillCells(const Register& reg, const Perspective& from, CellTable& cells) {
  Pairs pairs(cells.frame());
  for (const auto& [id, contract] : reg.contracts()) {
    ListDescription list = DescribeList(reg, id, from);
    pairs.Add(list);
    cells.SetList(id, std::move(list.now));
  }
  pairs.CountIn(cells);
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
