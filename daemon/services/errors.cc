#include "daemon/services/errors.h"

#include <utility>

#include "domain/text.h"

namespace flosync {

grpc::Status Refusal(grpc::StatusCode code, const std::string& reason, const std::string& text,
                     std::map<std::string, std::string> metadata) {
  return MakeStatus(code, text,
                    {.reason = reason, .metadata = std::move(metadata), .violations = {}, .retry_after = {}});
}

grpc::Status InvalidFields(const std::string& reason, std::vector<FieldViolation> violations) {
  const std::string text = Join(violations.front().field, ": ", violations.front().description);
  return MakeStatus(grpc::StatusCode::INVALID_ARGUMENT, text,
                    {.reason = reason, .metadata = {}, .violations = std::move(violations), .retry_after = {}});
}

grpc::Status InvalidField(const std::string& field, const std::string& description) {
  return InvalidFields("INVALID_FIELD", {{field, description}});
}

grpc::Status TooMany(const std::string& reason, const std::string& text, std::chrono::milliseconds retry_after) {
  return MakeStatus(grpc::StatusCode::RESOURCE_EXHAUSTED, text,
                    {.reason = reason, .metadata = {}, .violations = {}, .retry_after = retry_after});
}

grpc::Status NotFound(const std::string& reason, const std::string& text, std::map<std::string, std::string> metadata) {
  return Refusal(grpc::StatusCode::NOT_FOUND, reason, text, std::move(metadata));
}

grpc::Status DateOutOfRange(const std::string& text, Day first, Day last) {
  return Refusal(grpc::StatusCode::OUT_OF_RANGE, "DATE_OUT_OF_RANGE", text,
                 {{"first", first.ToString()}, {"last", last.ToString()}});
}

grpc::Status NotReady() {
  constexpr std::chrono::seconds kRetryAfter(1);
  return MakeStatus(grpc::StatusCode::UNAVAILABLE, "nothing has been read from the sources yet; try again shortly",
                    {.reason = "NOT_READY", .metadata = {}, .violations = {}, .retry_after = kRetryAfter});
}

grpc::Status GivenUp() { return Refusal(grpc::StatusCode::CANCELLED, "CANCELLED", "the call was given up"); }

grpc::Status FromStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  // The codes of absl are those of gRPC, number by number.
  return Refusal(static_cast<grpc::StatusCode>(status.code()), absl::StatusCodeToString(status.code()),
                 std::string(status.message()));
}

grpc::Status FromChange(const absl::Status& status, const std::string& not_found,
                        const std::string& failed_precondition, const std::map<std::string, std::string>& metadata) {
  constexpr std::chrono::seconds kRetryAfter(1);
  const std::string text(status.message());
  if (absl::IsNotFound(status)) return NotFound(not_found, text, metadata);
  if (absl::IsFailedPrecondition(status))
    return Refusal(grpc::StatusCode::FAILED_PRECONDITION, failed_precondition, text, metadata);
  if (absl::IsResourceExhausted(status)) return TooMany("TOO_MANY_CHANGES", text, kRetryAfter);
  return FromStatus(status);
}

}  // namespace flosync
