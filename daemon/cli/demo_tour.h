// What the demo shows of a running daemon, as any client sees it.
#pragma once

#include <absl/status/status.h>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/demo_feed.h"

namespace flosync {

// National figures and the latest snapshot, then one doctor becomes a specialist and one list loses its GP, with the
// updates as they arrive on a watch; last, which commands to try next.
[[nodiscard]] absl::Status ShowTour(const ClientOptions& client, DemoFeed& feed, CommandContext& context);

}  // namespace flosync
