#include "state/doctors/doctor_status.h"

#include <algorithm>

#include "state/indicators/ahead.h"
#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

void Write(const DoctorStatus& in, store::v1::StoredDoctorStatus* out) {
  out->set_hpr_number(in.hpr_number);
  out->set_surviving(in.surviving);
  out->set_in_hpr(in.in_hpr);
  out->set_specialist(in.specialist);
  out->set_authorised(in.authorised);
  if (in.death) out->set_death_day(in.death->epoch_days());
  for (const Period& period : in.specialist_periods) Write(period, out->add_specialist_periods());
  for (const Period& period : in.authorised_periods) Write(period, out->add_authorised_periods());
  for (const CurrentContract& contract : in.contracts) {
    store::v1::StoredCurrentContract* added = out->add_contracts();
    added->set_contract_id(contract.contract_id);
    added->set_relationship(contract.relationship);
  }
}

DoctorStatus ReadStatus(const store::v1::StoredDoctorStatus& in) {
  DoctorStatus out;
  out.hpr_number = in.hpr_number();
  out.surviving = in.surviving();
  out.in_hpr = in.in_hpr();
  out.specialist = in.specialist();
  out.authorised = in.authorised();
  if (in.has_death_day()) out.death = Day::FromEpochDays(in.death_day());
  for (const auto& period : in.specialist_periods()) out.specialist_periods.push_back(Read(period));
  for (const auto& period : in.authorised_periods()) out.authorised_periods.push_back(Read(period));
  for (const auto& contract : in.contracts()) {
    out.contracts.push_back({contract.contract_id(), contract.relationship()});
  }
  return out;
}

void DescribeInHpr(const PersonState& person, const Moment& at, Ahead& ahead, DoctorStatus& out) {
  out.in_hpr = true;
  out.specialist = person.facts.SpecialistAt(at.d);
  out.authorised = person.facts.AuthorisedAt(at.d);
  out.death = person.facts.death;
  out.specialist_periods = person.facts.specialist;
  out.authorised_periods = person.facts.authorised;
  ahead.OnDay(person.facts.NextChangeAfter(at.d));
}

}  // namespace

DerivedStatus DeriveDoctorStatus(const Register& reg, int32_t hpr_number, const Moment& at) {
  Ahead ahead(at);
  DoctorStatus status;
  status.hpr_number = hpr_number;
  bool named = false;
  for (const int64_t id : reg.DoctorPeriodsOfNumber(hpr_number)) {
    const DoctorPeriodState* state = reg.FindDoctorPeriod(id);
    if (!state->Holds()) continue;
    named = true;
    ahead.OnPeriod(state->latest.period);
    if (!state->latest.period.Contains(at.d)) continue;
    status.contracts.push_back({state->latest.contract_id, state->latest.relationship});
  }
  if (!named) return {};
  std::sort(status.contracts.begin(), status.contracts.end());
  status.contracts.erase(std::unique(status.contracts.begin(), status.contracts.end()), status.contracts.end());
  status.surviving = ahead.Resolve(reg, hpr_number);
  const PersonState* person = reg.FindPerson(status.surviving);
  if (person && person->InHprAt(at.t)) DescribeInHpr(*person, at, ahead, status);
  return {std::move(status), ahead.Next()};
}

std::string EncodeDoctorStatus(const DoctorStatus& status) {
  store::v1::StoredDoctorStatus out;
  Write(status, &out);
  return out.SerializeAsString();
}

absl::StatusOr<DoctorStatus> DecodeDoctorStatus(std::string_view bytes) {
  const auto stored = ParseStored<store::v1::StoredDoctorStatus>(bytes);
  if (!stored.ok()) return stored.status();
  return ReadStatus(*stored);
}

std::string EncodeDoctorChange(const DoctorChange& change) {
  store::v1::StoredDoctorChange out;
  if (change.before) Write(*change.before, out.mutable_before());
  if (change.after) Write(*change.after, out.mutable_after());
  if (change.cause) Write(*change.cause, out.mutable_cause()->mutable_record());
  return out.SerializeAsString();
}

absl::StatusOr<DoctorChange> DecodeDoctorChange(std::string_view bytes) {
  const auto stored = ParseStored<store::v1::StoredDoctorChange>(bytes);
  if (!stored.ok()) return stored.status();
  DoctorChange change;
  if (stored->has_before()) change.before = ReadStatus(stored->before());
  if (stored->has_after()) change.after = ReadStatus(stored->after());
  if (stored->cause().has_record()) change.cause = Read(stored->cause().record());
  return change;
}

absl::Status EachDoctorStatus(const View& view, int32_t after, const std::function<bool(const DoctorStatus&)>& visit) {
  absl::Status failed;
  const absl::Status walked = view.Each(
      Family::kAlerts, kDoctorStatusPrefix,
      [&](std::string_view, std::string_view value) {
        const auto status = DecodeDoctorStatus(value);
        if (!status.ok()) failed = status.status();
        if (!status.ok()) return false;
        return status->hpr_number <= after || visit(*status);
      },
      DoctorStatusKey(after));
  return failed.ok() ? walked : failed;
}

}  // namespace flosync
