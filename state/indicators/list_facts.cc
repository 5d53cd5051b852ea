#include "state/indicators/list_facts.h"

#include <algorithm>

#include "state/indicators/ahead.h"

namespace flosync {
namespace {

constexpr std::string_view kRegularGp = "LPFL";
constexpr int kYoungAgreementMonths = 24;  // D9

GpFacts DescribeGp(const Register& reg, int32_t doctor, const Moment& at, Ahead& ahead) {
  GpFacts gp;
  gp.doctor = doctor;
  const PersonState* person = reg.FindPerson(doctor);
  if (!person || !person->InHprAt(at.t)) return gp;  // not in HPR: no specialist, no band, no sex (D16)
  gp.specialist = person->facts.SpecialistAt(at.d);
  gp.sex = person->facts.sex;
  if (person->facts.birth_year) gp.age = at.d.year() - *person->facts.birth_year;
  ahead.OnDay(person->facts.NextChangeAfter(at.d));
  return gp;
}

// Periods of doctors on one list, under their surviving numbers.
struct DoctorDays {
  int32_t doctor = 0;
  Period period;
  auto operator<=>(const DoctorDays&) const = default;
};

// Those of the given relationships, by doctor, then start.
std::vector<DoctorDays> DaysOnList(const Register& reg, int64_t contract_id,
                                   const std::vector<std::string>& relationships, Ahead& ahead) {
  std::vector<DoctorDays> days;
  for (const int64_t id : reg.DoctorPeriodsOf(contract_id)) {
    const DoctorPeriodState* state = reg.FindDoctorPeriod(id);
    if (!state->Holds() || std::ranges::find(relationships, state->latest.relationship) == relationships.end())
      continue;
    ahead.OnPeriod(state->latest.period);
    days.push_back({ahead.Resolve(reg, state->latest.hpr_number), state->latest.period});
  }
  std::sort(days.begin(), days.end());
  return days;
}

// Who of them is there at d, and since when without a gap (D6).
std::vector<GpFacts> GpsAt(const Register& reg, const std::vector<DoctorDays>& days, const Moment& at, Ahead& ahead) {
  std::vector<GpFacts> gps;
  for (size_t i = 0; i < days.size();) {
    Period joined = days[i].period;
    const int32_t doctor = days[i].doctor;
    for (++i; i < days.size() && days[i].doctor == doctor && days[i].period.from <= joined.to; ++i) {
      joined.to = std::max(joined.to, days[i].period.to);
    }
    if (!joined.Contains(at.d)) continue;
    gps.push_back(DescribeGp(reg, doctor, at, ahead));
    gps.back().began = joined.from;
  }
  return gps;
}

void DescribeStaffing(const std::vector<DoctorDays>& regular, const std::vector<GpFacts>& regular_gps,
                      const Period& contract, const Moment& at, Ahead& ahead, ListFacts& facts) {
  facts.has_regular_gp = !regular_gps.empty();
  for (const GpFacts& gp : regular_gps) {
    const Day old = gp.began.PlusMonths(kYoungAgreementMonths);
    facts.young_agreement = facts.young_agreement || at.d < old;
    ahead.OnDay(old);
  }
  if (facts.has_regular_gp) return;
  std::vector<Period> periods;
  for (const DoctorDays& days : regular) periods.push_back(days.period);
  facts.unstaffed_since = UnstaffedSince(contract, periods, at.d);
  facts.unstaffed_over_1y = OverOneYear(*facts.unstaffed_since, at.d);
  ahead.OnDay(facts.unstaffed_since->PlusMonths(12).Plus(1));
}

}  // namespace

Day UnstaffedSince(const Period& contract, const std::vector<Period>& regular, Day d) {
  Day since = contract.from;
  for (const Period& p : regular) {
    if (p.to <= d) since = std::max(since, p.to);
  }
  return since;
}

const std::vector<std::string>& RegularOnly() {
  static const std::vector<std::string> regular = {std::string(kRegularGp)};
  return regular;
}

DerivedList DeriveList(const Register& reg, int64_t contract_id, const Moment& at,
                       const std::vector<std::string>& counted_relationships) {
  DerivedList derived;
  const ContractState* contract = reg.FindContract(contract_id);
  if (!contract || contract->versions.empty()) return derived;
  Ahead ahead(at);
  ahead.OnInstant(contract->presence.NextChangeAfter(at.t));
  ahead.OnPeriod(contract->period());
  if (!contract->period().Contains(at.d) || contract->presence.AbsentAt(at.t)) {
    derived.next_change = ahead.Next();
    return derived;
  }
  ahead.OnInstant(contract->NextVersionAfter(at.t));
  const ContractVersion& version = contract->At(at.wall);
  ListFacts facts;
  facts.contract_id = contract_id;
  facts.municipality = version.municipality;
  facts.list_cap = version.list_cap;
  facts.fixed_salary = version.fixed_salary;
  if (const PatientCountState* count = reg.FindPatientCount(contract_id)) {
    facts.patients = count->At(at.t, at.wall);
    ahead.OnInstant(count->presence.NextChangeAfter(at.t));
    ahead.OnInstant(count->NextVersionAfter(at.t));
  }
  const std::vector<DoctorDays> regular = DaysOnList(reg, contract_id, RegularOnly(), ahead);
  std::vector<GpFacts> regular_gps = GpsAt(reg, regular, at, ahead);
  DescribeStaffing(regular, regular_gps, contract->period(), at, ahead, facts);
  if (counted_relationships == RegularOnly()) {
    facts.gps = std::move(regular_gps);
  } else {
    facts.gps = GpsAt(reg, DaysOnList(reg, contract_id, counted_relationships, ahead), at, ahead);
  }
  derived.facts = std::move(facts);
  derived.next_change = ahead.Next();
  return derived;
}

}  // namespace flosync
