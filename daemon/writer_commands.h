// What services ask of the writer: changes that people make, such as a decision on a deviation. Services never write
// the store themselves.
//
// Operation: a service posts a command; the sync loop takes it between two batches of records, does its work, which
// mostly is a change committed as a revision of its own, and tells the outcome. At most `max_waiting` wait.
// Concurrency: Post and Close from any thread, Take by the writer. `done` is called exactly once for a command that
// Post took, on the writer's thread or that of Close, and must not block. Whoever gives up waiting leaves the command:
// it may still be carried out.
//
//   commands.Post({.work = ChangeOf([](Core& core, const View& view, Batch& batch) { …; return absl::OkStatus(); }),
//                  .done = [](const absl::Status& outcome) { … }});
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>

#include <absl/status/status.h>

#include "state/core/core.h"

namespace flosync {

class WriterCommands {
 public:
  // On the writer's thread, at the sync instant `now`. What it refuses is no failure: then `refused` says why and
  // nothing is written. An error is that of a commit, and ends the writer.
  using Work = std::function<absl::Status(Core& core, Instant now, absl::Status& refused)>;
  struct Command {
    Work work;
    // OK once the work is done and on disk; what it refused with; UNAVAILABLE if the writer has ended.
    std::function<void(const absl::Status&)> done;
  };

  explicit WriterCommands(size_t max_waiting = kMaxWaiting) : max_waiting_(max_waiting) {}

  // RESOURCE_EXHAUSTED: as many wait as may; UNAVAILABLE: the writer has ended. Then `done` is not called.
  [[nodiscard]] absl::Status Post(Command command);
  // The command that has waited longest, if there is one.
  [[nodiscard]] std::optional<Command> Take();
  // Nothing is taken from now on; what waits is told so.
  void Close();

  static constexpr size_t kMaxWaiting = 100;

 private:
  const size_t max_waiting_;
  std::mutex mutex_;
  std::deque<Command> waiting_;
  bool closed_ = false;
};

// The work of committing a change.
[[nodiscard]] WriterCommands::Work ChangeOf(Core::Change change);

}  // namespace flosync
