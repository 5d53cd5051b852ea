#include "state/indicators/list_facts.h"

#include <algorithm>

namespace flosync {
namespace {

constexpr std::string_view kRegularGp = "LPFL";

// Gathers what the clock will change: days on which a fact changes at midnight, instants at which one does at once.
class Ahead {
 public:
  explicit Ahead(const Moment& at) : at_(at) {}
  void OnDay(Day d) {
    if (d > at_.d) day_ = std::min(day_, d);
  }
  void OnPeriod(const Period& p) {
    OnDay(p.from);
    OnDay(p.to);
  }
  void OnInstant(Instant t) {
    if (t > at_.t) instant_ = std::min(instant_, t);
  }
  void OnVersion(WallTime w) {
    if (const auto passing = NextPassing(w, at_.t)) OnInstant(*passing);
  }
  [[nodiscard]] Instant Next() const { return day_ == Day::Max() ? instant_ : std::min(instant_, StartOfDay(day_)); }

 private:
  const Moment& at_;
  Day day_ = Day::Max();
  Instant instant_ = Instant::Max();
};

GpFacts DescribeGp(const Register& reg, int32_t number, const Moment& at, Ahead& ahead) {
  GpFacts gp;
  for (const int32_t on_the_way : reg.NumbersAhead(number)) {
    const PersonState* person = reg.FindPerson(on_the_way);
    if (person) ahead.OnInstant(person->presence.NextChangeAfter(at.t));
  }
  gp.doctor = reg.Surviving(number, at.t);
  const PersonState* person = reg.FindPerson(gp.doctor);
  if (!person || !person->InHprAt(at.t)) return gp;  // not in HPR: no specialist, no band, no sex (D16)
  gp.specialist = person->facts.SpecialistAt(at.d);
  gp.sex = person->facts.sex;
  if (person->facts.birth_year) gp.age = at.d.year() - *person->facts.birth_year;
  ahead.OnDay(person->facts.NextChangeAfter(at.d));
  return gp;
}

// The regular GPs' periods on the contract, and who is GP at d.
struct RegularGps {
  std::vector<Period> periods;
  std::vector<GpFacts> gps;
};

RegularGps FindRegularGps(const Register& reg, int64_t contract_id, const Moment& at, Ahead& ahead) {
  RegularGps found;
  for (const int64_t id : reg.DoctorPeriodsOf(contract_id)) {
    const DoctorPeriodState* state = reg.FindDoctorPeriod(id);
    if (!state->Holds() || state->latest.relationship != kRegularGp) continue;
    const Period& period = state->latest.period;
    found.periods.push_back(period);
    ahead.OnPeriod(period);
    if (period.Contains(at.d)) found.gps.push_back(DescribeGp(reg, state->latest.hpr_number, at, ahead));
  }
  std::sort(found.gps.begin(), found.gps.end(), [](const GpFacts& a, const GpFacts& b) { return a.doctor < b.doctor; });
  found.gps.erase(std::unique(found.gps.begin(), found.gps.end()), found.gps.end());
  return found;
}

}  // namespace

Day UnstaffedSince(const Period& contract, const std::vector<Period>& regular, Day d) {
  Day since = contract.from;
  for (const Period& p : regular) {
    if (p.to <= d) since = std::max(since, p.to);
  }
  return since;
}

DerivedList DeriveList(const Register& reg, int64_t contract_id, const Moment& at) {
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
  for (const ContractVersion& version : contract->versions) ahead.OnVersion(version.updated);
  const ContractVersion& version = contract->At(at.wall);
  ListFacts facts;
  facts.contract_id = contract_id;
  facts.municipality = version.municipality;
  facts.list_cap = version.list_cap;
  facts.fixed_salary = version.fixed_salary;
  if (const PatientCountState* count = reg.FindPatientCount(contract_id)) {
    facts.patients = count->At(at.t, at.wall);
    ahead.OnInstant(count->presence.NextChangeAfter(at.t));
    for (const CountVersion& v : count->versions) ahead.OnVersion(v.counted);
  }
  RegularGps regular = FindRegularGps(reg, contract_id, at, ahead);
  facts.gps = std::move(regular.gps);
  if (!facts.staffed()) {
    facts.unstaffed_since = UnstaffedSince(contract->period(), regular.periods, at.d);
    facts.unstaffed_over_1y = OverOneYear(*facts.unstaffed_since, at.d);
    ahead.OnDay(facts.unstaffed_since->PlusMonths(12).Plus(1));
  }
  derived.facts = std::move(facts);
  derived.next_change = ahead.Next();
  return derived;
}

}  // namespace flosync
