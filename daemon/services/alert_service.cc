#include "daemon/services/alert_service.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "connectors/decode/identifiers.h"
#include "daemon/confirmed_clock.h"
#include "daemon/services/convert.h"
#include "daemon/services/entity_filter.h"
#include "daemon/services/store_moment.h"
#include "state/alerts/alert.h"
#include "state/store/keys.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

constexpr size_t kHashLength = 32;
constexpr size_t kMostWhoBytes = 200;
constexpr size_t kMostNoteBytes = 2'000;

v1::AlertStatus StatusOf(const Alert& alert) {
  if (alert.resolved) return v1::ALERT_STATUS_RESOLVED;
  return alert.acknowledgement ? v1::ALERT_STATUS_ACKNOWLEDGED : v1::ALERT_STATUS_OPEN;
}

v1::AlertSeverity Convert(Severity severity) { return static_cast<v1::AlertSeverity>(severity); }

void Describe(const Alert& in, v1::Alert* out) {
  out->set_alert_id(in.id);
  out->set_kind(std::string(AlertKindName(in.kind)));
  out->set_severity(Convert(in.severity));
  out->set_status(StatusOf(in));
  out->set_subject(in.subject);
  const ConditionDetail& detail = in.detail;
  out->mutable_municipalities()->Add(detail.municipalities.begin(), detail.municipalities.end());
  out->mutable_contract_ids()->Add(detail.contracts.begin(), detail.contracts.end());
  out->mutable_hpr_numbers()->Add(detail.doctors.begin(), detail.doctors.end());
  if (detail.patients) out->set_patients(*detail.patients);
  if (detail.since) out->set_since(DayOrOpen(*detail.since));
  if (detail.covered) out->set_covered(*detail.covered);
  out->set_passed_days(detail.passed_days);
  out->set_detail(detail.text);
  Convert(in.opened, out->mutable_opened_at());
  Convert(in.changed, out->mutable_changed_at());
  if (in.resolved) Convert(*in.resolved, out->mutable_resolved_at());
  if (!in.acknowledgement) return;
  out->set_acknowledged_by(in.acknowledgement->who);
  out->set_acknowledgement_note(in.acknowledgement->note);
  Convert(in.acknowledgement->at, out->mutable_acknowledged_at());
}

template <typename Values, typename Value>
bool Among(const Values& wanted, const Value& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool Matches(const v1::AlertFilter& filter, const Alert& alert) {
  const auto& places = alert.detail.municipalities;
  return Among(filter.kinds(), std::string(AlertKindName(alert.kind))) &&
         Among(filter.severities(), Convert(alert.severity)) && Among(filter.statuses(), StatusOf(alert)) &&
         (filter.subject().empty() || filter.subject() == alert.subject) &&
         (filter.municipality().empty() ||
          std::find(places.begin(), places.end(), filter.municipality()) != places.end());
}

grpc::Status CheckFilter(const v1::AlertFilter& filter, Frames& frames) {
  std::set<std::string> kinds;
  for (int kind = 1; kind <= kAlertKindCount; ++kind) {
    kinds.insert(std::string(AlertKindName(static_cast<AlertKind>(kind))));
  }
  for (const std::string& kind : filter.kinds()) {
    if (!kinds.contains(kind)) return InvalidField("filter.kinds", "is no kind of alert, e.g. LIST_UNSTAFFED");
  }
  for (const int severity : filter.severities()) {
    if (severity == 0 || !v1::AlertSeverity_IsValid(severity)) {
      return InvalidField("filter.severities", "is no severity; leave the list empty for all");
    }
  }
  for (const int status : filter.statuses()) {
    if (status == 0 || !v1::AlertStatus_IsValid(status)) {
      return InvalidField("filter.statuses", "is no status; leave the list empty for all");
    }
  }
  if (const std::string wrong = CheckEntity(filter.subject()); !filter.subject().empty() && !wrong.empty())
    return InvalidField("filter.subject", wrong);
  constexpr size_t kMunicipalityDigits = 4;
  const std::string& municipality = filter.municipality();
  if (!municipality.empty() && (municipality.size() != kMunicipalityDigits || !frames.EverHad(municipality)))
    return InvalidField("filter.municipality", "there is no such municipality; give its four digits");
  return grpc::Status::OK;
}

grpc::Status CheckAcknowledgement(const v1::AcknowledgeAlertRequest& request) {
  if (request.who().empty() || request.who().size() > kMostWhoBytes) {
    return InvalidField("who", "has to say who looks after the alert, in 1..200 bytes");
  }
  if (request.note().size() > kMostNoteBytes) return InvalidField("note", "must not be longer than 2 000 bytes");
  for (const auto& [field, text] : {std::pair("who", &request.who()), std::pair("note", &request.note())}) {
    if (ContainsNin(*text)) return InvalidField(field, "must not hold a national identity number");
  }
  return grpc::Status::OK;
}

grpc::Status Refused(const absl::Status& status, int64_t alert_id) {
  return FromChange(status, "ALERT_NOT_FOUND", "ALERT_RESOLVED", {{"alert_id", std::to_string(alert_id)}});
}

std::string HashOf(const v1::AlertFilter& filter) {
  std::string bytes;
  // The fields are lists and texts only, which protobuf writes in one way.
  filter.SerializeToString(&bytes);
  return Sha256Hex({bytes}).substr(0, kHashLength);
}

}  // namespace

