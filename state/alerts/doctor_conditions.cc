#include "state/alerts/doctor_conditions.h"

#include <optional>

#include "domain/text.h"
#include "state/alerts/horizons.h"

namespace flosync {
namespace {

const Period* Containing(const std::vector<Period>& periods, Day d) {
  const auto it = std::find_if(periods.begin(), periods.end(), [d](const Period& p) { return p.Contains(d); });
  return it == periods.end() ? nullptr : &*it;
}

// The last end on or before `d`.
std::optional<Day> LastEnd(const std::vector<Period>& periods, Day d) {
  std::optional<Day> last;
  for (const Period& p : periods) {
    if (p.to <= d) last = std::max(last.value_or(p.to), p.to);
  }
  return last;
}

void AddPeriods(const std::vector<Period>& periods, Ahead& ahead) {
  for (const Period& p : periods) {
    ahead.OnPeriod(p);
    ahead.OnDayPlus(p.to, -kEndingDays);
    ahead.OnDayPlus(p.to, -kSoonDays);
  }
}

Condition AboutDoctor(AlertKind kind, const DoctorAtWork& doctor, Severity severity, std::optional<Day> since) {
  Condition condition;
  condition.key = {kind, Join("person:", doctor.number)};
  condition.severity = severity;
  condition.detail.contracts = {doctor.contract_id};
  condition.detail.doctors = {doctor.number};
  if (!doctor.municipality.empty()) condition.detail.municipalities = {doctor.municipality};
  condition.detail.since = since;
  return condition;
}

void AddEnding(AlertKind kind, const Period& now, const DoctorAtWork& doctor, Day d, std::vector<Condition>& out) {
  if (now.to == Day::Max() || now.to > d.Plus(kEndingDays)) return;
  const Severity severity = now.to <= d.Plus(kSoonDays) ? Severity::kWarning : Severity::kInfo;
  out.push_back(AboutDoctor(kind, doctor, severity, now.to));
}

}  // namespace

void AddDoctorConditions(const PersonState& person, const DoctorAtWork& doctor, const Moment& at, Ahead& ahead,
                         std::vector<Condition>& out) {
  const DoctorFacts& facts = person.facts;
  const Day d = at.d;
  if (facts.death) ahead.OnDay(*facts.death);
  if (facts.death && *facts.death <= d) {
    out.push_back(AboutDoctor(AlertKind::kGpDeceased, doctor, Severity::kCritical, facts.death));
    return;
  }
  AddPeriods(facts.authorised, ahead);
  const Period* authorised = Containing(facts.authorised, d);
  if (authorised == nullptr) {
    const Severity severity = doctor.regular ? Severity::kCritical : Severity::kWarning;
    out.push_back(AboutDoctor(AlertKind::kGpAuthorisationLost, doctor, severity, LastEnd(facts.authorised, d)));
    return;
  }
  if (!doctor.regular) return;
  AddEnding(AlertKind::kGpAuthorisationEnding, *authorised, doctor, d, out);
  AddPeriods(facts.specialist, ahead);
  if (facts.speciality_from) ahead.OnDay(*facts.speciality_from);
  const Period* specialist = Containing(facts.specialist, d);
  if (specialist != nullptr) {
    // The speciality that ends with the authorisation is told by that alert.
    if (specialist->to != authorised->to) {
      AddEnding(AlertKind::kSpecialityEnding, *specialist, doctor, d, out);
    }
  } else if (facts.speciality_from && *facts.speciality_from <= d) {
    out.push_back(AboutDoctor(AlertKind::kSpecialityEnded, doctor, Severity::kWarning, LastEnd(facts.specialist, d)));
  }
}

}  // namespace flosync
