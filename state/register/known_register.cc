#include "state/register/known_register.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "state/register/late_records.h"
#include "state/register/reach.h"
#include "state/register/stored_register.h"
#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

KnownChange Lighten(HistoryChange change) {
  return std::visit(
      [](auto&& kept) -> KnownChange {
        using Kept = std::decay_t<decltype(kept)>;
        if constexpr (std::is_same_v<Kept, Person>) {
          return DescribePerson(kept);
        } else if constexpr (std::is_same_v<Kept, ShrunkPerson>) {
          return std::move(kept.version);
        } else {
          return std::move(kept);
        }
      },
      std::move(change));
}

// The number a record makes its person an alias of; 0 if none.
int32_t AliasIn(const KnownChange& change) {
  if (const auto* person = std::get_if<PersonVersion>(&change)) return person->replaced_by;
  if (const auto* merge = std::get_if<Merge>(&change)) return merge->surviving_number;
  return 0;
}

EntityState StateOf(const Register& reg, const EntityId& entity) {
  const auto copy = [&](const auto* state) { return state ? EntityState(*state) : EmptyState(entity.kind); };
  switch (entity.kind) {
    case EntityKind::kPerson:
      return copy(reg.FindPerson(static_cast<int32_t>(entity.id)));
    case EntityKind::kContract:
      return copy(reg.FindContract(entity.id));
    case EntityKind::kDoctorPeriod:
      return copy(reg.FindDoctorPeriod(entity.id));
    case EntityKind::kPatientCount:
      return copy(reg.FindPatientCount(entity.id));
  }
  return EmptyState(entity.kind);
}

void Extend(KnownRegister::Reach& reach, int64_t contract_id, Day first) {
  if (first == Day::Max()) return;
  const auto [it, fresh] = reach.try_emplace(contract_id, first);
  if (!fresh) it->second = std::min(it->second, first);
}

// The contracts on which somebody has a period that counts for the number.
void ExtendByDoctor(const Register& reg, int32_t hpr_number, KnownRegister::Reach& reach) {
  for (const int32_t number : reg.NumbersLeadingTo(hpr_number)) {
    for (const int64_t id : reg.DoctorPeriodsOfNumber(number)) {
      Extend(reach, reg.FindDoctorPeriod(id)->latest.contract_id, Day::Min());
    }
  }
}

// The contracts on whose lists a change of the entity can be seen; a person's are found by ExtendByDoctor.
void ExtendByEntity(const EntityId& entity, const EntityState& before, const EntityState& after, Day first,
                    KnownRegister::Reach& reach) {
  if (const auto* was = std::get_if<DoctorPeriodState>(&before)) {
    const auto& is = std::get<DoctorPeriodState>(after);
    if (was->known) Extend(reach, was->latest.contract_id, first);
    if (is.known) Extend(reach, is.latest.contract_id, first);
  } else if (entity.kind != EntityKind::kPerson) {
    Extend(reach, entity.id, first);
  }
}

}  // namespace

absl::StatusOr<KnownRegister> KnownRegister::Load(const View& view) {
  std::vector<Waiting> records;
  absl::Status failed;
  const auto late = LateRecords::Load(view, "");
  if (!late.ok()) return late.status();
  std::set<int32_t> wanted;
  const auto take = [&](std::string_view key, std::string_view value) {
    HistoryKeyParts parts = ReadHistoryKey(key);
    auto change = DecodeChange(parts.entity, value);
    if (!change.ok()) {
      failed = change.status();
      return false;
    }
    const Instant known_from = late->KnownFrom(parts.entity, parts.position);
    records.push_back({known_from, parts.position, parts.entity, Lighten(*std::move(change))});
    const KnownChange& kept = records.back().change;
    if (const auto* period = std::get_if<DoctorPeriod>(&kept)) wanted.insert(period->hpr_number);
    if (const int32_t alias = AliasIn(kept); alias != 0) wanted.insert(alias);
    return true;
  };
  for (const EntityKind kind : {EntityKind::kContract, EntityKind::kDoctorPeriod, EntityKind::kPatientCount}) {
    const absl::Status walked = view.Each(Family::kHistory, std::string(1, static_cast<char>(kind)), take);
    if (!walked.ok() || !failed.ok()) return walked.ok() ? failed : walked;
  }
  // Aliases lead to more persons, so the set grows while it is worked off.
  std::set<int32_t> loaded;
  while (!wanted.empty()) {
    const int32_t number = *wanted.begin();
    wanted.erase(wanted.begin());
    if (!loaded.insert(number).second) continue;
    const absl::Status walked = view.Each(Family::kHistory, EntityKey({EntityKind::kPerson, number}), take);
    if (!walked.ok() || !failed.ok()) return walked.ok() ? failed : walked;
  }
  std::ranges::sort(records, {}, [](const Waiting& w) { return std::tie(w.known_from, w.position); });
  KnownRegister known;
  known.records_ = std::make_shared<const std::vector<Waiting>>(std::move(records));
  return known;
}

void KnownRegister::FoldAgain(const std::set<EntityId>& entities, std::map<EntityId, Change>& changes) const {
  if (entities.empty()) return;
  std::map<EntityId, std::map<Position, const KnownChange*>> known;
  for (size_t i = 0; i < next_; ++i) {
    const Waiting& record = (*records_)[i];
    if (entities.contains(record.entity)) known[record.entity][record.position] = &record.change;
  }
  for (const auto& [entity, records] : known) {
    EntityState state = EmptyState(entity.kind);
    for (const auto& [position, change] : records) FoldNext(state, position, *change);
    changes.at(entity).after = std::move(state);
  }
}

KnownRegister::Reach KnownRegister::AdvanceTo(Instant instant) {
  std::map<EntityId, Change> changes;
  std::set<EntityId> again;          // a record of theirs stands before one that was known earlier
  std::map<int32_t, Reach> doctors;  // the lists of each person changed, as they were
  for (; next_ < records_->size() && (*records_)[next_].known_from < instant; ++next_) {
    const Waiting& next = (*records_)[next_];
    const auto [it, fresh] = changes.try_emplace(next.entity);
    Change& change = it->second;
    if (fresh) {
      change.before = change.after = StateOf(register_, next.entity);
      const auto number = static_cast<int32_t>(next.entity.id);
      if (next.entity.kind == EntityKind::kPerson) ExtendByDoctor(register_, number, doctors[number]);
    }
    const Position& last = LastPosition(change.after);
    if (next.position < last && last != Position{}) again.insert(next.entity);
    FoldNext(change.after, next.position, next.change);
  }
  FoldAgain(again, changes);
  for (const auto& [entity, change] : changes) PutState(register_, entity, change.after);
  Reach reach;
  for (const auto& [entity, change] : changes) {
    const Day first_seen = FirstDateReached(change.before, change.after);
    if (first_seen == Day::Max()) continue;
    ExtendByEntity(entity, change.before, change.after, first_seen, reach);
    if (entity.kind != EntityKind::kPerson) continue;
    const auto number = static_cast<int32_t>(entity.id);
    for (const auto& [contract_id, day] : doctors[number]) Extend(reach, contract_id, day);
    ExtendByDoctor(register_, number, reach);
  }
  return reach;
}

}  // namespace flosync