grpc::Status AlertServer::List(const grpc::CallbackServerContext& context, const v1::ListAlertsRequest& request,
                               v1::ListAlertsResponse& response) const {
  if (grpc::Status checked = CheckFilter(request.filter(), *support_.frames); !checked.ok()) return checked;
  const std::string hash = HashOf(request.filter());
  Page page;
  if (grpc::Status read =
          ReadPage(TokenKind::kAlertPage, hash, request.page_size(), request.page_token(), support_.list_pages, page);
      !read.ok()) {
    return read;
  }
  const View view(support_.publication->store());
  const auto moment = ReadStoreMoment(view);
  if (!moment.ok()) return FromStatus(moment.status());
  response.set_revision(moment->revision);
  const int64_t after = page.after_key.empty() ? 0 : KeyReader(page.after_key).Number64();
  bool cancelled = false;
  const absl::Status walked = EachAlert(view, after, [&](const Alert& alert) {
    cancelled = context.IsCancelled();
    if (cancelled) return false;
    if (!Matches(request.filter(), alert)) return true;
    if (response.alerts_size() == page.entries) {
      const int64_t last = response.alerts().rbegin()->alert_id();
      response.set_next_page_token(WritePageToken(TokenKind::kAlertPage, hash, KeyBuilder().Number64(last).Take()));
      return false;
    }
    Describe(alert, response.add_alerts());
    return true;
  });
  return cancelled ? GivenUp() : FromStatus(walked);
}

grpc::Status AlertServer::Read(int64_t alert_id, v1::Alert* out) const {
  const View view(support_.publication->store());
  const auto alert = ReadAlert(view, alert_id);
  if (!alert.ok()) return Refused(alert.status(), alert_id);
  Describe(*alert, out);
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* AlertServer::ListAlerts(grpc::CallbackServerContext* context,
                                                  const v1::ListAlertsRequest* request,
                                                  v1::ListAlertsResponse* response) {
  return Answer(support_, context, request, response,
                [this, context, request, response] { return List(*context, *request, *response); });
}

grpc::ServerUnaryReactor* AlertServer::GetAlert(grpc::CallbackServerContext* context,
                                                const v1::GetAlertRequest* request, v1::GetAlertResponse* response) {
  return Answer(support_, context, request, response,
                [this, request, response] { return Read(request->alert_id(), response->mutable_alert()); });
}

grpc::ServerUnaryReactor* AlertServer::AcknowledgeAlert(grpc::CallbackServerContext* context,
                                                        const v1::AcknowledgeAlertRequest* request,
                                                        v1::AcknowledgeAlertResponse* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  Caller caller;
  if (grpc::Status refused = support_.guard->Admit(*context, *request, caller); !refused.ok()) {
    reactor->Finish(refused);
    return reactor;
  }
  if (grpc::Status checked = CheckAcknowledgement(*request); !checked.ok()) {
    reactor->Finish(checked);
    return reactor;
  }
  const int64_t id = request->alert_id();
  const Acknowledgement hand{request->who(), request->note(), SystemNow()};
  const auto change = [context, id, hand](Core& core, const View& /*view*/, Batch& batch) {
    if (context->IsCancelled()) return absl::CancelledError("the call was given up");
    return core.AcknowledgeAlert(id, hand, batch);
  };
  const auto done = [this, reactor, caller, id, request, response](const absl::Status& outcome) {
    if (!outcome.ok()) return reactor->Finish(Refused(outcome, id));
    // The writer does not read for others.
    support_.calls->Post([this, reactor, caller, id, request, response] {
      reactor->Finish(support_.guard->Disclose(caller, *request, Read(id, response->mutable_alert()), *response));
    });
  };
  const absl::Status posted = support_.commands->Post({.change = change, .done = done});
  if (!posted.ok()) reactor->Finish(Refused(posted, id));
  return reactor;
}

}  // namespace flosync
