#include "daemon/services/alert_service.h"

#include <string>
#include <utility>

#include "connectors/decode/identifiers.h"
#include "daemon/confirmed_clock.h"
#include "daemon/services/alert_filter.h"
#include "daemon/services/by_writer.h"
#include "daemon/services/convert.h"
#include "daemon/services/store_moment.h"
#include "daemon/services/watch_stream.h"
#include "daemon/services/watched_alerts.h"
#include "state/alerts/alert.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

constexpr size_t kMostWhoBytes = 200;
constexpr size_t kMostNoteBytes = 2'000;

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

}  // namespace

grpc::Status AlertServer::List(const grpc::CallbackServerContext& context, const v1::ListAlertsRequest& request,
                               v1::ListAlertsResponse& response) const {
  if (grpc::Status checked = CheckAlertFilter(request.filter(), *support_.frames); !checked.ok()) return checked;
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
    Convert(alert, response.add_alerts());
    return true;
  });
  return cancelled ? GivenUp() : FromStatus(walked);
}

grpc::Status AlertServer::Read(int64_t alert_id, v1::Alert* out) const {
  const View view(support_.publication->store());
  const auto alert = ReadAlert(view, alert_id);
  if (!alert.ok()) return Refused(alert.status(), alert_id);
  Convert(*alert, out);
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
  const int64_t id = request->alert_id();
  return AnswerByWriter(
      support_, context, request, response,
      {.check = [request] { return CheckAcknowledgement(*request); },
       .change = [id, hand = Acknowledgement{request->who(), request->note(), SystemNow()}](
                     Core& core, const View& /*view*/, Batch& batch) { return core.AcknowledgeAlert(id, hand, batch); },
       .refused = [id](const absl::Status& status) { return Refused(status, id); },
       .answer = [this, id, response] { return Read(id, response->mutable_alert()); }});
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* AlertServer::WatchAlerts(grpc::CallbackServerContext* context,
                                                                     const grpc::ByteBuffer* request) {
  return Watch<WatchedAlerts>(support_, *context, *request);
}

}  // namespace flosync
