// One doctor out of the history: as known at an instant, and everything ever read of the number (R6).
//
// Everything that names the number is found by the index of numbers that a record has ever named, and folded from the
// history, so the answer for an instant K is the same whatever came later. All functions read one View and nothing
// else. Errors are those of the store, and RESOURCE_EXHAUSTED where more than `most_records` records would have to be
// read. Any thread.
//
//   auto doctor = ReadDoctor(view, 999000011, Moment::AtDate(d, kCutoffDelay).t, known_at);
//   doctor->entry->person  // what HPR said of her, as known at K
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <absl/status/statusor.h>

#include "state/register/register.h"
#include "state/store/store.h"

namespace flosync {

inline constexpr size_t kMostDoctorRecords = 50'000;

// A person's version in force and the record it came from.
struct HprEntry {
  PersonRecord person;
  Position position;
};

struct KnownDoctor {
  int32_t surviving = 0;  // the number that the one asked for leads to at t (R5)
  // The persons that aliases may lead through, and the doctor periods that name a number leading to `surviving` at t;
  // withdrawn ones included.
  Register reg;
  // The surviving number's; nothing if no state of it is known. It may be deleted at t: ask the register.
  std::optional<HprEntry> entry;
};

// The doctor at reference instant `t` by the records known before `known_at`; Instant::Max() = all.
[[nodiscard]] absl::StatusOr<KnownDoctor> ReadDoctor(const View& view, int32_t hpr_number, Instant t, Instant known_at,
                                                     size_t most_records = kMostDoctorRecords);

// What one record did to its entity, a person or a doctor period.
struct HistoryStep {
  EntityId entity;
  PositionedChange record;
  std::optional<Instant> learnt_at;  // of a record that was taken when it was read again (LateRecords)
  Effect effect = Effect::kApplied;  // exact, as Fold has it
  bool returned = false;             // it ended a deletion (E2)
  EntityState before;
  EntityState after;
  // Of persons: the versions in force before and after it.
  std::optional<PersonRecord> person_before;
  std::optional<PersonRecord> person_after;
};

struct DoctorHistory {
  std::vector<HistoryStep> steps;  // in ascending position (E3)
  bool more = false;               // there are steps after these
};

// The records of the number itself, of the numbers that were ever aliases of it, chains included, and of the doctor
// periods that ever named one of these: up to `most_steps` of those after position `after` and known before `known_at`.
[[nodiscard]] absl::StatusOr<DoctorHistory> ReadDoctorHistory(const View& view, int32_t hpr_number, Instant known_at,
                                                              const std::optional<Position>& after, size_t most_steps,
                                                              size_t most_records = kMostDoctorRecords);

}  // namespace flosync
