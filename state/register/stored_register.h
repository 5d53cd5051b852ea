// The register out of the store: live from the heads, or as known at an instant from the history.
//
// All functions read one View and nothing else; errors are those of the store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <absl/status/statusor.h>

#include "state/register/register.h"
#include "state/store/store.h"

namespace flosync {

// The entity's records known before `known_at`, in ascending position (R6): by their timestamps, and for those that
// were taken when they were read again by when that was (LateRecords). Instant::Max() = all. RESOURCE_EXHAUSTED if
// there are more than `most_records`.
[[nodiscard]] absl::StatusOr<std::vector<PositionedChange>> ReadHistory(const View& view, const EntityId& entity,
                                                                        Instant known_at,
                                                                        size_t most_records = SIZE_MAX);

// Every entity's newest state.
[[nodiscard]] absl::StatusOr<Register> LoadLive(const View& view);

// Every contract, doctor period and patient count as known at K, and the persons that doctor periods name, aliases
// followed.
[[nodiscard]] absl::StatusOr<Register> LoadKnownAt(const View& view, Instant known_at);

// Adds to `reg` what DeriveList needs to know of one contract, from the heads.
[[nodiscard]] absl::Status LoadList(const View& view, int64_t contract_id, Register& reg);
// Adds the person's head and those of the numbers it is an alias of.
[[nodiscard]] absl::Status LoadPerson(const View& view, int32_t hpr_number, Register& reg);
// Adds whom the number survives under at `t`, every number that leads there, and the doctor periods on all of them.
[[nodiscard]] absl::Status LoadDoctor(const View& view, int32_t hpr_number, Instant t, Register& reg);
// Adds one head, if there is one.
[[nodiscard]] absl::Status LoadHead(const View& view, const EntityId& entity, Register& reg);

// Puts a state under its id into the register.
void PutState(Register& reg, const EntityId& entity, EntityState state);

}  // namespace flosync
