// What the server shows and asks for when a connection is made: nothing, or TLS with certificates that are read again
// when their files change. Where callers have to say who they are, services that are not ours are out of reach as well.
#pragma once

#include <memory>

#include <absl/status/statusor.h>
#include <grpcpp/security/server_credentials.h>

#include "daemon/security/security_config.h"

namespace flosync {

// Errors name the file that is wrong. What is made has to outlive the server.
[[nodiscard]] absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(const SecurityConfig& security);

}  // namespace flosync
