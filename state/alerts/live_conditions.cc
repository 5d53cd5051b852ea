#include "state/alerts/live_conditions.h"

#include <algorithm>
#include <set>

#include "domain/text.h"

namespace flosync {
namespace {

Day StructureDate(const Geography& geography, Day d) {
  return std::max(geography.StructureDateOf(d), kFirstStructureDate);
}

// The structure date is one that the tables cover, so there is always a frame.
AreaFrame FrameOf(const Geography& geography, Day d) {
  return geography.Frame(StructureDate(geography, d), d.year()).value();
}

// Inhabitants by municipality; one of whom no number is known is left out (G3).
std::map<std::string, int32_t> PopulationOf(const Geography& geography, Day d) {
  std::map<std::string, int32_t> population;
  for (const auto& municipality : geography.MunicipalitiesAt(StructureDate(geography, d), d.year())) {
    if (municipality.population > 0) population[municipality.number] = municipality.population;
  }
  return population;
}

// Contracts known or named by doctor periods.
std::set<int64_t> ContractIds(const Register& reg) {
  std::set<int64_t> ids;
  for (const auto& [id, contract] : reg.contracts()) ids.insert(ids.end(), id);
  for (const auto& [id, period] : reg.doctor_periods()) {
    if (period.known) ids.insert(period.latest.contract_id);
  }
  return ids;
}

std::optional<int32_t> Find(const std::map<std::string, int32_t>& population, const std::string& number) {
  const auto it = population.find(number);
  return it == population.end() ? std::nullopt : std::optional(it->second);
}

ConditionUnit MunicipalityUnit(const std::string& number) {
  return {ConditionUnit::Kind::kMunicipality, ParseNumber<int64_t>(number).value_or(0)};
}

// The later of two causes; the clock is earlier than any record.
std::optional<Position> Later(const std::optional<Position>& a, const std::optional<Position>& b) {
  return std::max(a, b);
}

}  // namespace

bool LiveConditions::FrameChanges(const Moment& at) const {
  return at.d.year() != frame_->population_year() ||
         geography_->NextStructureChange(frame_->structure_date()) <= StructureDate(*geography_, at.d);
}

void LiveConditions::Start(const Moment& at) { DeriveAll(at); }

void LiveConditions::DeriveAll(const Moment& at) {
  moment_ = at;
  frame_ = std::make_unique<AreaFrame>(FrameOf(*geography_, at.d));
  population_ = PopulationOf(*geography_, at.d);
  for (const auto& [key, by_unit] : raised_) Touch(key, std::nullopt);
  raised_.clear();
  raised_by_.clear();
  share_of_.clear();
  totals_.clear();
  timers_.Clear();
  dirty_.clear();
  for (const int64_t id : ContractIds(*register_)) Derive({ConditionUnit::Kind::kList, id}, std::nullopt);
  for (const int32_t number : register_->AliasNumbers()) Derive({ConditionUnit::Kind::kPerson, number}, std::nullopt);
}

void LiveConditions::MarkUnit(const ConditionUnit& unit, const Position& cause) {
  Position& latest = dirty_[unit];
  latest = std::max(latest, cause);
}

void LiveConditions::MarkDirty(const EntityId& entity, const EntityState& before, const EntityState& after,
                               const Position& cause) {
  if (!started()) return;
  switch (entity.kind) {
    case EntityKind::kContract:
    case EntityKind::kPatientCount:
      return MarkUnit({ConditionUnit::Kind::kList, entity.id}, cause);
    case EntityKind::kDoctorPeriod:
      for (const EntityState* state : {&before, &after}) {
        const auto& period = std::get<DoctorPeriodState>(*state);
        if (period.known) MarkUnit({ConditionUnit::Kind::kList, period.latest.contract_id}, cause);
      }
      return;
    case EntityKind::kPerson:
      return MarkPerson(static_cast<int32_t>(entity.id), std::get<PersonState>(before), std::get<PersonState>(after),
                        cause);
  }
}

void LiveConditions::MarkPerson(int32_t number, const PersonState& before, const PersonState& after,
                                const Position& cause) {
  if (before.DerivesTheSame(after)) return;
  const bool alias_changed =
      before.AliasTarget() != after.AliasTarget() || before.presence.absences != after.presence.absences;
  // Whoever leads to this number counts under what it is or leads to; its own alias does not change who leads to it.
  for (const int32_t leading : register_->NumbersLeadingTo(number)) {
    if (alias_changed) MarkUnit({ConditionUnit::Kind::kPerson, leading}, cause);
    for (const int64_t id : register_->DoctorPeriodsOfNumber(leading)) {
      MarkUnit({ConditionUnit::Kind::kList, register_->FindDoctorPeriod(id)->latest.contract_id}, cause);
    }
  }
}

void LiveConditions::Derive(const ConditionUnit& unit, const std::optional<Position>& cause) {
  ++units_derived_;
  const bool list = unit.kind == ConditionUnit::Kind::kList;
  UnitConditions derived = list ? DeriveListConditions(*register_, *frame_, unit.id, moment_)
                                : DerivePersonConditions(*register_, static_cast<int32_t>(unit.id), moment_);
  timers_.Set(unit, derived.next_change);
  SetConditions(unit, std::move(derived.conditions), cause);
  if (list) SetShare(unit.id, std::move(derived.share), cause);
}

void LiveConditions::SetShare(int64_t contract_id, std::optional<ListShare> share,
                              const std::optional<Position>& cause) {
  const auto change = [&](const ListShare& of, int32_t times) {
    totals_[of.municipality].Add(of, times);
    std::optional<Position>& known = dirty_municipalities_[of.municipality];
    known = Later(known, cause);
  };
  const auto known = share_of_.find(contract_id);
  if (known != share_of_.end()) {
    change(known->second, -1);
    share_of_.erase(known);
  }
  if (!share) return;
  change(*share, 1);
  share_of_[contract_id] = *std::move(share);
}

void LiveConditions::DeriveMunicipalities() {
  for (const auto& [number, cause] : dirty_municipalities_) {
    ++units_derived_;
    SetConditions(MunicipalityUnit(number), MunicipalityConditions(number, totals_[number], Find(population_, number)),
                  cause);
  }
  dirty_municipalities_.clear();
}

void LiveConditions::SetConditions(const ConditionUnit& unit, std::vector<Condition> conditions,
                                   const std::optional<Position>& cause) {
  if (const auto was = raised_by_.find(unit); was != raised_by_.end()) {
    for (const ConditionKey& key : was->second) {
      Touch(key, cause);
      const auto raised = raised_.find(key);
      raised->second.erase(unit);
      if (raised->second.empty()) raised_.erase(raised);
    }
    raised_by_.erase(was);
  }
  if (conditions.empty()) return;
  std::vector<ConditionKey>& keys = raised_by_[unit];
  for (Condition& condition : conditions) {
    Touch(condition.key, cause);
    keys.push_back(condition.key);
    raised_[condition.key][unit] = std::move(condition);
  }
}

void LiveConditions::Touch(const ConditionKey& key, const std::optional<Position>& cause) {
  std::optional<Position>& known = touched_[key];
  known = Later(known, cause);
}

std::optional<Condition> LiveConditions::United(const ConditionKey& key) const {
  const auto raised = raised_.find(key);
  if (raised == raised_.end()) return std::nullopt;
  std::optional<Condition> united;
  for (const auto& [unit, condition] : raised->second) {
    if (united) {
      Unite(*united, condition);
    } else {
      united = condition;
    }
  }
  return united;
}

std::vector<ConditionChange> LiveConditions::Advance(const Moment& at) {
  if (FrameChanges(at)) {
    DeriveAll(at);
  } else {
    moment_ = at;
    std::map<ConditionUnit, std::optional<Position>> due(dirty_.begin(), dirty_.end());
    timers_.EachDue(at.t, [&due](const ConditionUnit& unit) { due.try_emplace(unit); });
    dirty_.clear();
    for (const auto& [unit, cause] : due) Derive(unit, cause);
  }
  DeriveMunicipalities();
  std::vector<ConditionChange> changes;
  for (const auto& [key, cause] : touched_) changes.push_back({key, United(key), cause});
  touched_.clear();
  return changes;
}

std::map<ConditionKey, Condition> ConditionsAt(const Register& reg, const Geography& geography, const Moment& at) {
  const AreaFrame frame = FrameOf(geography, at.d);
  const auto population = PopulationOf(geography, at.d);
  std::map<ConditionKey, Condition> united;
  std::map<std::string, MunicipalityTotals> totals;
  const auto take = [&united](const std::vector<Condition>& conditions) {
    for (const Condition& condition : conditions) {
      const auto [it, fresh] = united.try_emplace(condition.key, condition);
      if (!fresh) Unite(it->second, condition);
    }
  };
  for (const int64_t id : ContractIds(reg)) {
    const UnitConditions list = DeriveListConditions(reg, frame, id, at);
    take(list.conditions);
    if (list.share) totals[list.share->municipality].Add(*list.share, 1);
  }
  for (const int32_t number : reg.AliasNumbers()) take(DerivePersonConditions(reg, number, at).conditions);
  for (const auto& [number, sums] : totals) {
    take(MunicipalityConditions(number, sums, Find(population, number)));
  }
  return united;
}

}  // namespace flosync
