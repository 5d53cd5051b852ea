// The everyday traffic of HPR that has nothing to do with the GP scheme, and the mistakes of both registers.
#include <algorithm>

#include "connectors/synthetic/planner.h"

namespace flosync::synthetic {

void Planner::PlanRegisterTraffic(Day after, Day until) {
  // Shares in a month. Assumed; together with the rest they make some hundred changes a day at full size.
  constexpr double kDoctorsSentAgain = 0.08;
  constexpr double kOthersSentAgain = 0.005;
  constexpr double kOtherSpeciality = 0.0012;
  constexpr double kReactions = 0.0001;
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
  for (int i = random_.Round(persons * kReactions); i > 0; --i) {
    const std::int32_t index = RandomPerson();
    Person& person = world_.persons[static_cast<std::size_t>(index)];
    if (person.planned_lists > 0 || person.reaction_from != kNever) continue;
    const Day day = day_between();
    static constexpr std::array<std::int64_t, 5> kTypes = {1, 2, 5, 7, 8};
    queue_.Add({.time = OfficeHour(day),
                .kind = ChangeKind::kReaction,
                .entity = index,
                .a = day,
                .b = day + random_.Between(90, 700),
                .c = kTypes[random_.Below(kTypes.size())]});
  }
  PlanYoungDoctors(after, until);
  PlanMergesAndDeletions(after, until);
  PlanMistakes(after, until);
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

// A person registered twice gets one number, now and then a GP; a person registered in error is deleted.
void Planner::PlanMergesAndDeletions(Day after, Day until) {
  constexpr double kMerges = 5;  // a month in the whole country; assumed
  constexpr double kGpMerges = 0.5;
  constexpr double kDeletions = 3;
  const auto merge = [&](std::int32_t index) {
    const Day day = static_cast<Day>(random_.Between(after, until - 1));
    Person remaining = world_.persons[static_cast<std::size_t>(index)];
    remaining.hpr_number = HprNumberOf(world_.seed, static_cast<std::uint32_t>(world_.persons.size()));
    remaining.deleted = true;  // until the merge makes it known
    const std::int32_t kept = world_.AddPerson(remaining);
    Person& old = world_.persons[static_cast<std::size_t>(index)];
    old.planned_gone = true;
    old.planned_lists = 0;
    for (List& list : world_.lists) {
      if (list.gp == index) list.gp = kept;
    }
    queue_.Add({.time = OfficeHour(day), .kind = ChangeKind::kPersonMerged, .entity = index, .a = kept});
  };
  const auto usable = [&](const Person& person) {
    return person.kind == PersonKind::kDoctor && !person.planned_gone && !person.deleted && person.replaced_by == 0;
  };
  for (int i = random_.Round(kMerges * world_.scale); i > 0; --i) {
    const std::int32_t index = RandomPerson();
    const Person& person = world_.persons[static_cast<std::size_t>(index)];
    if (usable(person) && person.planned_lists == 0) merge(index);
  }
  for (int i = random_.Round(kGpMerges * world_.scale); i > 0 && !world_.lists.empty(); --i) {
    const std::int32_t index = world_.lists[random_.Below(world_.lists.size())].gp;
    if (index >= 0 && usable(world_.persons[static_cast<std::size_t>(index)])) merge(index);
  }
  for (int i = random_.Round(kDeletions * world_.scale); i > 0; --i) {
    const std::int32_t index = RandomPerson();
    Person& person = world_.persons[static_cast<std::size_t>(index)];
    if (!usable(person) || person.planned_lists > 0) continue;
    person.planned_gone = true;
    queue_.Add({.time = OfficeHour(static_cast<Day>(random_.Between(after, until - 1))),
                .kind = ChangeKind::kPersonDeleted,
                .entity = index});
  }
}

// What FLO registers in error and deletes again: a substitute on the wrong list, a contract made twice.
void Planner::PlanMistakes(Day after, Day until) {
  constexpr double kSubstitutes = 3;  // a month in the whole country; assumed
  constexpr double kContracts = 0.5;
  constexpr std::int64_t kFirstMistakenId = 990'001;
  if (world_.lists.empty()) return;
  const auto random_list = [&] { return static_cast<std::int32_t>(random_.Below(world_.lists.size())); };
  for (int i = random_.Round(kSubstitutes * world_.scale); i > 0; --i) {
    const Day day = static_cast<Day>(random_.Between(after, until - 1));
    const std::int32_t person = DrawSubstitute(day);
    if (person < 0) continue;
    const std::int32_t list = random_list();
    const List& wrong = world_.lists[static_cast<std::size_t>(list)];
    if (wrong.published_number == 0 || wrong.to != kOpenEnd) continue;
    const std::int32_t period = world_.AddPeriod(list, person, Relationship::kSubstitute, day + 10, day + 60);
    const OsloMs time = OfficeHour(day);
    queue_.Add({.time = time, .kind = ChangeKind::kPeriodOpened, .entity = period});
    queue_.Add({.time = time + random_.Between(kMsPerHour, 6 * kMsPerDay),
                .kind = ChangeKind::kPeriodWithdrawn,
                .entity = period});
  }
  for (int i = random_.Round(kContracts * world_.scale); i > 0; --i) {
    const std::int32_t list = random_list();
    if (world_.lists[static_cast<std::size_t>(list)].published_number == 0) continue;
    const OsloMs time = OfficeHour(static_cast<Day>(random_.Between(after, std::max(after, until - 10))));
    queue_.Add({.time = time,
                .kind = ChangeKind::kListMistake,
                .entity = list,
                .a = kFirstMistakenId + mistaken_contracts_++,
                .b = time + random_.Between(kMsPerHour, 5 * kMsPerDay)});
  }
}

}  // namespace flosync::synthetic
