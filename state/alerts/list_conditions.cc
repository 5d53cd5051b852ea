#include <algorithm>

#include "domain/text.h"
#include "state/alerts/doctor_conditions.h"
#include "state/alerts/horizons.h"
#include "state/alerts/unit_conditions.h"
#include "state/indicators/ahead.h"

namespace flosync {
namespace {

constexpr std::string_view kRegularGp = "LPFL";
constexpr std::string_view kSubstitute = "LPVI";
constexpr std::string_view kSharedList = "LPDL";

// Reads one contract and everything that hangs on it.
class ListReader {
 public:
  ListReader(const Register& reg, const AreaFrame& frame, int64_t contract_id, const Moment& at)
      : reg_(reg), frame_(frame), id_(contract_id), at_(at), ahead_(at) {}

  UnitConditions Read() {
    const ContractState* contract = reg_.FindContract(id_);
    if (contract) ahead_.OnInstant(contract->presence.NextChangeAfter(at_.t));
    const bool there = contract && !contract->versions.empty() && !contract->presence.AbsentAt(at_.t);
    ReadDoctorPeriods(there);
    if (there) ReadContract(*contract);
    SortAndUnite(out_.conditions);
    out_.next_change = ahead_.Next();
    return std::move(out_);
  }

 private:
  void Deviate(StateDeviation code, std::string entity) {
    out_.conditions.push_back({{code, std::move(entity)}, Severity::kInfo, {}});
  }

  // The number that counts for `number` at t; its coming and going is watched.
  int32_t Surviving(int32_t number) {
    for (const int32_t on_the_way : reg_.NumbersAhead(number)) {
      const PersonState* person = reg_.FindPerson(on_the_way);
      if (person) ahead_.OnInstant(person->presence.NextChangeAfter(at_.t));
    }
    return reg_.Surviving(number, at_.t);
  }
  // Nothing if the number is not in HPR at t.
  [[nodiscard]] const PersonState* InHpr(int32_t number) const {
    const PersonState* person = reg_.FindPerson(number);
    return person && person->InHprAt(at_.t) ? person : nullptr;
  }

  // What is wrong with a doctor period whatever its days.
  void ReadDoctorPeriods(bool contract_there) {
    for (const int64_t id : reg_.DoctorPeriodsOf(id_)) {
      const DoctorPeriodState* state = reg_.FindDoctorPeriod(id);
      if (!state->Holds()) continue;
      const DoctorPeriod& period = state->latest;
      const int32_t doctor = Surviving(period.hpr_number);
      if (!contract_there) Deviate(StateDeviation::kDoctorPeriodWithoutContract, Join("doctor_period:", id));
      if (!InHpr(doctor)) Deviate(StateDeviation::kDoctorNotInHpr, Join("person:", doctor));
      if (doctor != period.hpr_number) {
        Deviate(StateDeviation::kMergedNumberInUse, Join("person:", period.hpr_number));
      }
      periods_.push_back({&period, doctor});
    }
  }

  void ReadContract(const ContractState& contract) {
    ahead_.OnPeriod(contract.period());
    if (at_.d < contract.period().from) return;
    ahead_.OnInstant(contract.NextVersionAfter(at_.t));
    const ContractVersion& version = contract.At(at_.wall);
    const Placement placement = frame_.Place(version.municipality);
    if (placement.kind == Placement::Kind::kPlaced) {
      municipality_ = frame_.areas()[static_cast<size_t>(placement.municipality)].code;
    }
    ListShare share{municipality_, contract.period().Contains(at_.d), false, std::nullopt, version.list_cap};
    if (share.active) {
      if (placement.kind == Placement::Kind::kUnknown) {
        Deviate(StateDeviation::kUnknownMunicipality, Subject());
      } else if (placement.kind == Placement::Kind::kAmbiguous) {
        Deviate(StateDeviation::kAmbiguousMunicipality, Subject());
      }
      share.patients = patients_ = ReadPatients();
      ReadDoctorsAtWork();
      share.staffed = !regular_.empty();
      share.staffed ? ReadStaffed(contract.period()) : ReadUnstaffed(contract.period());
    }
    if (!municipality_.empty()) out_.share = std::move(share);
  }

  std::optional<int32_t> ReadPatients() {
    const PatientCountState* count = reg_.FindPatientCount(id_);
    if (!count) return std::nullopt;
    ahead_.OnInstant(count->presence.NextChangeAfter(at_.t));
    ahead_.OnInstant(count->NextVersionAfter(at_.t));
    return count->At(at_.t, at_.wall);
  }

