// What the feed keeps in a running daemon: changes of so many days, and of so many MiB at most. Older ones go, a step
// at a time between batches, whole revisions from the oldest on. A stream whose place has gone is told so
// (RESUME_TOKEN_EXPIRED); figures, alerts and snapshots themselves stay.
//
// Operation: first counts what the feed holds, from then on what comes to it; a figure's revision goes when it is older
// than the days, to the hour, or the feed larger than the MiB, which then shrinks to seven eighths; with it go the
// alerts, snapshots and doctors told up to it. The last revision of figures stays. Bytes are those of keys and values
// before compression. The writer's thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <absl/status/statusor.h>

#include "state/core/core.h"
#include "state/store/feed_keys.h"

namespace flosync {

struct FeedLimits {
  int32_t retention_days = 30;   // of 24 hours; 0 = no limit
  int32_t retention_mib = 1024;  // 0 = no limit
};

class FeedTrimming {
 public:
  static constexpr size_t kEntriesPerStep = 10'000;

  // The core outlives this.
  FeedTrimming(Core* core, const FeedLimits& limits, size_t entries_per_step = kEntriesPerStep)
      : core_(core), limits_(limits), entries_per_step_(entries_per_step) {}

  // Counts or trims at most so many entries, and the rest of the last revision; true if it committed. Errors are those
  // of the store.
  [[nodiscard]] absl::StatusOr<bool> Step();

  // Bytes counted so far.
  [[nodiscard]] int64_t bytes() const { return bytes_; }

 private:
  // True when all that the view has is counted.
  [[nodiscard]] absl::StatusOr<bool> Count(const View& view);
  // Everything before this revision is to go; 0 = nothing.
  [[nodiscard]] absl::StatusOr<int64_t> FindBorder(const View& view) const;
  [[nodiscard]] absl::Status Trim(const View& view, int64_t border);

  Core* const core_;
  const FeedLimits limits_;
  const size_t entries_per_step_;
  int64_t looked_at_ = -1;  // the revision at which there was nothing left to do
  int64_t bytes_ = 0;
  std::array<std::string, kFeedPrefixes.size()> counted_;  // the last key counted, by prefix; empty = none
};

}  // namespace flosync
