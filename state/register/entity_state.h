// The state of one entity as a fold of its records in the order of position (E2, E3).
//
// Every type has Apply, which takes the next record, and …At, which answers for a reference instant. Feeding all
// records with a timestamp before K gives the state as known at K (R6); feeding all gives the live state. Records must
// come in ascending position; who has one that comes late folds the history again. Values; not thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/oslo.h"
#include "domain/position.h"
#include "domain/register_change.h"
#include "state/register/doctor_facts.h"

namespace flosync {

// What a record did (R3, E4). kOlder still enters the timeline of contracts and patient counts.
enum class Effect : uint8_t { kApplied, kDuplicate, kConflicting, kOlder };

// When an entity was absent: after the deletion at `after`, up to and including `until`, when a later state came (E1,
// E2).
struct Absence {
  Instant after;
  Instant until = Instant::Max();
  bool operator==(const Absence&) const = default;
};

class Presence {
 public:
  void Delete(Instant at);
  // Ends an absence, if there is one. True if it did.
  bool Return(Instant at);
  [[nodiscard]] bool AbsentAt(Instant t) const;
  // The first instant after `t` at which AbsentAt may change; Instant::Max() if none.
  [[nodiscard]] Instant NextChangeAfter(Instant t) const;
  std::vector<Absence> absences;
};

// A fingerprint of what flosync keeps of a record, without its version (E4).
using ContentHash = uint64_t;
[[nodiscard]] ContentHash HashContent(const Person& person);
[[nodiscard]] ContentHash HashContent(const Contract& contract);
[[nodiscard]] ContentHash HashContent(const DoctorPeriod& period);

// What the state keeps of one version of a person.
struct PersonVersion {
  WallTime updated;
  ContentHash content = 0;
  int32_t replaced_by = 0;
  DoctorFacts facts;
  bool operator==(const PersonVersion&) const = default;
};
[[nodiscard]] PersonVersion DescribePerson(const Person& person);

// What is left of a person's version after retention (R24): all that figures and questions about the past ask for, and
// nothing verbatim.
struct ShrunkPerson {
  PersonVersion version;
  std::vector<ReasonStep> reasons;  // why a specialist or not, for every day
  bool operator==(const ShrunkPerson&) const = default;
};
[[nodiscard]] ShrunkPerson Shrink(const Person& person);
// The version says more than its facts do: there is something to shrink.
[[nodiscard]] bool HoldsVerbatim(const Person& person);

// A person's version as the history has it.
using PersonRecord = std::variant<Person, ShrunkPerson>;
// As ExplainSpecialist of the person it was.
[[nodiscard]] SpecialistReason ExplainSpecialist(const PersonRecord& person, Day d);

struct PersonState {
  bool known = false;  // a state has been read, not only events
  WallTime version;
  ContentHash content = 0;
  int32_t replaced_by = 0;  // of the newest version; wins over merged_into (E10)
  int32_t merged_into = 0;  // of the latest HprNumbersMerged event
  DoctorFacts facts;
  Presence presence;
  Position last;  // of the latest record folded in

  Effect Apply(const Position& position, const Person& person);
  Effect Apply(const Position& position, PersonVersion person);
  Effect Apply(const Position& position, const ShrunkPerson& person) { return Apply(position, person.version); }
  Effect Apply(const Position& position, const Merge& merge);
  void Delete(const Position& position);
  // In HPR at t: a state is known and the entry not deleted.
  [[nodiscard]] bool InHprAt(Instant t) const { return known && !presence.AbsentAt(t); }
  // Nothing that is derived of persons can differ: most changes leave the doctor facts as they were.
  [[nodiscard]] bool DerivesTheSame(const PersonState& other) const {
    return known == other.known && facts == other.facts && AliasTarget() == other.AliasTarget() &&
           presence.absences == other.presence.absences;
  }
  // The number this one is an alias of at t, 0 if none (R5, E7, E10).
  [[nodiscard]] int32_t AliasAt(Instant t) const;
  // The number this one may be an alias of at some instant, 0 if none.
  [[nodiscard]] int32_t AliasTarget() const { return replaced_by != 0 ? replaced_by : merged_into; }
};

// The scalar attributes of one contract version, and the validity it gives.
struct ContractVersion {
  WallTime updated;
  Position position;
  ContentHash content = 0;
  Period period;
  std::string municipality;
  bool fixed_salary = false;
  std::optional<int32_t> list_cap;
  std::string status;
};

struct ContractState {
  std::vector<ContractVersion> versions;  // by `updated`, ascending; of equal ones the later position has won
  Presence presence;
  Position last;

