// Persons registered twice, deleted, suspended, approved or ended: what happens to entries of HPR now and then.
#include <algorithm>

#include "connectors/synthetic/planner.h"

namespace flosync::synthetic {
namespace {

bool IsUsable(const Person& person) {
  return person.kind == PersonKind::kDoctor && !person.planned_gone && !person.deleted && person.replaced_by == 0;
}

}  // namespace

// A doctor whose entry stands for itself and who has a list as GP, or has none; -1 if none is found.
std::int32_t Planner::RandomDoctor(bool gp) {
  constexpr int kTries = 50;
  for (int i = 0; i < kTries; ++i) {
    if (gp && world_.lists.empty()) return -1;
    const std::int32_t index = gp ? world_.lists[random_.Below(world_.lists.size())].gp : RandomPerson();
    if (index < 0) continue;
    const Person& person = world_.persons[static_cast<std::size_t>(index)];
    if (IsUsable(person) && (person.planned_lists > 0) == gp) return index;
  }
  return -1;
}

// A doctor who substitutes for a GP on that day; -1 if none is found.
std::int32_t Planner::RandomSubstitute(Day day) {
  constexpr int kTries = 200;
  for (int i = 0; i < kTries && !world_.lists.empty(); ++i) {
    const List& list = world_.lists[random_.Below(world_.lists.size())];
    for (const std::int32_t index : list.substitutes) {
      const DoctorPeriod& period = world_.periods[static_cast<std::size_t>(index)];
      if (period.from <= day && day < period.to) return period.person;
    }
  }
  return -1;
}

// The person's entry gets a new number; returns the index of the entry that remains.
std::int32_t Planner::Merge(std::int32_t index, Day after, Day until, bool by_event_alone) {
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
  queue_.Add({.time = OfficeHour(day),
              .kind = ChangeKind::kPersonMerged,
              .entity = index,
              .a = kept,
              .b = by_event_alone ? 1 : 0});
  return kept;
}

// A person registered twice gets one number, now and then a GP. Numbers merged before are merged again (chains), and
// some entries name each other (cycles).
void Planner::PlanMergers(Day after, Day until) {
  const Rates& rates = options_.rates;
  const std::vector<std::int32_t> earlier = merged_;
  const auto merge = [&](double per_month, bool gp, bool by_event_alone) {
    for (int i = Times(per_month); i > 0; --i) {
      const std::int32_t index = RandomDoctor(gp);
      if (index >= 0) merged_.push_back(Merge(index, after, until, by_event_alone));
    }
  };
  merge(rates.merges_per_month, false, false);
  merge(rates.gp_merges_per_month, true, false);
  merge(rates.event_merges_per_month, random_.Chance(0.5), true);
  for (int i = Times(rates.chained_merges_per_month); i > 0 && !earlier.empty(); --i) {
    const std::int32_t index = earlier[random_.Below(earlier.size())];
    if (!IsUsable(world_.persons[static_cast<std::size_t>(index)])) continue;
    merged_.push_back(Merge(index, after, until, false));
  }
  for (int i = Times(rates.merge_cycles_per_month); i > 0; --i) {
    const std::int32_t one = RandomDoctor(random_.Chance(0.5));
    const std::int32_t other = random_.Chance(0.2) ? one : RandomDoctor(false);
    if (one < 0 || other < 0) continue;
    queue_.Add({.time = OfficeHour(static_cast<Day>(random_.Between(after, until - 1))),
                .kind = ChangeKind::kPersonsInCycle,
                .entity = one,
                .a = other});
  }
}

// A person registered in error is deleted, some of them in error as well. GPs come back within days.
void Planner::PlanDeletions(Day after, Day until) {
  const auto remove = [&](std::int32_t index, bool returns, std::int64_t most_days) {
    const OsloMs time = OfficeHour(static_cast<Day>(random_.Between(after, until - 1)));
    queue_.Add({.time = time, .kind = ChangeKind::kPersonDeleted, .entity = index});
    if (!returns) return;
    queue_.Add({.time = time + random_.Between(2 * kMsPerHour, most_days * kMsPerDay),
                .kind = ChangeKind::kPersonReturned,
                .entity = index});
  };
  for (int i = Times(options_.rates.deletions_per_month); i > 0; --i) {
    const std::int32_t index = RandomDoctor(false);
    if (index < 0) continue;
    world_.persons[static_cast<std::size_t>(index)].planned_gone = true;
    remove(index, random_.Chance(options_.rates.person_returns_share), 40);
  }
  for (int i = Times(options_.rates.gp_deletions_per_month); i > 0; --i) {
    const std::int32_t index = RandomDoctor(true);
    if (index >= 0) remove(index, true, 6);
  }
}

// Type and place of a reaction, as a Change carries them.
std::int64_t Planner::RandomReaction(bool suspending, bool speciality) {
  static constexpr std::array<std::int64_t, 3> kSuspending = {1, 5, 8};
  static constexpr std::array<std::int64_t, 5> kAll = {1, 2, 5, 7, 8};
  static constexpr std::array<ReactionAt, 5> kPlaces = {ReactionAt::kApproval, ReactionAt::kPerson,
                                                        ReactionAt::kApprovalSuspension, ReactionAt::kSpeciality,
                                                        ReactionAt::kSpecialitySuspension};
  const std::int64_t type =
      suspending ? kSuspending[random_.Below(kSuspending.size())] : kAll[random_.Below(kAll.size())];
  const ReactionAt place = kPlaces[random_.Below(speciality ? 5 : 3)];
  return type * kReactionPlaces + static_cast<std::int64_t>(place);
}

// Reactions and ended approvals of doctors who are no GPs; those of GPs are the business of Strike.
void Planner::PlanReactions(Day after, Day until) {
  static constexpr std::array<std::int64_t, 4> kEnded = {1, 2, 3, 99};
  for (int i = Times(options_.rates.reactions_per_month); i > 0; --i) {
    const std::int32_t index = RandomDoctor(false);
    if (index < 0 || world_.persons[static_cast<std::size_t>(index)].reaction_from != kNever) continue;
    const Day day = static_cast<Day>(random_.Between(after, until - 1));
    const bool speciality = world_.persons[static_cast<std::size_t>(index)].gp_speciality_from != kNever;
    queue_.Add({.time = OfficeHour(day),
                .kind = ChangeKind::kReaction,
                .entity = index,
                .a = day,
                .b = day + random_.Between(90, 700),
                .c = RandomReaction(false, speciality)});
  }
  for (int i = Times(options_.rates.substitute_suspensions_per_month); i > 0; --i) {
    const Day day = static_cast<Day>(random_.Between(after, until - 1));
    const std::int32_t index = RandomSubstitute(day);
    if (index < 0 || world_.persons[static_cast<std::size_t>(index)].reaction_from != kNever) continue;
    queue_.Add({.time = OfficeHour(day),
                .kind = ChangeKind::kReaction,
                .entity = index,
                .a = day,
                .b = day + random_.Between(30, 300),
                .c = RandomReaction(true, false)});
  }
  for (int i = Times(options_.rates.ended_approvals_per_month); i > 0; --i) {
    const std::int32_t index = RandomDoctor(false);
    if (index < 0) continue;
    Person& person = world_.persons[static_cast<std::size_t>(index)];
    const Day day = static_cast<Day>(random_.Between(after, until - 1));
    const bool speciality = person.gp_speciality_from != kNever && random_.Chance(0.5);
    person.planned_gone = true;
    // An end that lies ahead: revoked and renounced approvals are then taken away for every day (D18).
    const Day ahead = random_.Chance(0.3) ? static_cast<Day>(random_.Between(30, 400)) : 0;
    queue_.Add({.time = OfficeHour(day),
                .kind = speciality ? ChangeKind::kGpSpecialityEnded : ChangeKind::kApprovalEnded,
                .entity = index,
                .a = std::max(day, speciality ? person.gp_speciality_from + 1 : person.approval_from + 1) + ahead,
                .b = kEnded[random_.Below(kEnded.size())]});
  }
}

// A speciality that is registered months after it began: the figures of the months between were too low (R19).
void Planner::PlanRetroactiveSpecialities(Day after, Day until) {
  constexpr Day kShortestTraining = 5 * 365;
  constexpr int kTriesForEach = 20;  // most GPs are specialists already, or too young
  int wanted = Times(options_.rates.retroactive_specialities_per_month);
  for (int tries = wanted * kTriesForEach; wanted > 0 && tries > 0; --tries) {
    const std::int32_t index = RandomDoctor(true);
    if (index < 0) continue;
    Person& person = world_.persons[static_cast<std::size_t>(index)];
    const Day day = static_cast<Day>(random_.Between(after + 1, until - 1));
    const Day began = day - static_cast<Day>(random_.Between(30, 270));
    if (person.planned_specialist || person.approval_from > began - kShortestTraining) continue;
    --wanted;
    person.planned_specialist = true;
    queue_.Add({.time = OfficeHour(day),
                .kind = ChangeKind::kGpSpeciality,
                .entity = index,
                .a = began,
                .b = AddYears(began, 5)});
  }
}

// The night in which an hour is skipped or comes twice: the last Sunday of March and of October.
void Planner::PlanClockChange(Day after, Day until) {
  for (Day day = after; day < until; ++day) {
    const bool sunday = IsWeekend(day) && !IsWeekend(day + 1);
    const bool changes = MonthOf(day) == 3 || MonthOf(day) == 10;
    if (!sunday || !changes || MonthOf(day + 7) == MonthOf(day)) continue;
    for (int i = Times(options_.rates.records_on_clock_change); i > 0; --i) {
      queue_.Add({.time = OsloMidnight(day) + random_.Between(kMsPerHour, 4 * kMsPerHour),
                  .kind = ChangeKind::kPersonSent,
                  .entity = RandomPerson()});
    }
  }
}

}  // namespace flosync::synthetic
