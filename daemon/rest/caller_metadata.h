// Who asks over HTTP, as the gate is told (daemon/services/http_caller.h). Pure; any thread.
#pragma once

#include <grpcpp/support/status.h>

#include "daemon/http/message.h"
#include "daemon/security/gatekeeper.h"

namespace flosync {

// Authorization, Flosync-Purpose and X-Correlation-Id as sent, each as often as it was, with address and certificate.
// INVALID_ARGUMENT with reason METADATA_INVALID for what metadata cannot hold.
[[nodiscard]] grpc::Status TellCaller(const HttpRequest& request, HttpFields& metadata);
// The same for a gatekeeper asked directly.
[[nodiscard]] Arrival ArrivalOf(const HttpRequest& request);

}  // namespace flosync
