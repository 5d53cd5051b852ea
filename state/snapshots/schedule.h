// When first-of-month snapshots fall due (R18, B2, B7). Pure.
#pragma once

#include <chrono>
#include <vector>

#include "domain/day.h"
#include "domain/oslo.h"

namespace flosync {

// cutoff_delay of every shipped definition: t(d) is this long after local midnight of d.
inline constexpr std::chrono::milliseconds kCutoffDelay = std::chrono::hours(6);

// t(d), the reference instant of a first-of-month snapshot.
[[nodiscard]] inline Instant ReferenceInstant(Day d) { return CutoffInstant(d, kCutoffDelay); }

// The first t(d) of a first of month after `t`.
[[nodiscard]] Instant NextSnapshotInstant(Instant t);

// Every first of month d with first < t(d) ≤ end (B2).
[[nodiscard]] std::vector<Day> DueDates(Instant first, Instant end);

}  // namespace flosync
