#include "daemon/rest/status_answer.h"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "daemon/services/errors.h"
#include "domain/text.h"

namespace flosync {
namespace {

using Json = nlohmann::ordered_json;

Json DetailsOf(const ErrorDetails& details) {
  Json all = Json::array();
  if (!details.reason.empty()) {
    Json metadata = Json::object();
    for (const auto& [key, value] : details.metadata) metadata[key] = value;
    all.push_back({{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
                   {"reason", details.reason},
                   {"domain", kErrorDomain},
                   {"metadata", metadata}});
  }
  if (!details.violations.empty()) {
    Json violations = Json::array();
    for (const FieldViolation& violation : details.violations) {
      violations.push_back({{"field", violation.field}, {"description", violation.description}});
    }
    all.push_back({{"@type", "type.googleapis.com/google.rpc.BadRequest"}, {"fieldViolations", violations}});
  }
  if (details.retry_after) {
    constexpr double kMsPerSecond = 1000;
    const Json seconds = static_cast<double>(details.retry_after->count()) / kMsPerSecond;
    all.push_back({{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", seconds.dump() + "s"}});
  }
  return all;
}

}  // namespace

int32_t HttpStatusOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::OK:
      return 200;
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::OUT_OF_RANGE:
      return 400;
    case grpc::StatusCode::UNAUTHENTICATED:
      return 401;
    case grpc::StatusCode::PERMISSION_DENIED:
      return 403;
    case grpc::StatusCode::NOT_FOUND:
      return 404;
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::ALREADY_EXISTS:
      return 409;
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      return 429;
    case grpc::StatusCode::CANCELLED:
      return 499;
    case grpc::StatusCode::UNIMPLEMENTED:
      return 501;
    case grpc::StatusCode::UNAVAILABLE:
      return 503;
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return 504;
    default:
      return 500;
  }
}

HttpAnswer StatusAnswer(const grpc::Status& status) { return StatusAnswer(status, HttpStatusOf(status.error_code())); }

HttpAnswer StatusAnswer(const grpc::Status& status, int32_t http_status) {
  const ErrorDetails details = ReadErrorDetails(status);
  const Json body = {{"code", static_cast<int>(status.error_code())},
                     {"message", status.error_message()},
                     {"details", DetailsOf(details)}};
  HttpAnswer answer;
  answer.status = http_status;
  answer.content_type = kJsonType;
  answer.fields.emplace_back("Cache-Control", "no-store");
  if (status.error_code() == grpc::StatusCode::UNAUTHENTICATED) {
    answer.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"flosync\"");
  }
  if (details.retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*details.retry_after).count();
    answer.fields.emplace_back("Retry-After", std::to_string(std::max<int64_t>(1, seconds)));
  }
  // Texts of others may hold anything; what is no UTF-8 is replaced.
  answer.body = body.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  return answer;
}

HttpAnswer RefusalAnswer(HttpRefusal why, int32_t max_header_bytes) {
  using Code = grpc::StatusCode;
  constexpr std::chrono::seconds kRetryAfter(1);
  switch (why) {
    case HttpRefusal::kMethodNotAllowed: {
      HttpAnswer answer =
          StatusAnswer(Refusal(Code::UNIMPLEMENTED, "HTTP_METHOD_NOT_ALLOWED",
                               "HTTP is for reading, by GET and HEAD; what changes something is asked over gRPC"),
                       405);
      answer.fields.emplace_back("Allow", "GET, HEAD");
      return answer;
    }
    case HttpRefusal::kTooSlow:
      return StatusAnswer(
          Refusal(Code::DEADLINE_EXCEEDED, "REQUEST_TOO_SLOW", "the request did not arrive in time; send it again"),
          408);
    case HttpRefusal::kBodyNotTaken:
      return StatusAnswer(Refusal(Code::INVALID_ARGUMENT, "BODY_NOT_TAKEN", "a request has no body here; leave it out"),
                          413);
    case HttpRefusal::kHeaderTooLarge:
      return StatusAnswer(
          Refusal(Code::RESOURCE_EXHAUSTED, "HEADER_TOO_LARGE",
                  Join("request line and header fields may have ", max_header_bytes, " bytes in all; send less")),
          431);
    case HttpRefusal::kTooMuchUnderWay:
      return StatusAnswer(TooMany("TOO_MANY_ANSWERS", "too many large answers are being sent; try again", kRetryAfter),
                          503);
    case HttpRefusal::kMalformed:
      break;
  }
  return StatusAnswer(Refusal(Code::INVALID_ARGUMENT, "REQUEST_MALFORMED",
                              "this is no HTTP/1.1; send a request as RFC 9112 has it, with one "
                              "Host and no Transfer-Encoding"),
                      400);
}

}  // namespace flosync
