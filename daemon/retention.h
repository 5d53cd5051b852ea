// Retention in a running daemon (R24): once a day a pass that shrinks what has grown old, a step at a time between
// batches; then, on a thread of its own, the files are rewritten until nothing is left of it there either.
//
// What was shrunk before a restart and is still in files is rewritten after it, whatever is set then. Destruction ends
// a rewriting under way. The writer's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>

#include <absl/status/statusor.h>

#include "domain/day.h"
#include "state/core/shrinking.h"

namespace flosync {

class Retention {
 public:
  // The core outlives this; 0 days keep everything.
  Retention(Core* core, int32_t retention_days) : core_(core), retention_days_(retention_days) {}
  ~Retention();
  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;

  // Does the next few things there are to do; true if it committed. Errors are those of the store.
  [[nodiscard]] absl::StatusOr<bool> Step();

 private:
  [[nodiscard]] absl::StatusOr<bool> Shrink();
  // Begins to rewrite the files if something in them was shrunk.
  [[nodiscard]] absl::Status BeginRewriting();
  // The rewriting has ended: notes that nothing is left to do, or tries again tomorrow.
  [[nodiscard]] absl::StatusOr<bool> EndRewriting();

  Core* const core_;
  const int32_t retention_days_;
  std::optional<Day> begun_on_;  // the day of the latest pass
  std::optional<Shrinking> pass_;
  int64_t shrunk_ = 0;  // by this pass
  std::thread rewriting_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> rewritten_ = false;  // the thread is at its end
  absl::Status outcome_;                 // of the thread; to be read once it is joined
};

}  // namespace flosync
