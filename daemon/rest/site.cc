#include "daemon/rest/site.h"

#include <optional>
#include <utility>

#include "daemon/metrics/page.h"
#include "daemon/metrics/request_counts.h"
#include "daemon/rest/caller_metadata.h"
#include "daemon/rest/openapi.h"
#include "daemon/rest/status_answer.h"
#include "daemon/services/errors.h"
#include "domain/address.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr const char* kTextType = "text/plain; charset=utf-8";
constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";
constexpr const char* kMetricsMethod = "flosync.v1.SyncService/GetSyncStatus";  // tells the same

HttpAnswer Page(int32_t status, const char* type, std::string body) {
  HttpAnswer answer;
  answer.status = status;
  answer.content_type = type;
  answer.fields.emplace_back("Cache-Control", "no-store");
  answer.body = std::move(body);
  return answer;
}

bool NamesThisMachine(const HttpRequest& request) {
  for (const std::string& host : request.Values("host")) {
    const bool port = IsHostAndPort(host);
    if (!IsLoopbackHost(port ? host.substr(0, host.rfind(':')) : host)) return false;
  }
  return true;
}

HttpAnswer Misdirected() {
  return StatusAnswer(
      Refusal(grpc::StatusCode::PERMISSION_DENIED, "HOST_UNKNOWN",
              "a daemon that asks nobody who they are answers to localhost, 127.0.0.1 and [::1] only; ask "
              "by one of these names, or configure tokens or client certificates"),
      421);
}

HttpAnswer NoSuchTarget() {
  return StatusAnswer(
      Refusal(grpc::StatusCode::INVALID_ARGUMENT, "TARGET_MALFORMED",
              "the address is none: it begins with a slash, escapes are % and two hexadecimal digits, and "
              "what they stand for is UTF-8 without control characters"));
}

HttpAnswer NoSuchRoute() {
  return StatusAnswer(Refusal(grpc::StatusCode::NOT_FOUND, "ROUTE_NOT_FOUND",
                              "there is nothing at this address; /api/v1/openapi.json says what there is"));
}

}  // namespace

Site::Site(const SiteOptions& options, GrpcServer* server)
    : options_(options), server_(server), open_api_(OpenApiDocument()), api_(server->InProcessChannel()) {}

HttpAnswer Site::Readiness() const {
  if (server_->serving()) return Page(200, kTextType, "ready\n");
  return Page(503, kTextType,
              "not ready: the sources have not been read to their end yet, or the daemon is stopping\n");
}

void Site::AnswerMetrics(const HttpRequest& request, const Done& done) {
  if (!options_.open_metrics) {
    if (grpc::Status refused = server_->Admit(ArrivalOf(request), kMetricsMethod); !refused.ok()) {
      return done(StatusAnswer(refused));
    }
  }
  api_.Post([this, done] { done(Page(200, kMetricsType, MetricsPage(server_->Measure()))); });
}

void Site::HandleTarget(const HttpRequest& request, const Target& target, std::string& route, Done done) {
  std::string path;
  for (const std::string& segment : target.segments) path += "/" + segment;
  route = path;  // until it is none of these
  if (path == "/healthz") return done(Page(200, kTextType, "alive\n"));
  if (path == "/readyz") return done(Readiness());
  if (path == "/metrics") return AnswerMetrics(request, done);
  if (path == "/api/v1/openapi.json") return done(Page(200, kJsonType, open_api_));
  const auto matched = MatchRoute(target.segments);
  route = matched ? matched->route->path : "none";
  if (!matched) return done(NoSuchRoute());
  api_.Ask(request, target, *matched, std::move(done));
}

void Site::Handle(HttpRequest request, Done done) {
  const auto route = std::make_shared<std::string>("none");
  const auto counted = [this, route, done = std::move(done)](HttpAnswer answer) {
    server_->request_counts().CountHttp(*route, answer.status);
    answer.fields.emplace_back("X-Content-Type-Options", "nosniff");
    done(std::move(answer));
  };
  if (options_.own_names_only && !NamesThisMachine(request)) return counted(Misdirected());
  const auto target = ParseTarget(request.target);
  if (!target) return counted(NoSuchTarget());
  HandleTarget(request, *target, *route, counted);
}

HttpAnswer Site::Refuse(HttpRefusal why) {
  HttpAnswer answer = RefusalAnswer(why, options_.max_header_bytes);
  server_->request_counts().CountHttp("none", answer.status);
  return answer;
}

}  // namespace flosync
