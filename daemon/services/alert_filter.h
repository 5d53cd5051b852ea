// Which alerts a request asks for. Pure but for the frames it asks; any thread.
#pragma once

#include <string>

#include <grpcpp/support/status.h>

#include "daemon/services/frames.h"
#include "state/alerts/alert.h"

#include "flosync/v1/alert_service.pb.h"

namespace flosync {

// INVALID_ARGUMENT with the field that names what does not exist.
[[nodiscard]] grpc::Status CheckAlertFilter(const v1::AlertFilter& filter, Frames& frames);
[[nodiscard]] bool Matches(const v1::AlertFilter& filter, const Alert& alert);
// The same for the same filter; in tokens.
[[nodiscard]] std::string HashOf(const v1::AlertFilter& filter);

}  // namespace flosync
