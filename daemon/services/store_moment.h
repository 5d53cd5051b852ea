// Which moment of the store a View shows. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <absl/status/statusor.h>

#include "domain/oslo.h"
#include "state/store/store.h"

namespace flosync {

// The last commit.
struct LastCommit {
  int64_t revision = 0;
  std::optional<Instant> clock;  // the last sync instant; nothing before the first commit
};

struct StoreMoment : LastCommit {
  std::string epoch;
  // The oldest revision the feed still holds; 0 = all of them.
  int64_t oldest_revision = 0;
};

[[nodiscard]] absl::StatusOr<LastCommit> ReadLastCommit(const View& view);
[[nodiscard]] absl::StatusOr<StoreMoment> ReadStoreMoment(const View& view);

}  // namespace flosync
