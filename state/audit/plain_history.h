// The records of one entity, and what they say, told plainly: the ground that the self-audit stands on.
//
// Everything here is asked of the whole history each time; nothing is folded step by step and nothing kept. It shares
// no code with state/register, so that a mistake there shows as a difference; of persons' versions that retention has
// shrunk, never the newest, it asks for the version alone. Pure; any thread.
//
//   const EntityHistory history = …;                   // in the order of position
//   LatestState<Contract>(history)->period;            // validity for every day (R7)
//   StateBefore<Contract>(history, wall)->list_cap;    // the version in force at an instant
//   AbsentAt(history, t);                              // deleted at that instant (E1, E2)
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "domain/oslo.h"
#include "domain/position.h"
#include "domain/register_change.h"
#include "state/register/entity_state.h"

namespace flosync {

struct KnownRecord {
  Position position;
  HistoryChange change;
};
using EntityHistory = std::vector<KnownRecord>;  // in the order of position (E3)

// Where histories come from. Entities come by id, ascending.
class HistorySource {
 public:
  using Visit = std::function<absl::Status(int64_t id, const EntityHistory& history)>;
  virtual ~HistorySource() = default;
  // Every entity of the kind that has a record; an error of `visit` ends the walk and is returned.
  [[nodiscard]] virtual absl::Status Each(EntityKind kind, const Visit& visit) const = 0;
  // Empty if there is no record.
  [[nodiscard]] virtual absl::StatusOr<EntityHistory> Of(const EntityId& entity) const = 0;
};

// sistOppdatert, UpdatedOn or countedAt (R3); nothing for a deletion or a merger.
[[nodiscard]] inline WallTime VersionOf(const Person& person) { return person.updated; }
[[nodiscard]] inline WallTime VersionOf(const ShrunkPerson& person) { return person.version.updated; }
[[nodiscard]] inline WallTime VersionOf(const Contract& contract) { return contract.updated; }
[[nodiscard]] inline WallTime VersionOf(const DoctorPeriod& period) { return period.updated; }
[[nodiscard]] inline WallTime VersionOf(const PatientCount& count) { return count.counted; }
[[nodiscard]] std::optional<WallTime> VersionOf(const KnownRecord& record);

// Deleted at `after`, back with the state of `until`; absent for after < t ≤ until (E1, E2).
struct Gone {
  Instant after;
  std::optional<Instant> until;
};
[[nodiscard]] std::vector<Gone> Absences(const EntityHistory& history);
[[nodiscard]] bool AbsentAt(const EntityHistory& history, Instant t);
// A doctor period that is deleted and has not come back has never existed, for any day (E1).
[[nodiscard]] bool Withdrawn(const EntityHistory& history);

// The state with the greatest (version, position) among those that `wanted` allows; nullptr if there is none.
template <typename State, typename Wanted>
[[nodiscard]] const State* GreatestState(const EntityHistory& history, const Wanted& wanted) {
  const State* greatest = nullptr;
  for (const KnownRecord& record : history) {
    const auto* state = std::get_if<State>(&record.change);
    if (!state || !wanted(VersionOf(*state))) continue;
    if (!greatest || VersionOf(*state) >= VersionOf(*greatest)) greatest = state;
  }
  return greatest;
}

// E5, R7: the newest version holds for every day.
template <typename State>
[[nodiscard]] const State* LatestState(const EntityHistory& history) {
  return GreatestState<State>(history, [](WallTime) { return true; });
}

// R7, E13: the newest version before a reference instant.
template <typename State>
[[nodiscard]] const State* StateBefore(const EntityHistory& history, WallTime wall) {
  return GreatestState<State>(history, [wall](WallTime version) { return version < wall; });
}

// R7, E6: the earliest version holds where there is none before; of equal versions the later position.
[[nodiscard]] const Contract* EarliestContract(const EntityHistory& history);

}  // namespace flosync
