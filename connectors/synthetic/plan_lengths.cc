// Salaried posts, caps and patients: moved so that the published shares, means and sums hold at the month's end.
#include <algorithm>
#include <array>
#include <cmath>

#include "connectors/synthetic/planner.h"

namespace flosync::synthetic {

void Planner::AlignFixedSalary(Day after, Day until, bool founding) {
  const Targets targets = TargetsAt(until);
  const Census census = Count(world_, until);
  const double staffed = static_cast<double>(census.staffed.size());
  const double unstaffed = static_cast<double>(census.unstaffed.size());
  const double wanted_staffed = targets.fixed_salary_share_staffed * staffed;
  const double wanted_unstaffed = targets.fixed_salary_share_all * (staffed + unstaffed) - wanted_staffed;
  for (const bool is_staffed : {true, false}) {
    const std::vector<std::int32_t>& lists = is_staffed ? census.staffed : census.unstaffed;
    std::vector<std::int32_t> fixed;
    std::vector<std::int32_t> free;
    for (const std::int32_t i : lists)
      (world_.lists[static_cast<std::size_t>(i)].fixed_salary ? fixed : free).push_back(i);
    const double wanted =
        std::clamp(is_staffed ? wanted_staffed : wanted_unstaffed, 0.0, static_cast<double>(lists.size()));
    const auto missing = std::llround(wanted) - static_cast<std::int64_t>(fixed.size());
    GroupDraw draw(world_, missing > 0 ? free : fixed, &GroupProfile::fixed_salary_weight, missing < 0, random_);
    for (std::int64_t i = 0; i < std::abs(missing); ++i)
      SetFixedSalary(draw.Next(), missing > 0, after, until, founding);
  }
}

void Planner::SetFixedSalary(std::int32_t index, bool fixed, Day after, Day until, bool founding) {
  if (index < 0) return;
  List& list = world_.lists[static_cast<std::size_t>(index)];
  list.fixed_salary = fixed;
  if (founding) {
    list.published_fixed_salary = fixed;
    return;
  }
  if (list.published_number == 0) return;  // not registered yet: comes with the list
  const Day day = static_cast<Day>(random_.Between(after, std::max(after, until - 4)));
  queue_.Add({.time = OfficeHour(day), .kind = ChangeKind::kListFixedSalary, .entity = index, .a = fixed ? 1 : 0});
}

void Planner::AlignCaps(Day after, Day until, bool founding) {
  constexpr std::int32_t kSmallest = 200;
  constexpr std::int32_t kLargest = 2500;
  Census census = Count(world_, until);
  if (founding) {
    for (List& list : world_.lists) {
      // As many patients as the municipality has inhabitants; in a country at a small scale as is usual in the group.
      const Area& area = world_.AreaOf(list);
      const double usual = 10'000 / kGroupProfiles[area.group].gps_per_10000;
      const double mean =
          world_.scale < 0.5 ? usual : 0.99 * area.population * world_.scale / std::max(1, area.wanted_lists);
      const double capped = std::clamp(mean, 300.0, 1600.0) * (0.72 + 0.28 * (random_.Uniform() + random_.Uniform()));
      list.cap = std::clamp(static_cast<std::int32_t>(capped / 10) * 10, kSmallest, kLargest);
    }
  }
  std::erase_if(census.staffed, [&](std::int32_t i) { return world_.lists[static_cast<std::size_t>(i)].without_cap; });
  if (census.staffed.empty()) return;
  const double count = static_cast<double>(census.staffed.size());
  const auto wanted = std::llround(TargetsAt(until).list_cap_mean_staffed * count);
  std::int64_t missing = wanted;
  for (const std::int32_t i : census.staffed) missing -= world_.lists[static_cast<std::size_t>(i)].cap;
  // At least one list in eighty changes its cap in a month; on the first day as many as it takes.
  const std::int64_t usual = founding ? 0 : random_.Round(count / 80);
  for (std::int64_t i = 0; (i < usual || std::abs(missing) >= 40) && i < 400'000; ++i) {
    const std::int32_t index = census.staffed[random_.Below(census.staffed.size())];
    List& list = world_.lists[static_cast<std::size_t>(index)];
    const std::int64_t direction = missing > 0 ? 1 : -1;
    const std::int64_t step = i < usual && random_.Chance(0.4) ? -direction : direction;
    const std::int64_t size = 10 * random_.Between(founding ? 1 : 3, founding ? 3 : 15);
    const auto cap = static_cast<std::int32_t>(std::clamp<std::int64_t>(
        list.cap + step * (std::abs(missing) < 150 ? 10 * std::max<std::int64_t>(1, size / 50) : size), kSmallest,
        kLargest));
    if (cap == list.cap) continue;
    missing -= cap - list.cap;
    list.cap = cap;
    if (founding || list.published_number == 0) continue;
    const Day day = static_cast<Day>(random_.Between(after, std::max(after, until - 4)));
    queue_.Add({.time = OfficeHour(day), .kind = ChangeKind::kListCap, .entity = index, .a = cap});
  }
  for (List& list : world_.lists) {
    if (founding) list.published_cap = list.cap;
  }
}

// Lists drift towards their caps, empty ones lose patients; then each kind is scaled to its published sum.
void Planner::AlignPatients(Day until) {
  enum Kind { kStaffed, kUnstaffed, kUnstaffedOver1y, kKinds };
  const Targets targets = world_.ScaledTargets(until);
  const Day a_year_ago = AddYears(until, -1);
  std::array<double, kKinds> sum{};
  std::vector<int> kinds(world_.lists.size(), -1);
  for (std::size_t i = 0; i < world_.lists.size(); ++i) {
    List& list = world_.lists[i];
    if (!world_.ActiveAt(list, until) || list.without_count) continue;
    kinds[i] = list.gp >= 0 ? kStaffed : list.unstaffed_since < a_year_ago ? kUnstaffedOver1y : kUnstaffed;
    if (list.patients <= 0) list.patients = list.cap * (0.93 + 0.1 * random_.Uniform());
    const double noise = (random_.Uniform() - 0.5) * 12;
    list.patients += list.gp >= 0 ? (0.985 * list.cap - list.patients) * 0.06 + noise : -0.02 * list.patients + noise;
    list.patients = std::max(list.patients, 20.0);
    sum[static_cast<std::size_t>(kinds[i])] += list.patients;
  }
  const std::array<double, kKinds> wanted = {targets.persons_on_staffed,
                                             targets.persons_on_unstaffed - targets.persons_on_unstaffed_over_1y,
                                             targets.persons_on_unstaffed_over_1y};
  std::array<double, kKinds> carried{};
  for (std::size_t i = 0; i < world_.lists.size(); ++i) {
    if (kinds[i] < 0) continue;
    const auto kind = static_cast<std::size_t>(kinds[i]);
    List& list = world_.lists[i];
    list.patients *= wanted[kind] / sum[kind];
    carried[kind] += list.patients;
    list.counted = static_cast<std::int32_t>(std::llround(carried[kind]));
    carried[kind] -= list.counted;
  }
}

// The counts of a month's end come on its last night, in batches; those of a tenth of the lists on their own on the
// first.
void Planner::PlanCounts(Day until) {
  constexpr std::size_t kBatch = 100;
  const Day month_end = until - 1;
  for (std::size_t i = 0; i < world_.lists.size(); ++i) {
    const auto index = static_cast<std::int32_t>(i);
    if (i % kBatch == 0) {
      const std::size_t last = std::min(world_.lists.size(), i + kBatch) - 1;
      queue_.Add({.time = OsloMidnight(month_end) + random_.Between(kMsPerHour, 5 * kMsPerHour),
                  .kind = ChangeKind::kCountBatch,
                  .entity = index,
                  .a = static_cast<std::int64_t>(last),
                  .b = month_end});
    }
    const List& list = world_.lists[i];
    // A list that opens that day is counted when it opens.
    if (!CountedSingly(list, month_end) || !world_.ActiveAt(list, until)) continue;
    if (list.from == until || list.without_count) continue;
    queue_.Add({.time = OsloMidnight(until) + random_.Between(5 * kMsPerMinute, 5 * kMsPerHour),
                .kind = ChangeKind::kCount,
                .entity = index,
                .a = list.counted,
                .b = until});
  }
}

}  // namespace flosync::synthetic
