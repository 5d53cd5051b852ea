// What FLO registers in error, takes back, or changes for days long past.
#include <algorithm>

#include "connectors/synthetic/planner.h"

namespace flosync::synthetic {

// A list that is registered and still open, with a GP or without one; -1 if none is found.
std::int32_t Planner::RandomList(bool staffed) {
  constexpr int kTries = 100;
  for (int i = 0; i < kTries && !world_.lists.empty(); ++i) {
    const auto index = static_cast<std::int32_t>(random_.Below(world_.lists.size()));
    const List& list = world_.lists[static_cast<std::size_t>(index)];
    if (list.published_number != 0 && list.to == kOpenEnd && (list.gp >= 0) == staffed) return index;
  }
  return -1;
}

// A substitute on the wrong list, a contract made twice, a doctor on a contract that does not exist.
void Planner::PlanMistakes(Day after, Day until) {
  constexpr std::int64_t kFirstMistakenId = 990'001;
  constexpr std::int64_t kFirstMissingId = 980'001;
  for (int i = Times(options_.rates.withdrawn_periods_per_month); i > 0; --i) {
    const Day day = static_cast<Day>(random_.Between(after, until - 1));
    const std::int32_t person = DrawSubstitute(day);
    const std::int32_t list = RandomList(true);
    if (person < 0 || list < 0) continue;
    const std::int32_t period = world_.AddPeriod(list, person, Relationship::kSubstitute, day + 10, day + 60);
    const OsloMs time = OfficeHour(day);
    queue_.Add({.time = time, .kind = ChangeKind::kPeriodOpened, .entity = period});
    queue_.Add({.time = time + random_.Between(kMsPerHour, 6 * kMsPerDay),
                .kind = ChangeKind::kPeriodWithdrawn,
                .entity = period});
  }
  for (int i = Times(options_.rates.withdrawn_contracts_per_month); i > 0; --i) {
    const std::int32_t list = RandomList(true);
    if (list < 0) continue;
    const OsloMs time = OfficeHour(static_cast<Day>(random_.Between(after, std::max(after, until - 10))));
    queue_.Add({.time = time,
                .kind = ChangeKind::kListMistake,
                .entity = list,
                .a = kFirstMistakenId + mistaken_contracts_++,
                .b = time + random_.Between(kMsPerHour, 5 * kMsPerDay)});
  }
  for (int i = Times(options_.rates.periods_without_contract_per_month); i > 0; --i) {
    const std::int32_t list = RandomList(true);
    if (list < 0) continue;
    queue_.Add({.time = OfficeHour(static_cast<Day>(random_.Between(after, until - 1))),
                .kind = ChangeKind::kPeriodOrphan,
                .entity = world_.lists[static_cast<std::size_t>(list)].gp_period,
                .a = kFirstMissingId + random_.Between(0, 9'998)});
  }
}

// Deleted in error and sent again as it was: a doctor period, a contract; a patient count is back with the next
// month's.
void Planner::PlanReturns(Day after, Day until) {
  const auto withdraw = [&](ChangeKind deletion, ChangeKind comes_back, std::int32_t entity) {
    const OsloMs time = OfficeHour(static_cast<Day>(random_.Between(after, until - 1)));
    queue_.Add({.time = time, .kind = deletion, .entity = entity});
    queue_.Add({.time = time + random_.Between(kMsPerHour, 12 * kMsPerDay), .kind = comes_back, .entity = entity});
  };
  for (int i = Times(options_.rates.returned_periods_per_month); i > 0; --i) {
    const std::int32_t list = RandomList(true);
    if (list < 0) continue;
    const std::int32_t period = world_.lists[static_cast<std::size_t>(list)].gp_period;
    // Of the GP of the next month the register may not know yet.
    if (world_.periods[static_cast<std::size_t>(period)].from >= after) continue;
    withdraw(ChangeKind::kPeriodWithdrawn, ChangeKind::kPeriodOpened, period);
  }
  for (int i = Times(options_.rates.returned_contracts_per_month); i > 0; --i) {
    const std::int32_t list = RandomList(true);
    if (list >= 0) withdraw(ChangeKind::kListWithdrawn, ChangeKind::kListSent, list);
  }
  for (int i = Times(options_.rates.withdrawn_counts_per_month); i > 0; --i) {
    const std::int32_t list = RandomList(true);
    const Day day = static_cast<Day>(random_.Between(after + 1, until - 3));
    if (list < 0) continue;
    queue_.Add({.time = OfficeHour(day), .kind = ChangeKind::kCountWithdrawn, .entity = list});
  }
}

// Agreed months ago and registered now: the caps and salaries of past snapshots change (R7, R19).
void Planner::PlanBackdated(Day after, Day until) {
  for (int i = Times(options_.rates.backdated_contracts_per_month); i > 0; --i) {
    const std::int32_t index = RandomList(true);
    if (index < 0) continue;
    List& list = world_.lists[static_cast<std::size_t>(index)];
    list.cap += random_.Chance(0.5) ? 50 : -50;
    if (random_.Chance(0.3)) list.fixed_salary = !list.fixed_salary;
    const OsloMs time = OfficeHour(static_cast<Day>(random_.Between(after, until - 1)));
    queue_.Add({.time = time,
                .kind = ChangeKind::kListBackdated,
                .entity = index,
                .a = list.cap,
                .b = list.fixed_salary ? 1 : 0,
                .c = time - random_.Between(30 * kMsPerDay, 180 * kMsPerDay)});
  }
  PlanCorrectedCounts(after, until);
}

// The number of an earlier month's end once more, counted anew: as a version of its own or in place of the first.
void Planner::PlanCorrectedCounts(Day after, Day until) {
  for (int i = Times(options_.rates.corrected_counts_per_month); i > 0; --i) {
    const std::int32_t index = RandomList(true);
    if (index < 0) continue;
    const List& list = world_.lists[static_cast<std::size_t>(index)];
    const Day month_end = AddMonths(after, -static_cast<int>(random_.Between(1, 5))) - 1;
    const Day counted = month_end + (random_.Chance(0.7) ? 1 : 0);
    if (list.without_count || list.from >= month_end) continue;
    const double factor = 0.9 + 0.2 * random_.Uniform();
    queue_.Add({.time = OfficeHour(static_cast<Day>(random_.Between(after, until - 1))),
                .kind = ChangeKind::kCount,
                .entity = index,
                .a = static_cast<std::int64_t>(factor * list.counted),
                .b = counted});
  }
}

}  // namespace flosync::synthetic
