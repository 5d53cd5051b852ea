#include "state/register/known_register.h"

#include <algorithm>
#include <set>

#include "state/register/stored_register.h"
#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

KnownChange Lighten(RegisterChange change) {
  return std::visit(
      [](auto&& kept) -> KnownChange {
        using Kept = std::decay_t<decltype(kept)>;
        if constexpr (std::is_same_v<Kept, Person>) {
          return DescribePerson(kept);
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

// The earliest reference date that sees another version in `after` than in `before`; Day::Max() if none does.
template <typename Version, typename TimeOf, typename Same>
Day FirstDifference(const std::vector<Version>& before, const std::vector<Version>& after, TimeOf time_of, Same same,
                    bool falls_back) {
  size_t i = 0;
  while (i < before.size() && i < after.size() && same(before[i], after[i])) ++i;
  if (i == before.size() && i == after.size()) return Day::Max();
  // Where there is none before t the earliest version holds (R7), so another first one changes every date.
  if (i == 0 && falls_back) return Day::Min();
  Day first = Day::Max();
  if (i < before.size()) first = std::min(first, time_of(before[i]).day());
  if (i < after.size()) first = std::min(first, time_of(after[i]).day());
  return first;
}

Day ReachOfContract(const ContractState& before, const ContractState& after) {
  if (before.versions.empty() || after.versions.empty() || before.period() != after.period() ||
      before.presence.absences != after.presence.absences) {
    return Day::Min();
  }
  return FirstDifference(
      before.versions, after.versions, [](const ContractVersion& v) { return v.updated; },
      [](const ContractVersion& a, const ContractVersion& b) {
        return a.updated == b.updated && a.content == b.content;
      },
      true);
}

Day ReachOfCount(const PatientCountState& before, const PatientCountState& after) {
  if (before.presence.absences != after.presence.absences) return Day::Min();
  return FirstDifference(
      before.versions, after.versions, [](const CountVersion& v) { return v.counted; },
      [](const CountVersion& a, const CountVersion& b) { return a.counted == b.counted && a.patients == b.patients; },
      false);
}

Day ReachOfPeriod(const DoctorPeriodState& before, const DoctorPeriodState& after) {
  if (before.Holds() == after.Holds() && before.latest == after.latest) return Day::Max();
  Day first = Day::Max();
  for (const DoctorPeriodState* state : {&before, &after}) {
    if (state->known) first = std::min(first, state->latest.period.from);
  }
  return first;
}

bool SameToFigures(const PersonState& a, const PersonState& b) {
  return a.known == b.known && a.facts == b.facts && a.AliasTarget() == b.AliasTarget() &&
         a.presence.absences == b.presence.absences;
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

// What the change of one contract, count or doctor period reaches.
void ExtendByEntity(const EntityId& entity, const EntityState& before, const EntityState& after,
                    KnownRegister::Reach& reach) {
  if (const auto* contract = std::get_if<ContractState>(&before)) {
    Extend(reach, entity.id, ReachOfContract(*contract, std::get<ContractState>(after)));
  } else if (const auto* count = std::get_if<PatientCountState>(&before)) {
    Extend(reach, entity.id, ReachOfCount(*count, std::get<PatientCountState>(after)));
  } else if (const auto* was = std::get_if<DoctorPeriodState>(&before)) {
    const auto& is = std::get<DoctorPeriodState>(after);
    const Day first = ReachOfPeriod(*was, is);
    if (was->known) Extend(reach, was->latest.contract_id, first);
    if (is.known) Extend(reach, is.latest.contract_id, first);
  }
}

}  // namespace

absl::StatusOr<KnownRegister> KnownRegister::Load(const View& view) {
  std::vector<Waiting> records;
  absl::Status failed;
  std::set<int32_t> wanted;
  const auto take = [&](std::string_view key, std::string_view value) {
    HistoryKeyParts parts = ReadHistoryKey(key);
    auto change = DecodeChange(parts.entity, value);
    if (!change.ok()) {
      failed = change.status();
      return false;
    }
    records.push_back({parts.position, parts.entity, Lighten(*std::move(change))});
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
  std::ranges::sort(records, {}, &Waiting::position);
  KnownRegister known;
  known.records_ = std::make_shared<const std::vector<Waiting>>(std::move(records));
  return known;
}

KnownRegister::Reach KnownRegister::AdvanceTo(Instant instant) {
  std::map<EntityId, EntityState> before;
  std::map<int32_t, Reach> doctors;  // the lists of each person changed, as they were
  const size_t first = next_;
  for (; next_ < records_->size() && (*records_)[next_].position.known_from < instant; ++next_) {
    const EntityId& entity = (*records_)[next_].entity;
    if (!before.try_emplace(entity, StateOf(register_, entity)).second || entity.kind != EntityKind::kPerson) continue;
    ExtendByDoctor(register_, static_cast<int32_t>(entity.id), doctors[static_cast<int32_t>(entity.id)]);
  }
  for (size_t i = first; i < next_; ++i) {
    const Waiting& next = (*records_)[i];
    EntityState state = StateOf(register_, next.entity);
    FoldNext(state, next.position, next.change);
    PutState(register_, next.entity, std::move(state));
  }
  Reach reach;
  for (const auto& [entity, was] : before) {
    const EntityState is = StateOf(register_, entity);
    ExtendByEntity(entity, was, is, reach);
    const auto* person = std::get_if<PersonState>(&was);
    if (!person || SameToFigures(*person, std::get<PersonState>(is))) continue;
    const auto number = static_cast<int32_t>(entity.id);
    for (const auto& [contract_id, day] : doctors[number]) Extend(reach, contract_id, day);
    ExtendByDoctor(register_, number, reach);
  }
  return reach;
}

}  // namespace flosync
