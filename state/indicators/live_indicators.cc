#include "state/indicators/live_indicators.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "state/store/keys.h"

namespace flosync {
namespace {

// Durations grow by a day every day.
bool Daily(MeasureKind kind) { return kind == MeasureKind::kMeanYears || kind == MeasureKind::kMedianYears; }

}  // namespace

std::string FigureKey(const Area& area, const FigurePlan::Entry& entry) {
  return CellKey(static_cast<uint8_t>(area.level), area.code, entry.measure->id(), entry.breakdown_name(),
                 entry.definition->id);
}

Figure EmptyFigure(const FigurePlan::Entry& entry) { return ShowFigure(entry.kind(), {}, nullptr, Day()); }

Day LiveIndicators::StructureDate(Day d) const { return std::max(geography_->StructureDateOf(d), kFirstStructureDate); }

void LiveIndicators::UseTables(const Geography* geography) {
  geography_ = geography;
  tables_changed_ = true;
}

bool LiveIndicators::FrameChanges(const Moment& at) const {
  if (!frame_ || tables_changed_) return true;
  return at.d.year() != frame_->population_year() ||
         geography_->NextStructureChange(frame_->structure_date()) <= StructureDate(at.d);
}

void LiveIndicators::NewFrame(const Moment& at) {
  // The structure date is one that the tables cover, so there is always a frame.
  tables_changed_ = false;
  frame_ = std::make_unique<AreaFrame>(geography_->Frame(StructureDate(at.d), at.d.year()).value());
  if (cells_) cells_touched_before_ += cells_->cells_touched();
  cells_ = std::make_unique<CellTable>(frame_.get(), &plan_);
  told_.clear();
  daily_.clear();
  for (int32_t i = 0; i < cells_->size(); ++i) {
    told_.push_back(EmptyFigure(cells_->EntryOf(i)));
    if (Daily(cells_->EntryOf(i).kind()) && cells_->Exists(i)) daily_.push_back(i);
  }
}

void LiveIndicators::Start(const Moment& at, const absl::btree_map<std::string, Figure>& told) {
  moment_ = at;
  NewFrame(at);
  for (const auto& [id, contract] : register_->contracts()) Derive(id, 0);
  for (int32_t i = 0; i < cells_->size(); ++i) {
    const auto it = told.find(FigureKey(cells_->AreaOf(i), cells_->EntryOf(i)));
    if (it == told.end()) continue;
    told_[static_cast<size_t>(i)] = it->second;
    // Whatever the lists say now, the next Advance compares it with what was told.
    cells_->Touch(i);
  }
}

void LiveIndicators::MarkDirty(int64_t contract_id, const Position& cause) {
  Position& latest = dirty_[contract_id];
  latest = std::max(latest, cause);
}

void LiveIndicators::SetTimer(int64_t contract_id, Instant due) {
  const auto known = timer_of_.find(contract_id);
  const std::optional<Instant> was = known == timer_of_.end() ? std::nullopt : std::optional(known->second);
  const std::optional<Instant> now = due == Instant::Max() ? std::nullopt : std::optional(due);
  if (was == now) return;
  if (was) {
    timers_.erase({*was, contract_id});
    timer_of_.erase(contract_id);
  }
  if (now) {
    timers_.insert({*now, contract_id});
    timer_of_[contract_id] = *now;
  }
  timer_changes_.push_back({contract_id, was, now});
}

std::optional<Instant> LiveIndicators::NextTimer() const {
  return timers_.empty() ? std::nullopt : std::optional(timers_.begin()->first);
}

void LiveIndicators::Derive(int64_t contract_id, int32_t cause) {
  ++lists_derived_;
  DerivedList derived = DeriveList(*register_, contract_id, moment_, counted_relationships_);
  // Ages and municipality groups change on 1 January for every list (R9).
  const Instant new_year = StartOfDay(Day(moment_.d.year() + 1, 1, 1));
  SetTimer(contract_id, derived.facts ? std::min(derived.next_change, new_year) : derived.next_change);
  cells_->SetList(contract_id, std::move(derived.facts), cause);
}

std::optional<FigureChange> LiveIndicators::Tell(int32_t index) {
  if (!cells_->Exists(index)) return std::nullopt;
  Figure now = cells_->Show(index, moment_.d);
  Figure& told = told_[static_cast<size_t>(index)];
  if (now == told) return std::nullopt;
  FigureChange change{cells_->AreaOf(index), cells_->EntryOf(index), std::exchange(told, now), now, std::nullopt};
  return change;
}

std::vector<FigureChange> LiveIndicators::CountAnew(const Moment& at) {
  // By area, then entry of the plan: canonical order.
  std::map<std::tuple<Level, std::string, int32_t>, FigureChange> figures;
  const auto per_area = static_cast<int32_t>(plan_.entries().size());
  const auto gather = [&](bool after) {
    for (int32_t i = 0; cells_ && i < cells_->size(); ++i) {
      if (!cells_->Exists(i)) continue;
      const Area& area = cells_->AreaOf(i);
      FigureChange& figure = figures[{area.level, area.code, i % per_area}];
      figure.area = area;
      figure.entry = cells_->EntryOf(i);
      (after ? figure.after : figure.before) = told_[static_cast<size_t>(i)];
    }
  };
  gather(false);
  moment_ = at;
  NewFrame(at);
  for (const auto& [id, contract] : register_->contracts()) Derive(id, 0);
  (void)cells_->TakeTouched();
  for (int32_t i = 0; i < cells_->size(); ++i) (void)Tell(i);
  gather(true);
  std::vector<FigureChange> changes;
  for (auto& [key, figure] : figures) {
    if (figure.before != figure.after) changes.push_back(std::move(figure));
  }
  return changes;
}

std::vector<FigureChange> LiveIndicators::Advance(const Moment& at) {
  if (FrameChanges(at)) {
    dirty_.clear();
    return CountAnew(at);
  }
  if (at.d != moment_.d) {
    for (const int32_t index : daily_) cells_->Touch(index);
  }
  moment_ = at;
  std::vector<std::optional<Position>> causes = {std::nullopt};
  std::vector<int64_t> due;
  for (auto it = timers_.begin(); it != timers_.end() && it->first <= at.t; ++it) {
    if (!dirty_.contains(it->second)) due.push_back(it->second);
  }
  for (const int64_t contract_id : due) Derive(contract_id, 0);
  for (const auto& [contract_id, cause] : dirty_) {
    causes.emplace_back(cause);
    Derive(contract_id, static_cast<int32_t>(causes.size()) - 1);
  }
  dirty_.clear();
  std::vector<FigureChange> changes;
  for (const CellTable::Touched& touched : cells_->TakeTouched()) {
    auto change = Tell(touched.index);
    if (!change) continue;
    change->cause = causes[static_cast<size_t>(touched.cause)];
    changes.push_back(*std::move(change));
  }
  return changes;
}

}  // namespace flosync
