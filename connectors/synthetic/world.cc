#include "connectors/synthetic/world.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace flosync::synthetic {

Targets World::ScaledTargets(Day day) const {
  Targets t = TargetsAt(day);
  for (double* count : {&t.lists_all, &t.lists_unstaffed, &t.lists_unstaffed_over_1y, &t.gps, &t.persons_on_staffed,
                        &t.persons_on_unstaffed, &t.persons_on_unstaffed_over_1y}) {
    *count *= scale;
  }
  return t;
}

std::int32_t World::AddPerson(const Person& person) {
  const auto index = static_cast<std::int32_t>(persons.size());
  persons.push_back(person);
  if (person.kind != PersonKind::kDoctor) return index;
  const auto year = static_cast<std::size_t>(std::max(0, YearOf(person.birth) - kFirstBirthYear));
  if (doctors_by_birth_year.size() <= year) doctors_by_birth_year.resize(year + 1);
  doctors_by_birth_year[year].push_back(index);
  return index;
}

std::int32_t World::AddPeriod(std::int32_t list, std::int32_t person, Relationship relationship, Day from, Day to) {
  DoctorPeriod period;
  period.id = next_period_id++;
  period.list = list;
  period.person = person;
  period.hpr_number = persons[static_cast<std::size_t>(person)].hpr_number;
  period.relationship = relationship;
  period.from = from;
  period.to = to;
  period.published_to = to;
  period.end_with_time = lists[static_cast<std::size_t>(list)].end_with_time;
  periods.push_back(period);
  return static_cast<std::int32_t>(periods.size() - 1);
}

int AgeAt(const Person& person, Day day) { return YearOf(day) - YearOf(person.birth); }

namespace {

bool CanBecomeGp(const Person& person, Day day) {
  return person.planned_lists == 0 && !person.planned_gone && !person.deleted && person.replaced_by == 0 &&
         person.death == kNever && person.approval_from <= day && day < person.approval_to &&
         person.reaction_from == kNever;
}

}  // namespace

std::int32_t DrawDoctor(const World& world, Random& random, Day day, int age, Sex sex) {
  // Nearby ages are tried in turn; after the first rounds the sex no longer matters, so that small worlds find someone.
  constexpr int kTriesPerYear = 12;
  const int wanted = YearOf(day) - age - kFirstBirthYear;
  for (int distance = 0; distance < 80; ++distance) {
    const int year = wanted + (distance % 2 == 0 ? distance / 2 : -(distance + 1) / 2);
    if (year < 0 || year >= static_cast<int>(world.doctors_by_birth_year.size())) continue;
    const auto& lot = world.doctors_by_birth_year[static_cast<std::size_t>(year)];
    if (lot.empty()) continue;
    for (int i = 0; i < kTriesPerYear; ++i) {
      const std::int32_t index = lot[random.Below(lot.size())];
      const Person& person = world.persons[static_cast<std::size_t>(index)];
      if ((distance < 6 && person.sex != sex) || !CanBecomeGp(person, day)) continue;
      return index;
    }
  }
  return -1;
}

bool CountedSingly(const List& list, Day month_end) {
  return Mix(static_cast<std::uint64_t>(month_end), static_cast<std::uint64_t>(list.id)) % 10 == 0;
}

std::vector<Area> AreasOf(const MunicipalityEra& era, std::int64_t lists) {
  std::vector<Area> areas;
  for (const MunicipalitySeed& seed : era.municipalities) {
    Area area;
    area.number = static_cast<std::int16_t>(std::atoi(seed.number.c_str()));
    area.population = seed.population;
    area.group = static_cast<std::uint8_t>(GroupOf(seed.population));
    area.special = seed.county == "03" ? 1 : seed.county == "18" ? 2 : 0;
    areas.push_back(area);
  }
  // The order must not depend on the caller's: the same structure gives the same register.
  std::sort(areas.begin(), areas.end(), [](const Area& a, const Area& b) { return a.number < b.number; });
  ApportionLists(areas, lists);
  return areas;
}

namespace {

// Splits `total` in proportion to `weights` by largest remainders; `least` for each.
std::vector<std::int64_t> Apportion(const std::vector<double>& weights, std::int64_t total, std::int64_t least) {
  double sum = 0;
  for (const double weight : weights) sum += weight;
  std::vector<std::int64_t> parts(weights.size());
  std::vector<std::pair<double, std::size_t>> remainders;
  std::int64_t given = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double share = sum > 0 ? weights[i] / sum * static_cast<double>(total) : 0;
    parts[i] = std::max(least, static_cast<std::int64_t>(share));
    given += parts[i];
    remainders.emplace_back(std::floor(share) - share, i);
  }
  std::sort(remainders.begin(), remainders.end());
  for (std::size_t i = 0; given < total && !remainders.empty(); ++i, ++given) {
    ++parts[remainders[i % remainders.size()].second];
  }
  return parts;
}

}  // namespace

// First between the groups, then within each, so that a country at a small scale still has lists in every group.
void ApportionLists(std::vector<Area>& areas, std::int64_t lists) {
  std::vector<double> groups(kGroups);
  for (const Area& area : areas) groups[area.group] += area.population * kGroupProfiles[area.group].gps_per_10000;
  const std::vector<std::int64_t> lists_of_group = Apportion(groups, lists, 0);
  for (std::size_t group = 0; group < kGroups; ++group) {
    std::vector<std::size_t> members;
    std::vector<double> populations;
    for (std::size_t i = 0; i < areas.size(); ++i) {
      if (areas[i].group != group) continue;
      members.push_back(i);
      populations.push_back(areas[i].population);
    }
    // A whole country has a doctor in each municipality, however small.
    const bool one_each = lists > static_cast<std::int64_t>(10 * areas.size());
    const std::vector<std::int64_t> parts = Apportion(populations, lists_of_group[group], one_each ? 1 : 0);
    for (std::size_t k = 0; k < members.size(); ++k) {
      areas[members[k]].wanted_lists = static_cast<std::int32_t>(parts[k]);
    }
  }
}

}  // namespace flosync::synthetic
