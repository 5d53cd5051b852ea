// Editions of snapshots as the feed tells them: the header, under kSnapshotFeedPrefix, in the commit that makes the
// edition; and once more with the withdrawal, in the commit that withdraws it. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include <absl/status/statusor.h>

#include "state/snapshots/snapshot.h"

namespace flosync {

// Tells the watchers that it was made, or withdrawn; indexes of a revision from 1.
void TellSnapshot(const SnapshotHeader& header, int64_t revision, int32_t index, Batch& batch);
// DATA_LOSS for bytes that are no header.
[[nodiscard]] absl::StatusOr<SnapshotHeader> DecodeSnapshotHeader(std::string_view bytes);

}  // namespace flosync
