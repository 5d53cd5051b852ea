#include "state/register/doctor_facts.h"

#include <algorithm>
#include <set>

namespace flosync {
namespace {

using Periods = std::vector<Period>;

// Sorted, overlapping and touching ones joined.
Periods Joined(Periods periods) {
  std::sort(periods.begin(), periods.end());
  Periods out;
  for (const Period& p : periods) {
    if (!p.Valid()) continue;
    if (!out.empty() && p.from <= out.back().to) {
      out.back().to = std::max(out.back().to, p.to);
    } else {
      out.push_back(p);
    }
  }
  return out;
}

// `base` without the days of `cuts`.
Periods Without(const Periods& base, const Periods& cuts) {
  Periods out = base;
  for (const Period& cut : cuts) {
    Periods rest;
    for (const Period& p : out) {
      const Period before{p.from, std::min(p.to, cut.from)};
      const Period after{std::max(p.from, cut.to), p.to};
      if (before.Valid()) rest.push_back(before);
      if (after.Valid()) rest.push_back(after);
    }
    out = std::move(rest);
  }
  return out;
}

void AddSuspending(const std::vector<Reaction>& reactions, Periods& out) {
  for (const Reaction& r : reactions) {
    if (r.type == "1" || r.type == "5" || r.type == "8") out.push_back(r.period);
  }
}

// D18: an invalidated item never held; a revoked or renounced one is taken away for every day unless its period already
// ended by the day of the version.
bool TakenAway(const std::string& ended_status, const Period& period, Day version_day) {
  if (ended_status == "2") return true;
  if (ended_status != "1" && ended_status != "3") return false;
  return period.to == Day::Max() || period.to.Plus(-1) > version_day;
}

bool CountingType(const std::string& approval_type) { return approval_type != "3" && approval_type != "99"; }

bool IsGeneralPractice(const Speciality& s) {
  return s.code == "1" && (s.code_system.empty() || s.code_system == "7426");
}

// The days on which `approval` is in force, reactions and suspensions on it cut out.
Periods InForce(const Approval& approval, Day version_day) {
  if (!CountingType(approval.type) || TakenAway(approval.ended_status, approval.period, version_day)) return {};
  Periods cuts = approval.suspensions;
  AddSuspending(approval.reactions, cuts);
  return Without({approval.period}, cuts);
}

// The days on which `approval` carries the speciality in general practice.
Periods SpecialistUnder(const Approval& approval, const Periods& in_force, Day version_day) {
  Periods out;
  for (const Speciality& s : approval.specialities) {
    if (!IsGeneralPractice(s) || TakenAway(s.ended_status, s.period, version_day)) continue;
    Periods cuts = s.suspensions;
    AddSuspending(s.reactions, cuts);
    for (const Period& days : Without({s.period}, cuts)) {
      for (const Period& p : in_force) {
        const Period both{std::max(p.from, days.from), std::min(p.to, days.to)};
        if (both.Valid()) out.push_back(both);
      }
    }
  }
  return out;
}

bool AnyContains(const Periods& periods, Day d) {
  return std::any_of(periods.begin(), periods.end(), [d](const Period& p) { return p.Contains(d); });
}

// A suspension or suspending reaction contains `d`.
bool SuspendedAt(const std::vector<Reaction>& reactions, Periods suspensions, Day d) {
  AddSuspending(reactions, suspensions);
  return AnyContains(suspensions, d);
}

// What a speciality in general practice comes to under its approval; the outer obstacle tells.
SpecialistReason Explain(const Approval& approval, const Speciality& s, Day version_day, Day d) {
  if (TakenAway(approval.ended_status, approval.period, version_day)) return SpecialistReason::kEndedStatus;
  if (!approval.period.Contains(d)) return SpecialistReason::kApprovalNotValid;
  if (TakenAway(s.ended_status, s.period, version_day)) return SpecialistReason::kEndedStatus;
  if (d < s.period.from) return SpecialistReason::kSpecialityNotBegun;
  if (d >= s.period.to) return SpecialistReason::kSpecialityEnded;
  const bool suspended =
      SuspendedAt(approval.reactions, approval.suspensions, d) || SuspendedAt(s.reactions, s.suspensions, d);
  return suspended ? SpecialistReason::kSuspended : SpecialistReason::kSpecialist;
}

// What one approval that counts comes to.
SpecialistReason Explain(const Approval& approval, Day version_day, Day d) {
  const bool valid = approval.period.Contains(d) && !TakenAway(approval.ended_status, approval.period, version_day);
  SpecialistReason nearest = valid ? SpecialistReason::kNoSpeciality : SpecialistReason::kApprovalNotValid;
  for (const Speciality& s : approval.specialities) {
    if (IsGeneralPractice(s)) nearest = std::max(nearest, Explain(approval, s, version_day, d));
  }
  return nearest;
}

void AddBounds(const Periods& periods, std::set<Day>& bounds) {
  for (const Period& p : periods) {
    bounds.insert(p.from);
    bounds.insert(p.to);
  }
}

void AddBounds(const std::vector<Reaction>& reactions, std::set<Day>& bounds) {
  for (const Reaction& r : reactions) AddBounds({r.period}, bounds);
}

// The days on which an explanation may begin or end to hold.
void AddBounds(const Person& person, std::set<Day>& bounds) {
  if (person.death) bounds.insert(*person.death);
  AddBounds(person.reactions, bounds);
  for (const Approval& approval : person.approvals) {
    AddBounds({approval.period}, bounds);
    AddBounds(approval.reactions, bounds);
    AddBounds(approval.suspensions, bounds);
    for (const Speciality& s : approval.specialities) {
      AddBounds({s.period}, bounds);
      AddBounds(s.reactions, bounds);
      AddBounds(s.suspensions, bounds);
    }
  }
}

}  // namespace

bool DoctorFacts::AuthorisedAt(Day d) const { return AnyContains(authorised, d); }
bool DoctorFacts::SpecialistAt(Day d) const { return AnyContains(specialist, d); }

Day DoctorFacts::NextChangeAfter(Day d) const {
  Day next = Day::Max();
  for (const Periods* periods : {&authorised, &specialist}) {
    for (const Period& p : *periods) {
      if (p.from > d) next = std::min(next, p.from);
      if (p.to > d) next = std::min(next, p.to);
    }
  }
  return next;
}

DoctorFacts DeriveDoctorFacts(const Person& person) {
  DoctorFacts facts;
  facts.birth_year = person.birth_year;
  facts.death = person.death;
  facts.sex = person.sex;
  const Day version_day = person.updated.day();
  for (const Approval& approval : person.approvals) {
    const Periods in_force = InForce(approval, version_day);
    const Periods specialist = SpecialistUnder(approval, in_force, version_day);
    facts.authorised.insert(facts.authorised.end(), in_force.begin(), in_force.end());
    facts.specialist.insert(facts.specialist.end(), specialist.begin(), specialist.end());
    for (const Speciality& s : approval.specialities) {
      if (!CountingType(approval.type) || !IsGeneralPractice(s)) continue;
      facts.speciality_from = std::min(facts.speciality_from.value_or(s.period.from), s.period.from);
    }
  }
  Periods cuts;
  AddSuspending(person.reactions, cuts);
  if (person.death) cuts.push_back({*person.death, Day::Max()});
  facts.authorised = Without(Joined(std::move(facts.authorised)), cuts);
  facts.specialist = Without(Joined(std::move(facts.specialist)), cuts);
  return facts;
}

SpecialistReason ExplainSpecialist(const Person& person, Day d) {
  if (person.death && *person.death <= d) return SpecialistReason::kDeceased;
  SpecialistReason nearest = SpecialistReason::kNoLeApproval;
  for (const Approval& approval : person.approvals) {
    if (CountingType(approval.type)) nearest = std::max(nearest, Explain(approval, person.updated.day(), d));
  }
  const bool suspended = nearest == SpecialistReason::kSpecialist && SuspendedAt(person.reactions, {}, d);
  return suspended ? SpecialistReason::kSuspended : nearest;
}

std::vector<ReasonStep> ExplainEveryDay(const Person& person) {
  std::set<Day> bounds = {Day::Min()};
  AddBounds(person, bounds);
  std::vector<ReasonStep> steps;
  for (const Day d : bounds) {
    const SpecialistReason reason = ExplainSpecialist(person, d);
    if (steps.empty() || steps.back().reason != reason) steps.push_back({d, reason});
  }
  return steps;
}

}  // namespace flosync
