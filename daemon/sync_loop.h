// The daemon's one writer: takes decoded batches from the pipeline, commits them, moves the clock, makes the snapshots
// that fall due, and publishes what readers may see.
//
// Operation: Run works until Stop or an error that only an operator can mend; its text says how. Scheduled mode commits
// records only at the times set, and a pause (state/core/pause.h) lets none through; the clock and what services ask
// for go on meanwhile. Concurrency: Run on one thread; Stop from any; StartSync in a writer command.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "daemon/confirmed_clock.h"
#include "daemon/feed_trimming.h"
#include "daemon/pipeline.h"
#include "daemon/publication.h"
#include "daemon/retention.h"
#include "daemon/sync_operations.h"
#include "daemon/writer_commands.h"
#include "state/alerts/operational.h"
#include "state/core/core.h"
#include "state/core/pause.h"

namespace flosync {

struct SyncOptions {
  // The source is files: their end is where the last line is, at any time it is looked at.
  bool files = false;
  // Minutes after midnight, Oslo, at which a scheduled sync begins; empty = continuous.
  std::vector<int> scheduled_minutes;
  AlertThresholds alerts;
  int32_t retention_days = 0;  // of the history; 0 = everything is kept
  FeedLimits feed;
};

class SyncLoop {
 public:
  // All must outlive the loop.
  SyncLoop(Core* core, Pipeline* pipeline, Publication* publication, WriterCommands* commands, SyncOptions options);

  [[nodiscard]] absl::Status Run();
  void Stop() { stopping_ = true; }
  // Begins a scheduled sync at once, unless one is under way.
  SyncStart StartSync();

 private:
  [[nodiscard]] absl::Status Step();
  [[nodiscard]] absl::Status CommitBatch(DecodedBatch& batch, Instant now);
  [[nodiscard]] absl::Status MoveClock(Instant now);
  // A commit of the core, timed and counted if there was something to write.
  [[nodiscard]] absl::StatusOr<CommitResult> Commit(CommitInput input);
  // What services have asked for, so many a step that records are not kept waiting.
  [[nodiscard]] absl::Status RunCommands();
  [[nodiscard]] absl::Status MakeSnapshots(Instant now);
  // Lets go of what is kept no longer, in history and feed.
  [[nodiscard]] absl::Status Shrink();
  // Looks at flosync's own work and commits the alerts that come of it (R23).
  [[nodiscard]] absl::Status ObserveOwnWork(Instant now);
  [[nodiscard]] std::vector<PartitionReport> Reports(const DecodedBatch& batch, Instant now);
  [[nodiscard]] std::chrono::milliseconds WaitTime(Instant now) const;
  [[nodiscard]] bool SyncDue(Instant now);
  void BeginSync(Instant due);
  // Looks whether records may take effect.
  [[nodiscard]] absl::Status LookForPause();
  // With this batch everything there was has been read.
  [[nodiscard]] bool Complete(const DecodedBatch& batch) const;
  void PublishStatus();

  static constexpr std::chrono::milliseconds kLongestWait{250};
  static constexpr int64_t kPublishIntervalMs = 500;
  // Own work is looked at so often, and never for more than a part of the time.
  static constexpr int64_t kObserveIntervalMs = 10'000;
  static constexpr int64_t kObservePauseFactor = 20;

  Core* core_;
  Pipeline* pipeline_;
  Publication* publication_;
  WriterCommands* commands_;
  const SyncOptions options_;
  ConfirmedClock clock_;
  Retention retention_;
  FeedTrimming feed_trimming_;
  const Instant started_at_;
  std::atomic<bool> stopping_ = false;
  bool input_ended_ = false;
  bool syncing_ = true;
  bool clock_doubted_ = false;
  // Steady clock, ms: what a batch read before it says of ends does not hold any more.
  int64_t sync_began_ = 0;
  std::optional<Pause> pause_;
  Instant next_sync_ = Instant::Min();
  Instant next_snapshot_ = Instant::Min();
  Instant published_at_ = Instant::Min();
  int64_t commits_ = 0;
  DurationCounts commit_durations_;
  Instant sync_due_;  // when a complete sync was last expected to begin
  Instant next_observation_ = Instant::Min();
};

}  // namespace flosync
