// How the services refuse calls: each refusal is one of these, with the details of client/error_details.h. Pure; any
// thread.
//
//   return Refusal(grpc::StatusCode::OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED", "…", {{"oldest_revision", "17"}});
//   ReadErrorDetails(status).reason  // "RESUME_TOKEN_EXPIRED"
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <grpcpp/support/status.h>

#include "client/error_details.h"
#include "domain/day.h"

namespace flosync {

[[nodiscard]] grpc::Status Refusal(grpc::StatusCode code, const std::string& reason, const std::string& text,
                                   std::map<std::string, std::string> metadata = {});
// INVALID_ARGUMENT; the text is that of the first violation.
[[nodiscard]] grpc::Status InvalidFields(const std::string& reason, std::vector<FieldViolation> violations);
// INVALID_ARGUMENT with reason INVALID_FIELD.
[[nodiscard]] grpc::Status InvalidField(const std::string& field, const std::string& description);
// RESOURCE_EXHAUSTED: come again after `retry_after`.
[[nodiscard]] grpc::Status TooMany(const std::string& reason, const std::string& text,
                                   std::chrono::milliseconds retry_after);
// NOT_FOUND; `metadata` says what was looked for, but never an HPR number: details end up in logs.
[[nodiscard]] grpc::Status NotFound(const std::string& reason, const std::string& text,
                                    std::map<std::string, std::string> metadata = {});
// OUT_OF_RANGE with reason DATE_OUT_OF_RANGE and the bounds, both included, as metadata `first` and `last`.
[[nodiscard]] grpc::Status DateOutOfRange(const std::string& text, Day first, Day last);
// Nothing has been read from the sources yet, so there is no today to answer for.
[[nodiscard]] grpc::Status NotReady();
// The client has given the call up.
[[nodiscard]] grpc::Status GivenUp();
// An error of the store or the state, whose texts say what to do; the reason is the code's name. OK stays OK.
[[nodiscard]] grpc::Status FromStatus(const absl::Status& status);
// What the writer says to a change: the reasons of NOT_FOUND and FAILED_PRECONDITION are the caller's, and metadata
// says what was to be changed; RESOURCE_EXHAUSTED is TOO_MANY_CHANGES.
[[nodiscard]] grpc::Status FromChange(const absl::Status& status, const std::string& not_found,
                                      const std::string& failed_precondition,
                                      const std::map<std::string, std::string>& metadata);

}  // namespace flosync
