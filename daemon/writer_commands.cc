#include "daemon/writer_commands.h"

#include <utility>

namespace flosync {
namespace {

absl::Status Ended() { return absl::UnavailableError("the daemon is stopping; try again when it is back"); }

}  // namespace

WriterCommands::Work ChangeOf(Core::Change change) {
  return [change = std::move(change)](Core& core, Instant /*now*/, absl::Status& refused) {
    return core.CommitChange(change, refused);
  };
}

absl::Status WriterCommands::Post(Command command) {
  const std::lock_guard lock(mutex_);
  if (closed_) return Ended();
  if (waiting_.size() >= max_waiting_) {
    return absl::ResourceExhaustedError("more changes are waiting than the daemon takes; try again");
  }
  waiting_.push_back(std::move(command));
  return absl::OkStatus();
}

std::optional<WriterCommands::Command> WriterCommands::Take() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  Command command = std::move(waiting_.front());
  waiting_.pop_front();
  return command;
}

void WriterCommands::Close() {
  std::deque<Command> dropped;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    dropped.swap(waiting_);
  }
  for (const Command& command : dropped) command.done(Ended());
}

}  // namespace flosync
