#include "state/snapshots/explain.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "domain/text.h"
#include "state/geography/stored_tables.h"
#include "state/register/late_records.h"
#include "state/register/reach.h"
#include "state/register/stored_register.h"
#include "state/snapshots/evaluate.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

// A register and the explanation drawn from it.
struct Looked {
  Register reg;
  Explanation explanation;
};

// What one contributor added, taken together: the counting adds and takes back as lists come in.
struct Sum {
  Cell cell;
  std::map<Ratio, int64_t> observed;
};

std::string IdOf(const Contribution& contribution, const AreaFrame& frame) {
  switch (contribution.of) {
    case Contribution::Of::kList:
      return FormatEntity({EntityKind::kContract, contribution.id});
    case Contribution::Of::kDoctor:
      return FormatEntity({EntityKind::kPerson, contribution.id});
    case Contribution::Of::kMunicipality:
      break;
  }
  return Join("municipality:", frame.areas()[static_cast<size_t>(contribution.id)].code);
}

// An observation as its median would be displayed if it were the only one.
std::string ShowObservation(MeasureKind kind, Ratio value, Day d) {
  Observations one;
  one.Add(value);
  return ShowFigure(kind, {}, &one, d).value;
}

std::vector<Contributor> SumUp(const std::vector<Contribution>& contributions, const AreaFrame& frame, MeasureKind kind,
                               Day d) {
  std::map<std::pair<Contribution::Of, int64_t>, Sum> sums;
  std::map<std::pair<Contribution::Of, int64_t>, std::string> ids;
  for (const Contribution& c : contributions) {
    const auto key = std::pair(c.of, c.id);
    Sum& sum = sums[key];
    ids.try_emplace(key, IdOf(c, frame));
    if (c.observed) {
      sum.observed[*c.observed] += c.added.denominator;
    } else {
      sum.cell.numerator += c.added.numerator;
      sum.cell.denominator += c.added.denominator;
    }
  }
  std::vector<Contributor> contributors;
  for (const auto& [key, sum] : sums) {
    Contributor contributor{key.first, ids[key], 0, 0, {}};
    const Figure shown = ShowFigure(kind, sum.cell, nullptr, d);
    contributor.numerator = shown.numerator.value_or(0);
    contributor.denominator = sum.cell.denominator;
    for (const auto& [value, times] : sum.observed) {
      contributor.observed.insert(contributor.observed.end(), static_cast<size_t>(std::max<int64_t>(times, 0)),
                                  ShowObservation(kind, value, d));
    }
    if (sum.cell == Cell{} && contributor.observed.empty()) continue;
    contributors.push_back(std::move(contributor));
  }
  return contributors;
}

absl::StatusOr<int32_t> IndexOf(const CellTable& cells, const FigureAddress& figure) {
  for (int32_t i = 0; i < cells.size(); ++i) {
    const Area& area = cells.AreaOf(i);
    const FigurePlan::Entry& entry = cells.EntryOf(i);
    if (area.level == figure.level && area.code == figure.area_code && entry.measure->id() == figure.measure &&
        entry.breakdown_name() == figure.breakdown && cells.Exists(i)) {
      return i;
    }
  }
  return absl::NotFoundError(Join("there is no figure ", figure.measure, " ", figure.breakdown, " of ",
                                  LevelName(figure.level), " ", figure.area_code, " at that reference date under ",
                                  figure.definition->id, "; read the snapshot to see which there are"));
}

absl::StatusOr<Looked> Look(const View& view, const Geography& geography, const FigureAddress& figure,
                            const SnapshotHeader& snapshot) {
  const Day d = snapshot.reference_date;
  const Geography* tables = &geography;
  std::unique_ptr<const Geography> vintage;
  if (snapshot.reference_tables_hash != geography.tables_hash()) {
    auto loaded = LoadVintage(view, snapshot.reference_tables_hash);
    if (!loaded.ok()) return loaded.status();
    vintage = *std::move(loaded);
    tables = vintage.get();
  }
  const auto frame = tables->Frame(snapshot.structure_date, d.year());
  if (!frame.ok()) return frame.status();
  auto reg = LoadKnownAt(view, snapshot.known_at);
  if (!reg.ok()) return reg.status();
  const FigurePlan plan({figure.definition}, true);
  CellTable cells(&*frame, &plan);
  const auto index = IndexOf(cells, figure);
  if (!index.ok()) return index.status();
  std::vector<Contribution> contributions;
  cells.Trace(*index, &contributions);
  FillCells(*reg, Perspective::AtDate(d, figure.definition->derivation), cells);
  Looked looked{*std::move(reg), {}};
  const FigurePlan::Entry& entry = cells.EntryOf(*index);
  looked.explanation.row = MakeRow(cells.AreaOf(*index), entry, cells.Show(*index, d));
  looked.explanation.contributors = SumUp(contributions, *frame, entry.kind(), d);
  return looked;
}

int64_t NumberIn(std::string_view id) { return ParseNumber<int64_t>(id.substr(id.find(':') + 1)).value_or(0); }

