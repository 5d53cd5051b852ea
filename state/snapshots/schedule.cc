#include "state/snapshots/schedule.h"

namespace flosync {
namespace {

// The first of month d with the least t(d) after `t`.
Day NextFirstOfMonth(Instant t) {
  const Day today = OsloDay(t);
  const Day first(today.year(), today.month(), 1);
  return ReferenceInstant(first) > t ? first : first.PlusMonths(1);
}

}  // namespace

Instant NextSnapshotInstant(Instant t) { return ReferenceInstant(NextFirstOfMonth(t)); }

std::vector<Day> DueDates(Instant first, Instant end) {
  std::vector<Day> due;
  for (Day d = NextFirstOfMonth(first); ReferenceInstant(d) <= end; d = d.PlusMonths(1)) due.push_back(d);
  return due;
}

}  // namespace flosync