  Effect Apply(const Position& position, const Contract& contract);
  void Delete(const Position& position);
  // Validity of the newest version, for every instant (R7). Call only if there is a version.
  [[nodiscard]] const Period& period() const { return versions.back().period; }
  // The version in force at a reference instant: the greatest UpdatedOn < t, else the earliest (R7, E6).
  [[nodiscard]] const ContractVersion& At(WallTime t) const;
  // The first instant after `t` at which a version comes in force, or in autumn goes out of it; Instant::Max() if none.
  [[nodiscard]] Instant NextVersionAfter(Instant t) const;
  // Drops versions that no instant from `t` on asks for.
  void ForgetBefore(WallTime t);
};

struct DoctorPeriodState {
  bool known = false;
  DoctorPeriod latest;     // the newest version holds for all days (E5)
  bool withdrawn = false;  // deleted and not come back (E1)
  Position last;

  Effect Apply(const Position& position, const DoctorPeriod& period);
  void Delete(const Position& position);
  [[nodiscard]] bool Holds() const { return known && !withdrawn; }
};

struct CountVersion {
  WallTime counted;
  Position position;
  int32_t patients = 0;
};

struct PatientCountState {
  std::vector<CountVersion> versions;  // by `counted`, ascending
  Presence presence;
  Position last;

  Effect Apply(const Position& position, const PatientCount& count);
  void Delete(const Position& position);
  // Patients at a reference instant: the greatest countedAt < t; nothing = unknown (R7, E6, E11).
  [[nodiscard]] std::optional<int32_t> At(Instant t, WallTime wall) const;
  // The first instant after `t` at which a version comes in force, or in autumn goes out of it; Instant::Max() if none.
  [[nodiscard]] Instant NextVersionAfter(Instant t) const;
  void ForgetBefore(WallTime t);
};

using EntityState = std::variant<PersonState, ContractState, DoctorPeriodState, PatientCountState>;

// A record as the history has it: as it was read, or shrunk.
using HistoryChange = std::variant<Person, Contract, DoctorPeriod, PatientCount, Deletion, Merge, ShrunkPerson>;
[[nodiscard]] HistoryChange ToHistory(RegisterChange change);

// What makes two records of an entity the same or a conflict (E4).
struct VersionedContent {
  WallTime version;
  ContentHash content = 0;
  bool operator==(const VersionedContent&) const = default;
};
// Nothing for deletions and merges.
[[nodiscard]] std::optional<VersionedContent> ReadVersionedContent(const HistoryChange& change);

// A record of one entity with its place in the order of records.
struct PositionedChange {
  Position position;
  HistoryChange change;
};

// The same with no more of a person than the state keeps: what a walk through the whole history holds in memory.
using KnownChange = std::variant<PersonVersion, Contract, DoctorPeriod, PatientCount, Deletion, Merge>;

// The state after all of an entity's records, and what each of them did.
struct Folded {
  EntityState state;
  std::vector<Effect> effects;  // one a record, in their order
};

// Folds the records of one entity, which must be in ascending position. Effects are exact whatever the version: a
// record is compared with the one of the same version before it (E4).
[[nodiscard]] Folded Fold(EntityKind kind, const std::vector<PositionedChange>& in_order);

// Folds one more record, later in position than all before, into the state. kOlder may stand for a duplicate or
// conflict with an older version, which only the history tells.
[[nodiscard]] Effect FoldNext(EntityState& state, const PositionedChange& next);
Effect FoldNext(EntityState& state, const Position& position, const KnownChange& next);

// The empty state of a kind.
[[nodiscard]] EntityState EmptyState(EntityKind kind);
[[nodiscard]] const Position& LastPosition(const EntityState& state);

}  // namespace flosync
