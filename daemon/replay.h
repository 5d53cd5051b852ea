// Replays files through the daemon's own pipeline and makes the snapshots that fall due in record time (B1–B9).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "domain/day.h"
#include "state/snapshots/snapshot_maker.h"

namespace flosync {

struct ReplayOptions {
  std::string input_path;  // a directory or one file (F13)
  std::string state_directory;
  const Definitions* definitions = &Definitions::Shipped();
  std::optional<Day> until;         // B2
  std::optional<Instant> known_at;  // records known at or after it are dropped (B2)
  std::optional<std::string> export_directory;
  int batch_records = 20000;  // records a commit, 1..1 000 000
  // Told after each commit, if set: records read into the state in all, and the share of the input's bytes, 0..1.
  std::function<void(int64_t records, double share)> progress;
};

struct ReplayResult {
  RecordCounts counts;
  int64_t records = 0;  // read by this run
  double seconds = 0;
  std::vector<MadeEdition> editions_made;
  // Records were known after the last day that snapshots are made of (Geography::last_reference_date): that day.
  std::optional<Day> snapshots_end_at;
  std::string state_digest;
};

// Run again on the same state it goes on where it was. Errors say what to do: INVALID_ARGUMENT where an option cannot
// be meant so, FAILED_PRECONDITION where the state or the input is not as it has to be.
[[nodiscard]] absl::StatusOr<ReplayResult> Replay(const ReplayOptions& options);

}  // namespace flosync
