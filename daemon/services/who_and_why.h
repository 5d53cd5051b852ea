// What people give when they decide something: who they are and why. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <grpcpp/support/status.h>

#include "daemon/services/errors.h"

namespace flosync {

// 1..200 characters, no national identity number.
[[nodiscard]] std::optional<FieldViolation> CheckBy(const std::string& by);
// 1..1 000 characters, no national identity number.
[[nodiscard]] std::optional<FieldViolation> CheckReason(const std::string& reason);
// INVALID_ARGUMENT with reason INVALID_FIELD names what is wrong with either.
[[nodiscard]] grpc::Status CheckWhoAndWhy(const std::string& by, const std::string& reason);
// Logs that it was asked for, in one line whatever the texts hold.
void LogWhoAndWhy(std::string_view what, const std::string& by, const std::string& reason);

}  // namespace flosync
