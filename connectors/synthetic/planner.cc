#include "connectors/synthetic/planner.h"

#include <algorithm>

namespace flosync::synthetic {

Planner::Planner(const GeneratorOptions& options, const std::vector<MunicipalityEra>& eras, World& world,
                 ChangeQueue& queue)
    : options_(options), eras_(eras), world_(world), queue_(queue), random_(Mix(options.seed, 73)) {}

void Planner::PlanMonth(Day after, Day until) {
  PlanRetroactiveSpecialities(after, until);
  AlignSpecialists(after, until, false);
  PlanRenewals(after, until);
  AlignFixedSalary(after, until, false);
  AlignCaps(after, until, false);
  AlignPatients(until);
  PlanCounts(until);
  PlanRegisterTraffic(after, until);
}

OsloMs Planner::OfficeHour(Day day) {
  // The registers change from seven to four, most of all before lunch; a few changes come from evening runs.
  static constexpr Quantile kHours[] = {{0.0, 7.0}, {0.45, 11.5}, {0.95, 16.0}, {1.0, 21.0}};
  while (IsWeekend(day)) ++day;
  return OsloMidnight(day) + static_cast<OsloMs>(random_.Quantiled(kHours) * static_cast<double>(kMsPerHour));
}

OsloMs Planner::RegisteredBefore(Day effective) {
  constexpr Day kLongestNotice = 75;
  if (random_.Chance(options_.rates.registered_late_share))
    return OfficeHour(effective + static_cast<Day>(random_.Between(1, 25)));
  const Day earliest = std::max(known_from_, effective - kLongestNotice);
  const Day day = static_cast<Day>(random_.Between(earliest, effective - 1));
  if (day + 2 >= effective)
    return OsloMidnight(day) + random_.Between(7, 15) * kMsPerHour + random_.Between(0, kMsPerHour - 1);
  return OfficeHour(day);
}

// Most agreements begin and end on the first of a month.
Day Planner::EffectiveDay() {
  return random_.Chance(0.7) ? until_ : static_cast<Day>(random_.Between(after_ + 1, until_));
}

// Lists fall empty and are taken over at any time, so that the number of unstaffed lists moves evenly through the
// month.
Day Planner::AnyDay() { return random_.Chance(0.05) ? until_ : static_cast<Day>(random_.Between(after_ + 1, until_)); }

std::int32_t Planner::RandomPerson() { return static_cast<std::int32_t>(random_.Below(world_.persons.size())); }

Census Count(const World& world, Day day) {
  Census census;
  const Day a_year_ago = AddYears(day, -1);
  std::vector<bool> seen(world.persons.size());
  for (std::size_t i = 0; i < world.lists.size(); ++i) {
    const List& list = world.lists[i];
    if (!world.ActiveAt(list, day)) continue;
    const auto index = static_cast<std::int32_t>(i);
    if (list.gp < 0) {
      census.unstaffed.push_back(index);
      if (list.unstaffed_since < a_year_ago) census.unstaffed_over_1y.push_back(index);
      continue;
    }
    census.staffed.push_back(index);
    const Person& gp = world.persons[static_cast<std::size_t>(list.gp)];
    const std::size_t group = world.AreaOf(list).group;
    ++census.agreements[group];
    if (AgeAt(gp, day) < 40) ++census.under_40[group];
    if (seen[static_cast<std::size_t>(list.gp)]) continue;
    seen[static_cast<std::size_t>(list.gp)] = true;
    ++census.gps;
    if (gp.sex == Sex::kFemale) ++census.women;
    if (AgeAt(gp, day) >= 67) ++census.aged_67;
  }
  return census;
}

GroupDraw::GroupDraw(const World& world, const std::vector<std::int32_t>& lists, double GroupProfile::*weight,
                     bool inverse, Random& random)
    : random_(random) {
  for (const std::int32_t list : lists) {
    left_[world.AreaOf(world.lists[static_cast<std::size_t>(list)]).group].push_back(list);
  }
  for (std::size_t group = 0; group < kGroups; ++group) {
    random_.Shuffle(left_[group]);
    const double of_group = kGroupProfiles[group].*weight;
    weight_[group] = inverse ? 1.0 / of_group : of_group;
  }
}

std::int32_t GroupDraw::Next() {
  std::array<double, kGroups> weights{};
  bool any = false;
  for (std::size_t group = 0; group < kGroups; ++group) {
    weights[group] = weight_[group] * static_cast<double>(left_[group].size());
    any = any || !left_[group].empty();
  }
  if (!any) return -1;
  std::size_t group = random_.Weighted(weights);
  while (left_[group].empty()) group = (group + 1) % kGroups;  // rounding may end on an empty one
  const std::int32_t list = left_[group].back();
  left_[group].pop_back();
  return list;
}

}  // namespace flosync::synthetic
