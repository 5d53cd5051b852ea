// What an audit found, as the API says it. Pure; any thread.
#pragma once

#include "state/audit/audit.h"

#include "flosync/v1/sync_service.pb.h"

namespace flosync {

void Describe(const AuditReport& report, v1::AuditStateResponse& out);

}  // namespace flosync
