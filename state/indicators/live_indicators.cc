#include "state/indicators/live_indicators.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "state/store/keys.h"

namespace flosync {
namespace {

std::string KeyOf(const Area& area, const Measure& measure, int32_t breakdown) {
  return CellKey(static_cast<uint8_t>(area.level), area.code, measure.id(),
                 measure.breakdowns()[static_cast<size_t>(breakdown)]);
}

}  // namespace

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
  cells_ = std::make_unique<CellTable>(frame_.get());
}

void LiveIndicators::Start(const Moment& at, const absl::btree_map<std::string, Cell>& told) {
  moment_ = at;
  NewFrame(at);
  for (const auto& [id, contract] : register_->contracts()) Derive(id, 0);
  (void)cells_->TakeChanges();
  for (int32_t i = 0; i < cells_->size(); ++i) {
    const CellAddress address = cells_->AddressOf(i);
    const auto it =
        told.find(KeyOf(frame_->areas()[static_cast<size_t>(address.area)], *address.measure, address.breakdown));
    const Cell was = it == told.end() ? Cell{} : it->second;
    if (!(was == cells_->at(i))) cells_->ExpectChange(i, was);
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
  DerivedList derived = DeriveList(*register_, contract_id, moment_);
  // Ages and municipality groups change on 1 January for every list (R9).
  const Instant new_year = StartOfDay(Day(moment_.d.year() + 1, 1, 1));
  SetTimer(contract_id, derived.facts ? std::min(derived.next_change, new_year) : derived.next_change);
  cells_->SetList(contract_id, std::move(derived.facts), cause);
}

std::vector<FigureChange> LiveIndicators::CountAnew(const Moment& at) {
  using Key = std::tuple<Level, std::string, std::string, int32_t>;
  std::map<Key, FigureChange> figures;
  const auto gather = [&](bool after) {
    for (int32_t i = 0; cells_ && i < cells_->size(); ++i) {
      const CellAddress address = cells_->AddressOf(i);
      const Area& area = frame_->areas()[static_cast<size_t>(address.area)];
      FigureChange& figure = figures[{area.level, area.code, std::string(address.measure->id()), address.breakdown}];
      figure.area = area;
      figure.measure = address.measure;
      figure.breakdown = address.breakdown;
      (after ? figure.after : figure.before) = cells_->at(i);
    }
  };
  gather(false);
  moment_ = at;
  NewFrame(at);
  for (const auto& [id, contract] : register_->contracts()) Derive(id, 0);
  (void)cells_->TakeChanges();
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
  for (const CellChange& change : cells_->TakeChanges()) {
    changes.push_back({frame_->areas()[static_cast<size_t>(change.address.area)], change.address.measure,
                       change.address.breakdown, change.before, change.after,
                       causes[static_cast<size_t>(change.cause)]});
  }
  return changes;
}

}  // namespace flosync
