// How refusals look over HTTP: the status that google.rpc.Code maps to, and the google.rpc.Status as JSON with all its
// details (AIP-193). Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include <grpcpp/support/status.h>

#include "daemon/http/message.h"

namespace flosync {

inline constexpr const char* kJsonType = "application/json";
inline constexpr const char* kCsvType = "text/csv; charset=utf-8";

// 404 for NOT_FOUND and so on.
[[nodiscard]] int32_t HttpStatusOf(grpc::StatusCode code);

// With WWW-Authenticate where credentials are missing, and Retry-After where it helps to come again.
[[nodiscard]] HttpAnswer StatusAnswer(const grpc::Status& status);
// The same under another status: what only HTTP knows.
[[nodiscard]] HttpAnswer StatusAnswer(const grpc::Status& status, int32_t http_status);

// The answer to what never became a question.
[[nodiscard]] HttpAnswer RefusalAnswer(HttpRefusal why, int32_t max_header_bytes);

}  // namespace flosync
