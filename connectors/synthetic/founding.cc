// The register of the first day: persons, lists, GPs.
#include <algorithm>
#include <cmath>

#include "connectors/synthetic/planner.h"

namespace flosync::synthetic {
namespace {

// Ages in HPR, where doctors stay after they retire. Assumed.
constexpr Quantile kDoctorAges[] = {{0.0, 26.0},  {0.10, 30.0}, {0.35, 40.0}, {0.57, 50.0},
                                    {0.73, 60.0}, {0.86, 70.0}, {0.96, 80.0}, {1.0, 92.0}};

// Ages of GPs within the bands of R13. Assumed but for the share of 67 and older.
constexpr Quantile kUnder40[] = {{0.0, 29.0}, {0.2, 32.0}, {0.55, 36.0}, {1.0, 39.999}};
constexpr Quantile kFrom40To60[] = {{0.0, 40.0}, {0.5, 50.3}, {1.0, 60.999}};
constexpr Quantile kFrom61To66[] = {{0.0, 61.0}, {0.6, 63.0}, {0.87, 66.0}, {1.0, 66.999}};
constexpr Quantile kFrom67[] = {{0.0, 67.0}, {0.7, 69.0}, {1.0, 75.0}};
constexpr double kOver60Share = 0.19;

double WomenShare(int age) { return age < 40 ? 0.58 : age <= 60 ? 0.50 : 0.29; }

}  // namespace

void Planner::Found(Day at) {
  while (era_ + 1 < eras_.size() && static_cast<Day>(eras_[era_ + 1].from.time_since_epoch().count()) <= at) {
    ++era_;
  }
  targets_ = world_.ScaledTargets(at);
  FoundPersons(at);
  FoundLists(at);
  FoundUnstaffed(at);
  FoundGps(at);
  FoundSecondLists(at);
  FoundAgreements(at);
  AlignSpecialists(at, at, true);
  AlignFixedSalary(at, at, true);
  AlignCaps(at, at, true);
  AlignPatients(at);
  // A year of substitutes, so that windows that reach back before the first day find what they look for.
  for (int months = 12; months >= 0; --months) {
    const Day end = AddMonths(at, -months);
    PlanSubstitutes(end, AddMonths(end, -1), true);
  }
}

void Planner::FoundPersons(Day at) {
  const double wanted = std::max(options_.persons * world_.scale, 2.6 * targets_.lists_all);
  const double doctors = std::max(std::min(wanted, kDoctorsInNorway * world_.scale), 2.6 * targets_.lists_all);
  const auto count = static_cast<std::int64_t>(std::ceil(std::max(wanted, doctors)));
  world_.persons.reserve(static_cast<std::size_t>(count + count / 8));
  for (std::int64_t i = 0; i < count; ++i) {
    // Doctors are spread evenly among the others, as they are in the register.
    const bool doctor = static_cast<std::int64_t>(doctors * static_cast<double>(i + 1) / static_cast<double>(count)) >
                        static_cast<std::int64_t>(doctors * static_cast<double>(i) / static_cast<double>(count));
    const int age = static_cast<int>(random_.Quantiled(kDoctorAges));
    PersonKind kind = PersonKind::kOtherPersonnel;
    if (doctor) {
      kind = PersonKind::kDoctor;
      if (age < 29 && random_.Chance(0.55)) kind = age < 27 ? PersonKind::kStudent : PersonKind::kInternship;
      if (age >= 29 && random_.Chance(0.01)) kind = PersonKind::kVisiting;
    }
    world_.AddPerson(NewPerson(at, age, kind));
  }
}

Person Planner::NewPerson(Day at, int age, PersonKind kind) {
  Person person;
  person.hpr_number = HprNumberOf(world_.seed, static_cast<std::uint32_t>(world_.persons.size()));
  person.kind = kind;
  person.sex = random_.Chance(WomenShare(age)) ? Sex::kFemale : Sex::kMale;
  person.birth = MakeDay(YearOf(at) - age, 1, 1) + static_cast<Day>(random_.Below(365));
  person.without_nin = random_.Chance(0.03);
  DrawPersonOddities(person);
  const Day qualified = AddYears(person.birth, 26) + static_cast<Day>(random_.Between(0, 1000));
  person.approval_from = std::min(qualified, at - 40 - static_cast<Day>(random_.Between(0, 400)));
  person.approval_to = AddYears(person.birth, 80) + 1;
  if (kind == PersonKind::kStudent || kind == PersonKind::kInternship || kind == PersonKind::kVisiting) {
    person.approval_from = at - static_cast<Day>(random_.Between(30, 500));
    person.approval_to = person.approval_from + 550;
  } else if (kind == PersonKind::kDoctor) {
    if (random_.Chance(0.3)) person.licence_from = AddMonths(person.approval_from, -18);
    if (age >= 35 && random_.Chance(0.5)) {
      person.other_speciality = static_cast<std::uint16_t>(random_.Chance(0.1) ? 152 : random_.Between(2, 46));
      person.other_speciality_from = person.approval_from + static_cast<Day>(random_.Between(2200, 3200));
    }
    // Former GPs and doctors of other work who hold the speciality of general practice.
    if (age >= 45 && random_.Chance(0.08)) {
      person.gp_speciality_from = person.approval_from + static_cast<Day>(random_.Between(1800, 4000));
      person.planned_specialist = true;
    }
    if (age >= 75 && random_.Chance(0.15)) person.death = at - static_cast<Day>(random_.Between(5, 1500));
  }
  if (person.other_speciality_from > at - 30) person.other_speciality_from = kNever;
  const Day newest = at - 5;
  const Day changed =
      std::max({person.approval_from, person.death, newest - static_cast<Day>(random_.Between(0, 2500))});
  person.updated = OsloMidnight(std::min(changed, newest)) + random_.Between(7 * kMsPerHour, 16 * kMsPerHour);
  return person;
}

// What is unusual about an entry from the beginning.
void Planner::DrawPersonOddities(Person& person) {
  const Rates& rates = options_.rates;
  person.soap = random_.Chance(rates.soap_person_share);
  person.birth_unknown = random_.Chance(rates.birth_unknown_per_mille / 1e3);
  person.sex_unknown = random_.Chance(rates.sex_unknown_per_mille / 1e3);
  person.bad_nin = random_.Chance(rates.bad_nin_per_mille / 1e3);
  if (person.kind != PersonKind::kDoctor) return;
  person.second_category = random_.Chance(rates.second_category_per_mille / 1e3);
  if (!random_.Chance(rates.uncounted_approval_per_mille / 1e3)) return;
  person.uncounted_approval = random_.Chance(0.5) ? 3 : 99;
}

void Planner::DrawListOddities(List& list) {
  const Rates& rates = options_.rates;
  list.without_cap = random_.Chance(rates.list_without_cap_per_mille / 1e3);
  list.without_count = random_.Chance(rates.list_without_count_per_mille / 1e3);
  list.end_with_time = random_.Chance(rates.end_with_time_share);
  list.unknown_code = random_.Chance(rates.unknown_code_per_mille / 1e3);
  constexpr std::int32_t kBadOrganisationNumber = 999'944'999;  // as in NHN's own test data
  if (random_.Chance(rates.bad_organisation_number_per_mille / 1e3)) list.organisation_number = kBadOrganisationNumber;
  if (random_.Chance(rates.unknown_municipality_per_mille / 1e3)) {
    list.strange_number = static_cast<std::uint8_t>(random_.Between(1, 3));
  }
}

void Planner::FoundLists(Day at) {
  const auto wanted = static_cast<std::int64_t>(std::llround(targets_.lists_all));
  world_.areas = AreasOf(eras_[era_], wanted);
  for (std::size_t area = 0; area < world_.areas.size(); ++area) {
    for (std::int32_t i = 0; i < world_.areas[area].wanted_lists; ++i) {
      List list;
      list.id = 900'001 + static_cast<std::int64_t>(world_.lists.size());
      list.area = static_cast<std::int32_t>(area);
      list.published_number = world_.areas[area].number;
      list.organisation_number =
          SyntheticOrganisationNumber(Mix(world_.seed, static_cast<std::uint64_t>(world_.areas[area].number) * 1000 +
                                                           static_cast<std::uint64_t>(i) / 4));
      // The scheme began on 1 May 2001 with most of its lists.
      list.from = MakeDay(2001, 5, 1);
      if (random_.Chance(0.4)) list.from = FirstOfMonth(static_cast<Day>(random_.Between(list.from, at - 60)));
      DrawListOddities(list);
      world_.lists.push_back(list);
    }
  }
}

void Planner::FoundUnstaffed(Day at) {
  std::vector<std::int32_t> all(world_.lists.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int32_t>(i);
  GroupDraw draw(world_, all, &GroupProfile::unstaffed_weight, false, random_);
  const auto unstaffed = std::llround(targets_.lists_unstaffed);
  const auto over_1y = std::llround(targets_.lists_unstaffed_over_1y);
  const Day a_year_ago = AddYears(at, -1);
  static constexpr Quantile kDaysOverOneYear[] = {{0.0, 2.0}, {0.6, 240.0}, {0.9, 700.0}, {1.0, 1500.0}};
  for (std::int64_t i = 0; i < unstaffed; ++i) {
    const std::int32_t index = draw.Next();
    if (index < 0) return;
    List& list = world_.lists[static_cast<std::size_t>(index)];
    const Day since = i < over_1y ? a_year_ago - static_cast<Day>(random_.Quantiled(kDaysOverOneYear))
                                  : static_cast<Day>(random_.Between(a_year_ago + 1, at - 1));
    list.unstaffed_since = random_.Chance(0.7) && FirstOfMonth(since) > a_year_ago ? FirstOfMonth(since) : since;
    list.from = std::min(list.from, list.unstaffed_since);
    if (random_.Chance(0.1)) list.from = list.unstaffed_since;  // opened without a doctor
    FoundPredecessors(static_cast<std::size_t>(index), list.unstaffed_since);
  }
}

int Planner::NewGpAge(Day at, std::size_t group) {
  const double u = random_.Uniform();
  const double under_40 = kGroupProfiles[group].under_40_share;
  if (u < under_40) return static_cast<int>(random_.Quantiled(kUnder40));
  if (u < 1 - kOver60Share) return static_cast<int>(random_.Quantiled(kFrom40To60));
  // The share of the oldest falls through the year and rises by a point on 1 January; it is steered from there on.
  const double fallen = 0.009 * (MonthOf(at) - 1) / 11;
  const bool oldest = u > 1 - (targets_.aged_67_share - fallen);
  return static_cast<int>(oldest ? random_.Quantiled(kFrom67) : random_.Quantiled(kFrom61To66));
}

void Planner::FoundGps(Day at) {
  std::vector<int> ages(world_.lists.size());
  double women = 0;
  std::int64_t staffed = 0;
  for (std::size_t i = 0; i < ages.size(); ++i) {
    if (world_.lists[i].unstaffed_since != kOpenEnd) continue;
    ages[i] = NewGpAge(at, world_.AreaOf(world_.lists[i]).group);
    women += WomenShare(ages[i]);
    ++staffed;
  }
  const double factor = women > 0 ? targets_.women_share * static_cast<double>(staffed) / women : 1.0;
  for (std::size_t i = 0; i < ages.size(); ++i) {
    List& list = world_.lists[i];
    if (list.unstaffed_since != kOpenEnd) continue;
    const Sex sex = random_.Chance(WomenShare(ages[i]) * factor) ? Sex::kFemale : Sex::kMale;
    list.gp = DrawDoctor(world_, random_, at, ages[i], sex);
    if (list.gp >= 0) world_.persons[static_cast<std::size_t>(list.gp)].planned_lists = 1;
  }
}

// A few doctors have two lists, so there are fewer GPs than staffed lists (R14).
void Planner::FoundSecondLists(Day /*at*/) {
  std::int64_t doubles = std::llround(targets_.lists_staffed() - targets_.gps);
  for (int attempt = 0; attempt < 100'000 && doubles > 0 && world_.lists.size() > 1; ++attempt) {
    const std::size_t i = 1 + random_.Below(world_.lists.size() - 1);
    List& list = world_.lists[i];
    const bool elsewhere = random_.Chance(options_.rates.second_list_elsewhere_share);
    const List& neighbour = world_.lists[elsewhere ? random_.Below(i) : i - 1];
    if (list.gp < 0 || neighbour.gp < 0 || neighbour.gp == list.gp) continue;
    if ((neighbour.area != list.area) != elsewhere) continue;
    Person& leaving = world_.persons[static_cast<std::size_t>(list.gp)];
    Person& staying = world_.persons[static_cast<std::size_t>(neighbour.gp)];
    if (leaving.planned_lists != 1 || staying.planned_lists != 1) continue;
    leaving.planned_lists = 0;
    staying.planned_lists = 2;
    list.gp = neighbour.gp;
    --doubles;
  }
}

}  // namespace flosync::synthetic
