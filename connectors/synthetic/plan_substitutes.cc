// Substitutes (LPVI): so many that the published share of lists has had one in the last three months.
#include <algorithm>
#include <cmath>

#include "connectors/synthetic/planner.h"

namespace flosync::synthetic {
namespace {

// Days a substitute stays. With these the national locum days come out near those published (årsrapport 2021,
// table 7.2: 165 000 on staffed and 35 000 on unstaffed lists in 2021).
constexpr Quantile kDaysOnStaffed[] = {{0.0, 7.0}, {0.3, 35.0}, {0.6, 110.0}, {0.9, 280.0}, {1.0, 370.0}};
constexpr Quantile kDaysOnUnstaffed[] = {{0.0, 40.0}, {0.3, 120.0}, {0.7, 260.0}, {1.0, 500.0}};

constexpr std::array<std::int16_t, 6> kPercentages = {20, 40, 50, 60, 80, 100};
constexpr std::array<double, 6> kPercentageWeights = {1, 2, 2, 2, 2, 4};

// Of the lists with several substitutes in a quarter, those with three or more. Assumed.
constexpr double kThreeOfSeveral = 0.15;

}  // namespace

void Planner::PlanSubstitutes(Day window_end, Day after, bool founding) {
  const Day window_start = AddMonths(window_end, -3);
  const Targets targets = TargetsAt(window_end);
  for (const bool staffed : {true, false}) {
    std::array<std::vector<std::int32_t>, 3> by_count;  // lists with none, with exactly one, with exactly two
    std::int64_t lists = 0;
    for (std::size_t i = 0; i < world_.lists.size(); ++i) {
      List& list = world_.lists[i];
      if (!world_.ActiveAt(list, window_end - 1) || !world_.ActiveAt(list, window_end) || (list.gp >= 0) != staffed)
        continue;
      std::erase_if(list.substitutes,
                    [&](std::int32_t p) { return world_.periods[static_cast<std::size_t>(p)].to <= window_start; });
      ++lists;
      std::vector<std::int32_t> doctors;
      for (const std::int32_t p : list.substitutes) {
        const DoctorPeriod& period = world_.periods[static_cast<std::size_t>(p)];
        if (period.from < window_end) doctors.push_back(period.person);
      }
      std::sort(doctors.begin(), doctors.end());
      const auto count = static_cast<std::size_t>(std::unique(doctors.begin(), doctors.end()) - doctors.begin());
      if (count < by_count.size()) by_count[count].push_back(static_cast<std::int32_t>(i));
    }
    const double any_share = staffed ? targets.locum_share_staffed : targets.locum_share_unstaffed;
    const double several_share =
        staffed ? targets.several_locums_share_staffed : targets.several_locums_share_unstaffed;
    const auto any = lists - static_cast<std::int64_t>(by_count[0].size());
    const auto several = any - static_cast<std::int64_t>(by_count[1].size());
    const auto three = several - static_cast<std::int64_t>(by_count[2].size());
    const auto missing_to = [&](double share, std::int64_t have) {
      return std::llround(share * static_cast<double>(lists)) - have;
    };
    const std::array<std::int64_t, 3> missing = {missing_to(any_share, any), missing_to(several_share, several),
                                                 missing_to(kThreeOfSeveral * several_share, three)};
    for (std::size_t count = 0; count < by_count.size(); ++count) {
      random_.Shuffle(by_count[count]);
      for (std::int64_t i = 0; i < missing[count] && i < static_cast<std::int64_t>(by_count[count].size()); ++i) {
        AddSubstitute(by_count[count][static_cast<std::size_t>(i)], after, window_end, founding);
      }
    }
  }
}

void Planner::AddSubstitute(std::int32_t index, Day after, Day window_end, bool founding) {
  const List& list = world_.lists[static_cast<std::size_t>(index)];
  const Day from = static_cast<Day>(random_.Between(std::max(after + 1, list.from), window_end - 1));
  const Day days =
      static_cast<Day>(list.gp >= 0 ? random_.Quantiled(kDaysOnStaffed) : random_.Quantiled(kDaysOnUnstaffed));
  const std::int32_t person = DrawSubstitute(from);
  if (person < 0) return;
  const std::int32_t added =
      world_.AddPeriod(index, person, Relationship::kSubstitute, from, std::min(from + days, list.to));
  DoctorPeriod& period = world_.periods[static_cast<std::size_t>(added)];
  period.percentage = random_.Chance(0.08) ? kNoPercentage : kPercentages[random_.Weighted(kPercentageWeights)];
  if (random_.Chance(options_.rates.strange_percentage_per_mille / 1e3)) {
    period.percentage = random_.Chance(0.5) ? 0 : 150;
  }
  period.unknown_code = random_.Chance(options_.rates.unknown_code_per_mille / 1e3);
  if (list.gp >= 0) period.substitute_for = world_.persons[static_cast<std::size_t>(list.gp)].hpr_number;
  if (random_.Chance(options_.rates.locum_not_in_hpr_per_mille / 1e3)) period.hpr_number = NumberNotInHpr(added);
  world_.lists[static_cast<std::size_t>(index)].substitutes.push_back(added);
  if (founding) return;
  const OsloMs time = std::max(RegisteredBefore(from), OsloMidnight(known_from_) + 17 * kMsPerHour);
  queue_.Add({.time = time, .kind = ChangeKind::kPeriodOpened, .entity = added});
}

// Mostly young doctors on their way, some who have retired.
std::int32_t Planner::DrawSubstitute(Day day) {
  const int age = static_cast<int>(random_.Chance(0.85) ? random_.Between(28, 42) : random_.Between(60, 72));
  return DrawDoctor(world_, random_, day, age, random_.Chance(0.5) ? Sex::kFemale : Sex::kMale);
}

// Some GPs share their list with a doctor who is not its GP (LPDL).
std::int32_t Planner::DrawPartner(Day day) {
  if (!random_.Chance(options_.rates.shared_list_share)) return -1;
  return DrawDoctor(world_, random_, day, 38, Sex::kFemale);
}

// A number typed wrong.
std::int32_t Planner::NumberNotInHpr(std::int32_t period) const {
  return HprNumberOf(world_.seed, 8'999'000 + static_cast<std::uint32_t>(period % 1000));
}

}  // namespace flosync::synthetic
