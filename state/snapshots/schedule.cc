#include "state/snapshots/schedule.h"

#include <algorithm>

namespace flosync {
namespace {

// The first of month with the least t(d) after `t`.
Day NextFirstOfMonth(Instant t, std::chrono::milliseconds cutoff_delay) {
  const Day today = OsloDay(t);
  const Day first(today.year(), today.month(), 1);
  return ReferenceInstant(first, cutoff_delay) > t ? first : first.PlusMonths(1);
}

Day NextDay(Instant t, std::chrono::milliseconds cutoff_delay) {
  const Day today = OsloDay(t);
  return ReferenceInstant(today, cutoff_delay) > t ? today : today.Plus(1);
}

}  // namespace

Instant NextCutoff(Instant t, std::chrono::milliseconds cutoff_delay) {
  return ReferenceInstant(NextDay(t, cutoff_delay), cutoff_delay);
}

Instant NextSnapshotInstant(Instant t, std::chrono::milliseconds cutoff_delay) {
  return ReferenceInstant(NextFirstOfMonth(t, cutoff_delay), cutoff_delay);
}

std::vector<Day> DueRuns(Instant first, Instant end, const Derivation& derivation, const Geography& geography) {
  const bool daily = derivation.correction_check == CorrectionCheck::kDaily;
  const auto delay = derivation.cutoff_delay;
  const Instant from = std::max(first, Instant{ReferenceInstant(kFirstStructureDate, delay).ms - 1});
  const Instant to = std::min(end, ReferenceInstant(geography.last_reference_date(), delay));
  std::vector<Day> due;
  for (Day d = daily ? NextDay(from, delay) : NextFirstOfMonth(from, delay); ReferenceInstant(d, delay) <= to;
       d = daily ? d.Plus(1) : d.PlusMonths(1)) {
    due.push_back(d);
  }
  return due;
}

}  // namespace flosync
