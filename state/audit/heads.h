// Compares the newest state kept of each entity with its records: the second half of AuditLive.
#pragma once

#include "state/audit/audit.h"
#include "state/audit/plain_history.h"

namespace flosync {

// Adds what it finds to the report, whose instant is set.
[[nodiscard]] absl::Status CompareHeads(const View& view, const HistorySource& source, AuditReport& report);

}  // namespace flosync
