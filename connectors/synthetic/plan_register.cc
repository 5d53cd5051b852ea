// The everyday traffic of HPR that has nothing to do with the GP scheme.
#include <algorithm>

#include "connectors/synthetic/planner.h"

namespace flosync::synthetic {

void Planner::PlanRegisterTraffic(Day after, Day until) {
  // Shares in a month. Assumed; together with the rest they make some hundred changes a day at full size.
  constexpr double kDoctorsSentAgain = 0.08;
  constexpr double kOthersSentAgain = 0.005;
  constexpr double kOtherSpeciality = 0.0012;
  const double persons = static_cast<double>(world_.persons.size());
  const auto day_between = [&] { return static_cast<Day>(random_.Between(after, until - 1)); };
  const double doctors = std::min(persons, kDoctorsInNorway * world_.scale);
  const double sent_again = kDoctorsSentAgain * doctors + kOthersSentAgain * (persons - doctors);
  for (int i = random_.Round(sent_again); i > 0; --i) {
    queue_.Add({.time = OfficeHour(day_between()), .kind = ChangeKind::kPersonSent, .entity = RandomPerson()});
  }
  for (int i = random_.Round(persons * kOtherSpeciality); i > 0; --i) {
    const std::int32_t index = RandomPerson();
    const Person& person = world_.persons[static_cast<std::size_t>(index)];
    if (person.kind != PersonKind::kDoctor || person.planned_lists > 0 || person.other_speciality_from != kNever)
      continue;
    const Day day = day_between();
    queue_.Add({.time = OfficeHour(day),
                .kind = ChangeKind::kOtherSpeciality,
                .entity = index,
                .a = day,
                .b = random_.Between(2, 46)});
  }
  PlanYoungDoctors(after, until);
  PlanMergers(after, until);
  PlanDeletions(after, until);
  PlanReactions(after, until);
  PlanClockChange(after, until);
  PlanMistakes(after, until);
  PlanReturns(after, until);
  PlanBackdated(after, until);
}

// Internship licences become authorisations after eighteen months, new ones come, and the old die.
void Planner::PlanYoungDoctors(Day after, Day until) {
  constexpr Day kInternship = 548;
  constexpr double kNewEachMonth = 0.0015;
  const std::size_t known = world_.persons.size();
  for (std::size_t i = 0; i < known; ++i) {
    Person& person = world_.persons[i];
    const auto index = static_cast<std::int32_t>(i);
    const Day day = static_cast<Day>(after + static_cast<Day>(Mix(i, static_cast<std::uint64_t>(until)) %
                                                              static_cast<std::uint64_t>(until - after)));
    if (person.kind == PersonKind::kInternship && person.approval_from + kInternship <= until &&
        !person.planned_renewal) {
      person.planned_renewal = true;
      queue_.Add({.time = OfficeHour(day), .kind = ChangeKind::kAuthorised, .entity = index, .a = day});
    }
    const int age = AgeAt(person, until);
    if (age < 70 || person.death != kNever || person.planned_lists > 0 || person.planned_gone) continue;
    if (!random_.Chance(0.0015 + 0.0006 * (age - 70))) continue;
    person.planned_gone = true;
    queue_.Add({.time = OfficeHour(day + static_cast<Day>(random_.Between(1, 20))),
                .kind = ChangeKind::kDeath,
                .entity = index,
                .a = day});
  }
  for (int i = random_.Round(static_cast<double>(known) * kNewEachMonth); i > 0; --i) {
    const Day day = static_cast<Day>(random_.Between(after, until - 1));
    Person person = NewPerson(day, static_cast<int>(random_.Between(24, 29)), PersonKind::kInternship);
    person.approval_from = day;
    person.approval_to = day + kInternship + 60;
    const std::int32_t index = world_.AddPerson(person);
    queue_.Add({.time = OfficeHour(day), .kind = ChangeKind::kPersonSent, .entity = index});
  }
}

}  // namespace flosync::synthetic
