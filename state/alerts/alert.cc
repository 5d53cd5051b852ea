#include "state/alerts/alert.h"

#include "domain/text.h"
#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

void Write(const ConditionDetail& in, store::v1::StoredAlertDetail* out) {
  out->mutable_municipalities()->Add(in.municipalities.begin(), in.municipalities.end());
  out->mutable_contracts()->Add(in.contracts.begin(), in.contracts.end());
  out->mutable_doctors()->Add(in.doctors.begin(), in.doctors.end());
  if (in.patients) out->set_patients(*in.patients);
  if (in.since) out->set_since_day(in.since->epoch_days());
  if (in.covered) out->set_covered(*in.covered);
  out->set_passed_days(in.passed_days);
  out->set_text(in.text);
}

ConditionDetail Read(const store::v1::StoredAlertDetail& in) {
  ConditionDetail out;
  out.municipalities.assign(in.municipalities().begin(), in.municipalities().end());
  out.contracts.assign(in.contracts().begin(), in.contracts().end());
  out.doctors.assign(in.doctors().begin(), in.doctors().end());
  if (in.has_patients()) out.patients = in.patients();
  if (in.has_since_day()) out.since = Day::FromEpochDays(in.since_day());
  if (in.has_covered()) out.covered = in.covered();
  out.passed_days = in.passed_days();
  out.text = in.text();
  return out;
}

void Write(const Alert& in, store::v1::StoredAlert* out) {
  out->set_id(in.id);
  out->set_kind(static_cast<uint32_t>(in.kind));
  out->set_subject(in.subject);
  out->set_severity(static_cast<uint32_t>(in.severity));
  Write(in.detail, out->mutable_detail());
  out->set_opened_ms(in.opened.ms);
  out->set_changed_ms(in.changed.ms);
  if (in.resolved) out->set_resolved_ms(in.resolved->ms);
  if (!in.acknowledgement) return;
  out->mutable_acknowledgement()->set_who(in.acknowledgement->who);
  out->mutable_acknowledgement()->set_note(in.acknowledgement->note);
  out->mutable_acknowledgement()->set_at_ms(in.acknowledgement->at.ms);
}

absl::StatusOr<Alert> Read(const store::v1::StoredAlert& in) {
  if (in.kind() < 1 || in.kind() > kAlertKindCount || in.severity() < 1 || in.severity() > 3) {
    return absl::DataLossError(
        Join("store: alert ", in.id(), " is of a kind this version does not know; start the version that wrote it"));
  }
  Alert out;
  out.id = in.id();
  out.kind = static_cast<AlertKind>(in.kind());
  out.subject = in.subject();
  out.severity = static_cast<Severity>(in.severity());
  out.detail = Read(in.detail());
  out.opened = {in.opened_ms()};
  out.changed = {in.changed_ms()};
  if (in.has_resolved_ms()) out.resolved = Instant{in.resolved_ms()};
  if (in.has_acknowledgement()) {
    out.acknowledgement = {in.acknowledgement().who(), in.acknowledgement().note(), {in.acknowledgement().at_ms()}};
  }
  return out;
}

}  // namespace

std::string EncodeAlert(const Alert& alert) {
  store::v1::StoredAlert out;
  Write(alert, &out);
  return out.SerializeAsString();
}

absl::StatusOr<Alert> DecodeAlert(std::string_view bytes) {
  const auto stored = ParseStored<store::v1::StoredAlert>(bytes);
  if (!stored.ok()) return stored.status();
  return Read(*stored);
}

std::string EncodeAlertChange(const AlertChange& change) {
  store::v1::StoredAlertChange out;
  out.set_change(static_cast<uint32_t>(change.step));
  if (change.before) Write(*change.before, out.mutable_before());
  Write(change.after, out.mutable_after());
  if (change.cause) Write(*change.cause, out.mutable_cause()->mutable_record());
  out.set_instant_ms(change.at.ms);
  return out.SerializeAsString();
}

absl::StatusOr<AlertChange> DecodeAlertChange(std::string_view bytes) {
  const auto stored = ParseStored<store::v1::StoredAlertChange>(bytes);
  if (!stored.ok()) return stored.status();
  auto after = Read(stored->after());
  if (!after.ok()) return after.status();
  AlertChange change{static_cast<AlertStep>(stored->change()), {}, *std::move(after), {}, {stored->instant_ms()}};
  if (stored->has_before()) {
    auto before = Read(stored->before());
    if (!before.ok()) return before.status();
    change.before = *std::move(before);
  }
  if (stored->cause().has_record()) change.cause = Read(stored->cause().record());
  return change;
}

absl::StatusOr<Alert> ReadAlert(const View& view, int64_t id) {
  const auto bytes = view.Get(Family::kAlerts, AlertKey(id));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) {
    return absl::NotFoundError(Join("there is no alert ", id, "; resolved ones are kept for a while only"));
  }
  return DecodeAlert(**bytes);
}

absl::Status EachAlert(const View& view, int64_t after_id, const std::function<bool(const Alert&)>& visit) {
  absl::Status failed;
  const absl::Status walked = view.Each(
      Family::kAlerts, kAlertPrefix,
      [&](std::string_view, std::string_view value) {
        const auto alert = DecodeAlert(value);
        if (!alert.ok()) failed = alert.status();
        return alert.ok() && visit(*alert);
      },
      AlertKey(after_id + 1));
  return failed.ok() ? walked : failed;
}

}  // namespace flosync
