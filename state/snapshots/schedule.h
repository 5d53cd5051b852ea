// When first-of-month snapshots fall due and corrections are looked for (R18, B2, B3, B7). Pure.
#pragma once

#include <chrono>
#include <vector>

#include "domain/day.h"
#include "domain/oslo.h"
#include "state/geography/geography.h"
#include "state/indicators/definition.h"

namespace flosync {

// cutoff_delay of every shipped definition: t(d) is this long after local midnight of d.
inline constexpr std::chrono::milliseconds kCutoffDelay = std::chrono::hours(6);

// t(d), the reference instant of a snapshot.
[[nodiscard]] inline Instant ReferenceInstant(Day d, std::chrono::milliseconds cutoff_delay = kCutoffDelay) {
  return CutoffInstant(d, cutoff_delay);
}

[[nodiscard]] inline bool FirstOfMonth(Day d) { return d.day_of_month() == 1; }

// The first t(d) after `t`, of any day.
[[nodiscard]] Instant NextCutoff(Instant t, std::chrono::milliseconds cutoff_delay);

// The first t(d) of a first of month after `t`.
[[nodiscard]] Instant NextSnapshotInstant(Instant t, std::chrono::milliseconds cutoff_delay = kCutoffDelay);

// Every day d with first < t(d) ≤ end on which there is something to do: a snapshot to make on first of months, earlier
// ones to look at again on these days or on every day (B2, B3). None before the tables begin, where no figure can be
// made, nor after their last_reference_date(), so that one wrong timestamp does not ask for thousands of years.
[[nodiscard]] std::vector<Day> DueRuns(Instant first, Instant end, const Derivation& derivation,
                                       const Geography& geography);

}  // namespace flosync
