// What a refused call carries beside code and text, as AIP-193 asks: written by the services, read by clients.
//
// Every error of the services carries a google.rpc.ErrorInfo with a reason in capitals, domain and metadata; mistakes
// in a request carry a google.rpc.BadRequest naming the fields; refusals that pass carry a google.rpc.RetryInfo.
// Clients never need to read the text. Pure; any thread.
//
//   if (ReadErrorDetails(status).reason == "RESUME_TOKEN_EXPIRED") …
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <grpcpp/support/status.h>

namespace flosync {

// The domain of every ErrorInfo.
inline constexpr const char* kErrorDomain = "flosync";

// A mistake in one field of a request; `field` as the API names it, e.g. "filter.measures[0]".
struct FieldViolation {
  std::string field;
  std::string description;
  bool operator==(const FieldViolation&) const = default;
};

// What travels with a status beside code and text.
struct ErrorDetails {
  std::string reason;  // empty = no ErrorInfo
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> violations;
  std::optional<std::chrono::milliseconds> retry_after;
};

[[nodiscard]] grpc::Status MakeStatus(grpc::StatusCode code, const std::string& text, const ErrorDetails& details);
// What MakeStatus, or any other server that follows google.rpc, put in; unknown details are passed over.
[[nodiscard]] ErrorDetails ReadErrorDetails(const grpc::Status& status);

}  // namespace flosync
