#include "state/register/entity_state.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <iterator>

namespace flosync {
namespace {

// Feeds fields into one fingerprint; texts with their length, so that neighbours cannot run together.
class Fingerprint {
 public:
  Fingerprint() { bytes_.reserve(kUsualBytes); }
  void Number(int64_t value) { Bytes(&value, sizeof value); }
  void Text(const std::string& text) {
    Number(static_cast<int64_t>(text.size()));
    Bytes(text.data(), text.size());
  }
  void Days(const Period& p) {
    Number(p.from.epoch_days());
    Number(p.to.epoch_days());
  }
  void All(const std::vector<Period>& periods) {
    Number(static_cast<int64_t>(periods.size()));
    for (const Period& p : periods) Days(p);
  }
  void All(const std::vector<Reaction>& reactions) {
    Number(static_cast<int64_t>(reactions.size()));
    for (const Reaction& r : reactions) {
      Text(r.type);
      Days(r.period);
    }
  }
  [[nodiscard]] ContentHash Value() const { return XXH3_64bits(bytes_.data(), bytes_.size()); }

 private:
  static constexpr size_t kUsualBytes = 1024;

  void Bytes(const void* data, size_t size) { bytes_.append(static_cast<const char*>(data), size); }

  std::string bytes_;
};

void AddApproval(const Approval& a, Fingerprint& f) {
  f.Text(a.type);
  f.Days(a.period);
  f.Text(a.ended_status);
  f.All(a.reactions);
  f.All(a.suspensions);
  f.Number(static_cast<int64_t>(a.specialities.size()));
  for (const Speciality& s : a.specialities) {
    f.Text(s.code);
    f.Text(s.code_system);
    f.Days(s.period);
    f.Text(s.ended_status);
    f.All(s.reactions);
    f.All(s.suspensions);
  }
}

// Takes `version` into a timeline sorted by `time_of`; of equal times the later position wins.
template <typename Version, typename TimeOf, typename Same>
Effect Enter(std::vector<Version>& versions, Version version, TimeOf time_of, Same same) {
  const auto at = std::lower_bound(versions.begin(), versions.end(), time_of(version),
                                   [&](const Version& v, const WallTime& t) { return time_of(v) < t; });
  if (at == versions.end()) {
    versions.push_back(std::move(version));
    return Effect::kApplied;
  }
  if (time_of(*at) != time_of(version)) {
    versions.insert(at, std::move(version));
    return Effect::kOlder;
  }
  const Effect effect = same(*at, version) ? Effect::kDuplicate : Effect::kConflicting;
  *at = std::move(version);
  return effect;
}

// How many leading versions no reference instant from `t` on asks for: all before the one in force at `t`.
template <typename Version, typename TimeOf>
void DropBefore(std::vector<Version>& versions, WallTime t, TimeOf time_of) {
  auto later = std::lower_bound(versions.begin(), versions.end(), t,
                                [&](const Version& v, const WallTime& w) { return time_of(v) < w; });
  if (later - versions.begin() > 1) versions.erase(versions.begin(), later - 1);
}

// The first instant after `t` at which one of the versions is passed. They are passed in their order; only in autumn,
// when the wall clock goes back by an hour, are those of the hour passed again, so those further off need no look.
template <typename Version, typename TimeOf>
Instant NextPassingOf(const std::vector<Version>& versions, Instant t, TimeOf time_of) {
  constexpr int64_t kSecondsPerHour = 3600;
  const int64_t now = ToOslo(t).seconds;
  const auto near = std::lower_bound(versions.begin(), versions.end(), WallTime{now - kSecondsPerHour, 0},
                                     [&](const Version& v, const WallTime& w) { return time_of(v) < w; });
  Instant next = Instant::Max();
  for (auto it = near; it != versions.end(); ++it) {
    if (const auto passing = NextPassing(time_of(*it), t)) next = std::min(next, *passing);
    if (time_of(*it).seconds > now + kSecondsPerHour) break;
  }
  return next;
}

WallTime UpdatedOf(const ContractVersion& v) { return v.updated; }
WallTime CountedOf(const CountVersion& v) { return v.counted; }

}  // namespace

void Presence::Delete(Instant at) {
  if (absences.empty() || absences.back().until != Instant::Max()) absences.push_back({at});
}

bool Presence::Return(Instant at) {
  if (absences.empty() || absences.back().until != Instant::Max()) return false;
  absences.back().until = at;
  return true;
}

bool Presence::AbsentAt(Instant t) const {
  return std::any_of(absences.begin(), absences.end(), [t](const Absence& a) { return a.after < t && t <= a.until; });
}

Instant Presence::NextChangeAfter(Instant t) const {
  Instant next = Instant::Max();
  for (const Absence& a : absences) {
    for (const Instant bound : {a.after, a.until}) {
      if (bound != Instant::Max() && bound.ms + 1 > t.ms) next = std::min(next, Instant{bound.ms + 1});
    }
  }
  return next;
}

ContentHash HashContent(const Person& person) {
  Fingerprint f;
  f.Number(person.replaced_by);
  f.Number(person.birth_year ? *person.birth_year : INT64_MIN);
  f.Number(person.death ? person.death->epoch_days() : INT64_MIN);
  f.Number(static_cast<int64_t>(person.sex));
  f.All(person.reactions);
  for (const Approval& a : person.approvals) AddApproval(a, f);
  return f.Value();
}

ContentHash HashContent(const Contract& contract) {
  Fingerprint f;
  f.Days(contract.period);
  f.Text(contract.municipality);
  f.Number(contract.fixed_salary ? 1 : 0);
  f.Number(contract.list_cap ? *contract.list_cap : INT64_MIN);
  f.Text(contract.status);
  return f.Value();
}

ContentHash HashContent(const DoctorPeriod& period) {
  Fingerprint f;
  f.Number(period.contract_id);
  f.Number(period.hpr_number);
  // Not for whom somebody substitutes: it is shown, but no rule asks for it.
  f.Days(period.period);
  f.Text(period.relationship);
  f.Number(period.percentage ? *period.percentage : INT64_MIN);
  return f.Value();
}

PersonVersion DescribePerson(const Person& person) {
  return {person.updated, HashContent(person), person.replaced_by, DeriveDoctorFacts(person)};
}

ShrunkPerson Shrink(const Person& person) { return {DescribePerson(person), ExplainEveryDay(person)}; }

bool HoldsVerbatim(const Person& person) { return !person.approvals.empty() || !person.reactions.empty(); }

SpecialistReason ExplainSpecialist(const PersonRecord& person, Day d) {
  if (const auto* whole = std::get_if<Person>(&person)) return ExplainSpecialist(*whole, d);
  const std::vector<ReasonStep>& steps = std::get<ShrunkPerson>(person).reasons;
  const auto later = std::ranges::upper_bound(steps, d, {}, &ReasonStep::from);
  return later == steps.begin() ? SpecialistReason::kNoLeApproval : std::prev(later)->reason;
}

Effect PersonState::Apply(const Position& position, const Person& person) {
  if (known && person.updated < version) {
    last = position;
    return Effect::kOlder;
  }
  return Apply(position, DescribePerson(person));
}

Effect PersonState::Apply(const Position& position, PersonVersion person) {
  last = position;
  if (known && person.updated < version) return Effect::kOlder;
  Effect effect = Effect::kApplied;
  if (known && person.updated == version) {
    effect = person.content == content ? Effect::kDuplicate : Effect::kConflicting;
  }
  if (presence.Return(position.known_from) && effect == Effect::kDuplicate) effect = Effect::kApplied;
  if (effect == Effect::kDuplicate) return effect;
  known = true;
  version = person.updated;
  content = person.content;
  replaced_by = person.replaced_by;
  facts = std::move(person.facts);
  return effect;
}

Effect PersonState::Apply(const Position& position, const Merge& merge) {
  last = position;
  merged_into = merge.surviving_number;
  return Effect::kApplied;
}

void PersonState::Delete(const Position& position) {
  last = position;
  presence.Delete(position.known_from);
}

int32_t PersonState::AliasAt(Instant t) const { return presence.AbsentAt(t) ? 0 : AliasTarget(); }

Effect ContractState::Apply(const Position& position, const Contract& contract) {
  last = position;
  ContractVersion version{
      contract.updated,      position,          HashContent(contract), contract.period, contract.municipality,
      contract.fixed_salary, contract.list_cap, contract.status};
  Effect effect = Enter(versions, std::move(version), UpdatedOf,
                        [](const ContractVersion& a, const ContractVersion& b) { return a.content == b.content; });
  const bool newest = versions.back().position == position;
  if (newest && presence.Return(position.known_from) && effect == Effect::kDuplicate) effect = Effect::kApplied;
  return effect;
}

void ContractState::Delete(const Position& position) {
  last = position;
  presence.Delete(position.known_from);
}

const ContractVersion& ContractState::At(WallTime t) const {
  const auto later = std::lower_bound(versions.begin(), versions.end(), t,
                                      [](const ContractVersion& v, const WallTime& w) { return v.updated < w; });
  return later == versions.begin() ? versions.front() : *(later - 1);
}

Instant ContractState::NextVersionAfter(Instant t) const { return NextPassingOf(versions, t, UpdatedOf); }

void ContractState::ForgetBefore(WallTime t) { DropBefore(versions, t, UpdatedOf); }

Effect DoctorPeriodState::Apply(const Position& position, const DoctorPeriod& period) {
  last = position;
  if (known && period.updated < latest.updated) return Effect::kOlder;
  Effect effect = Effect::kApplied;
  if (known && period.updated == latest.updated) {
    effect = HashContent(period) == HashContent(latest) ? Effect::kDuplicate : Effect::kConflicting;
  }
  if (withdrawn && effect == Effect::kDuplicate) effect = Effect::kApplied;
  known = true;
  withdrawn = false;
  latest = period;
  return effect;
}

void DoctorPeriodState::Delete(const Position& position) {
  last = position;
  withdrawn = true;
}

Effect PatientCountState::Apply(const Position& position, const PatientCount& count) {
  last = position;
  Effect effect = Enter(versions, CountVersion{count.counted, position, count.patients}, CountedOf,
                        [](const CountVersion& a, const CountVersion& b) { return a.patients == b.patients; });
  const bool newest = versions.back().position == position;
  if (newest && presence.Return(position.known_from) && effect == Effect::kDuplicate) effect = Effect::kApplied;
  return effect;
}

void PatientCountState::Delete(const Position& position) {
  last = position;
  presence.Delete(position.known_from);
}

std::optional<int32_t> PatientCountState::At(Instant t, WallTime wall) const {
  if (presence.AbsentAt(t)) return std::nullopt;
  const auto later = std::lower_bound(versions.begin(), versions.end(), wall,
                                      [](const CountVersion& v, const WallTime& w) { return v.counted < w; });
  if (later == versions.begin()) return std::nullopt;
  return (later - 1)->patients;
}

Instant PatientCountState::NextVersionAfter(Instant t) const { return NextPassingOf(versions, t, CountedOf); }

void PatientCountState::ForgetBefore(WallTime t) { DropBefore(versions, t, CountedOf); }

}  // namespace flosync