  void ReadDoctorsAtWork() {
    for (const auto& [period, doctor] : periods_) {
      const bool regular = period->relationship == kRegularGp;
      const bool substitute = period->relationship == kSubstitute;
      if (!regular && !substitute && period->relationship != kSharedList) continue;
      ahead_.OnPeriod(period->period);
      if (!period->period.Contains(at_.d)) continue;
      if (regular) regular_.push_back(doctor);
      if (substitute) substitutes_.push_back(doctor);
      const PersonState* person = InHpr(doctor);
      if (!person) continue;
      if (regular && !person->facts.birth_year) Deviate(StateDeviation::kMissingBirthDate, Join("person:", doctor));
      AddDoctorConditions(*person, {doctor, regular, id_, municipality_}, at_, ahead_, out_.conditions);
    }
    for (std::vector<int32_t>* doctors : {&regular_, &substitutes_}) {
      std::sort(doctors->begin(), doctors->end());
      doctors->erase(std::unique(doctors->begin(), doctors->end()), doctors->end());
    }
  }

  // LIST_BECOMING_UNSTAFFED: the last LPFL, those to come included, ends before the contract does.
  void ReadStaffed(const Period& contract) {
    Day last = at_.d;
    for (const auto& [period, doctor] : periods_) {
      if (period->relationship == kRegularGp) last = std::max(last, period->period.to);
    }
    if (last >= contract.to) return;
    ahead_.OnDayPlus(last, -kBecomingUnstaffedDays);
    ahead_.OnDayPlus(last, -kSoonDays);
    if (last > at_.d.Plus(kBecomingUnstaffedDays)) return;
    const bool soon = last <= at_.d.Plus(kSoonDays);
    Condition& alert = Alert(AlertKind::kListBecomingUnstaffed, soon ? Severity::kWarning : Severity::kInfo);
    alert.detail.since = last;
    alert.detail.doctors = regular_;
  }

  void ReadUnstaffed(const Period& contract) {
    std::vector<Period> regular;
    for (const auto& [period, doctor] : periods_) {
      if (period->relationship == kRegularGp) regular.push_back(period->period);
    }
    const Day since = UnstaffedSince(contract, regular, at_.d);
    int32_t passed = 0;
    for (const int32_t days : kUnstaffedEscalationDays) {
      ahead_.OnDayPlus(since, days);
      if (since <= at_.d.Plus(-days)) passed = days;
    }
    // Nobody waits for a doctor on a list that is known to be empty.
    const bool empty = patients_ == 0;
    const Severity grave = passed >= kUnstaffedEscalationDays[1]   ? Severity::kCritical
                           : passed >= kUnstaffedEscalationDays[0] ? Severity::kWarning
                                                                   : Severity::kInfo;
    Condition& unstaffed = Alert(AlertKind::kListUnstaffed, empty ? Severity::kInfo : grave);
    unstaffed.detail.since = since;
    unstaffed.detail.covered = !substitutes_.empty();
    unstaffed.detail.passed_days = passed;
    unstaffed.detail.doctors = substitutes_;
    if (!substitutes_.empty()) return;
    Alert(AlertKind::kListUncovered, empty ? Severity::kInfo : Severity::kCritical).detail.since = since;
  }

  // An alert about the list itself.
  Condition& Alert(AlertKind kind, Severity severity) {
    Condition condition{{kind, Subject()}, severity, {}};
    condition.detail.contracts = {id_};
    if (!municipality_.empty()) condition.detail.municipalities = {municipality_};
    condition.detail.patients = patients_;
    return out_.conditions.emplace_back(std::move(condition));
  }
  [[nodiscard]] std::string Subject() const { return Join("contract:", id_); }

  struct HeldPeriod {
    const DoctorPeriod* period;
    int32_t doctor;
  };

  const Register& reg_;
  const AreaFrame& frame_;
  const int64_t id_;
  const Moment& at_;
  Ahead ahead_;
  UnitConditions out_;
  std::string municipality_;
  std::optional<int32_t> patients_;
  std::vector<HeldPeriod> periods_;
  std::vector<int32_t> regular_;      // LPFL today
  std::vector<int32_t> substitutes_;  // LPVI today
};

}  // namespace

UnitConditions DeriveListConditions(const Register& reg, const AreaFrame& frame, int64_t contract_id,
                                    const Moment& at) {
  return ListReader(reg, frame, contract_id, at).Read();
}

}  // namespace flosync
