// The first load: the register as it is known just before the first day.
#include <algorithm>
#include <utility>

#include "connectors/synthetic/publisher.h"

namespace flosync::synthetic {
namespace {

constexpr int kLoadDays = 3;

// Record i of n of a load that begins at `start` and lasts for `duration` milliseconds.
OsloMs Spread(OsloMs start, std::int64_t duration, std::size_t i, std::size_t n) {
  return start + static_cast<OsloMs>(static_cast<double>(duration) * static_cast<double>(i) / static_cast<double>(n));
}

}  // namespace

void Publisher::Load(Day from) {
  LoadPersons(from);
  LoadContracts(from);
  LoadPeriods(from);
  LoadCounts(from);
}

void Publisher::LoadPersons(Day from) {
  const OsloMs start = OsloMidnight(from - kLoadDays) + 8 * kMsPerHour;
  for (std::size_t i = 0; i < world_.persons.size(); ++i) {
    now_ = ToUtc(Spread(start, 24 * kMsPerHour, i, world_.persons.size()));
    outbox_.Send(PersonRecord(world_.persons[i], now_));
  }
}

void Publisher::LoadContracts(Day from) {
  const OsloMs start = OsloMidnight(from - kLoadDays + 1) + 12 * kMsPerHour;
  for (std::size_t i = 0; i < world_.lists.size(); ++i) {
    const List& list = world_.lists[i];
    now_ = ToUtc(Spread(start, 4 * kMsPerHour, i, world_.lists.size()));
    const Day changed = std::max(list.from, from - kLoadDays - 1 - static_cast<Day>(random_.Between(0, 700)));
    const Day version = std::min(changed, from - kLoadDays - 1);
    outbox_.Send(ContractRecord(
        list, OsloMidnight(version) + random_.Between(7, 15) * kMsPerHour + random_.Between(0, 3'599'999), now_));
  }
}

void Publisher::LoadPeriods(Day from) {
  const OsloMs start = OsloMidnight(from - kLoadDays + 1) + 17 * kMsPerHour;
  for (std::size_t i = 0; i < world_.periods.size(); ++i) {
    const DoctorPeriod& period = world_.periods[i];
    now_ = ToUtc(Spread(start, 6 * kMsPerHour, i, world_.periods.size()));
    // What has ended was last changed when the end was registered, the rest when it began: some weeks ahead.
    const bool ended = period.published_to <= from;
    const Day changed = (ended ? period.published_to : period.from) - static_cast<Day>(random_.Between(1, 60));
    const Day version = std::min(changed, from - kLoadDays - 1);
    outbox_.Send(PeriodRecord(
        period, OsloMidnight(version) + random_.Between(7, 15) * kMsPerHour + random_.Between(0, 3'599'999), now_));
  }
}

void Publisher::LoadCounts(Day from) {
  constexpr std::size_t kBatch = 100;
  const OsloMs start = OsloMidnight(from - 1) + 1 * kMsPerHour;
  const Day counted_at = from - kLoadDays - 1;
  const std::size_t count = world_.lists.size();
  for (std::size_t i = 0; i < count; i += kBatch) {
    now_ = ToUtc(Spread(start, 2 * kMsPerHour, i, count));
    SendCounts({.kind = ChangeKind::kCountBatch,
                .entity = static_cast<std::int32_t>(i),
                .a = static_cast<std::int64_t>(std::min(count, i + kBatch)) - 1,
                .b = counted_at});
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!CountedSingly(world_.lists[i], counted_at) || world_.lists[i].without_count) continue;
    now_ = ToUtc(Spread(start + 2 * kMsPerHour, 2 * kMsPerHour, i, count));
    SendCounts({.kind = ChangeKind::kCount,
                .entity = static_cast<std::int32_t>(i),
                .a = world_.lists[i].counted,
                .b = counted_at});
  }
}

}  // namespace flosync::synthetic
