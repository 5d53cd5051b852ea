// What the daemon sees of its own work, for the operational alerts (R23).
//
// On the writer's thread: reads the store and the writer's structures, changes nothing.
#pragma once

#include <optional>

#include <absl/status/statusor.h>

#include "domain/oslo.h"
#include "state/alerts/operational.h"
#include "state/core/core.h"

namespace flosync {

// What the sync loop knows beyond the core.
struct SyncFacts {
  Instant now;
  bool input_ended = false;  // nothing more will come
  // When the last complete sync that should have been begun was due.
  Instant sync_due;
};

[[nodiscard]] absl::StatusOr<OperationalFacts> ObserveOwnWorkOf(const Core& core, const Store& store,
                                                                const SyncFacts& sync,
                                                                const AlertThresholds& thresholds);

}  // namespace flosync