// Adds the list and everything it is made of.
void AddList(const Register& reg, int64_t contract_id, std::set<EntityId>& entities) {
  entities.insert({EntityKind::kContract, contract_id});
  entities.insert({EntityKind::kPatientCount, contract_id});
  for (const int64_t id : reg.DoctorPeriodsOf(contract_id)) {
    entities.insert({EntityKind::kDoctorPeriod, id});
    for (const int32_t number : reg.NumbersAhead(reg.FindDoctorPeriod(id)->latest.hpr_number)) {
      entities.insert({EntityKind::kPerson, number});
    }
  }
}

// Adds the doctor, the numbers that lead to it, its periods and their contracts.
void AddDoctor(const Register& reg, int32_t number, std::set<EntityId>& entities) {
  for (const int32_t leading : reg.NumbersLeadingTo(number)) {
    entities.insert({EntityKind::kPerson, leading});
    for (const int64_t id : reg.DoctorPeriodsOfNumber(leading)) {
      entities.insert({EntityKind::kDoctorPeriod, id});
      entities.insert({EntityKind::kContract, reg.FindDoctorPeriod(id)->latest.contract_id});
    }
  }
}

// What the contributor depends on. A municipality's sums depend on all its lists; those are explained one by one by the
// municipality's own figures, so only it is named.
std::set<EntityId> DependsOn(const Contributor& contributor, const Register& before, const Register& after) {
  std::set<EntityId> entities;
  for (const Register* reg : {&before, &after}) {
    if (contributor.of == Contribution::Of::kList) AddList(*reg, NumberIn(contributor.id), entities);
    if (contributor.of == Contribution::Of::kDoctor) {
      AddDoctor(*reg, static_cast<int32_t>(NumberIn(contributor.id)), entities);
    }
  }
  return entities;
}

// What of the past is asked for: records known in [from, to) that figures of `last` or an earlier date can see.
struct Span {
  Instant from;
  Instant to;
  Day last;
};

absl::Status AddRecords(const View& view, const EntityId& entity, const Span& span,
                        std::vector<ExplainingRecord>& records) {
  const auto history = ReadHistory(view, entity, span.to);
  if (!history.ok()) return history.status();
  const auto late = LateRecords::Load(view, EntityKey(entity));
  if (!late.ok()) return late.status();
  EntityState state = EmptyState(entity.kind);
  for (const PositionedChange& record : *history) {
    const EntityState before = state;
    (void)FoldNext(state, record);
    if (late->KnownFrom(entity, record.position) < span.from || FirstDateReached(before, state) > span.last) continue;
    records.push_back({FormatEntity(entity), record.position});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ExplainingRecord>> RecordsBetween(const View& view, const std::set<EntityId>& entities,
                                                             const Span& span) {
  std::vector<ExplainingRecord> records;
  for (const EntityId& entity : entities) {
    if (absl::Status added = AddRecords(view, entity, span, records); !added.ok()) return added;
  }
  std::ranges::sort(records, {}, &ExplainingRecord::position);
  if (records.size() > kMaxExplainingRecords) records.resize(kMaxExplainingRecords);
  return records;
}

// Contributors of both, side by side, where they differ.
std::vector<ContributorChange> Differences(const Explanation& before, const Explanation& after) {
  std::map<std::pair<Contribution::Of, std::string>, ContributorChange> by_id;
  for (const Contributor& c : before.contributors) by_id[{c.of, c.id}].before = c;
  for (const Contributor& c : after.contributors) by_id[{c.of, c.id}].after = c;
  std::vector<ContributorChange> changes;
  for (auto& [id, change] : by_id) {
    if (change.before != change.after) changes.push_back(std::move(change));
  }
  return changes;
}

}  // namespace

absl::StatusOr<Explanation> ExplainFigure(const View& view, const Geography& geography, const FigureAddress& figure,
                                          const SnapshotHeader& snapshot) {
  auto looked = Look(view, geography, figure, snapshot);
  if (!looked.ok()) return looked.status();
  return std::move(looked->explanation);
}

absl::StatusOr<ChangeExplanation> ExplainChange(const View& view, const Geography& geography,
                                                const FigureAddress& figure, const SnapshotHeader& before,
                                                const SnapshotHeader& after) {
  const auto was = Look(view, geography, figure, before);
  if (!was.ok()) return was.status();
  const auto is = Look(view, geography, figure, after);
  if (!is.ok()) return is.status();
  ChangeExplanation explained{was->explanation.row, is->explanation.row,
                              Differences(was->explanation, is->explanation)};
  const Span span{std::min(before.known_at, after.known_at), std::max(before.known_at, after.known_at),
                  std::max(before.reference_date, after.reference_date)};
  for (ContributorChange& change : explained.changes) {
    const Contributor& contributor = change.after ? *change.after : *change.before;
    auto records = RecordsBetween(view, DependsOn(contributor, was->reg, is->reg), span);
    if (!records.ok()) return records.status();
    change.records = *std::move(records);
  }
  return explained;
}

}  // namespace flosync
