#include "daemon/publication.h"

#include <utility>

namespace flosync {

void Publication::Publish(DaemonStatus status) {
  auto published = std::make_shared<const DaemonStatus>(std::move(status));
  {
    const std::lock_guard lock(status_mutex_);
    status_.swap(published);  // what was shown before is freed outside the lock
  }
  const std::lock_guard lock(listeners_mutex_);
  for (const auto& [id, listener] : listeners_) listener();
}

std::shared_ptr<const DaemonStatus> Publication::status() const {
  const std::lock_guard lock(status_mutex_);
  return status_;
}

void Publication::ShowAudit(AuditOutcome outcome) {
  const std::lock_guard lock(status_mutex_);
  audit_ = std::move(outcome);
}

std::optional<AuditOutcome> Publication::audit() const {
  const std::lock_guard lock(status_mutex_);
  return audit_;
}

void Publication::ShowBackup(BackupOutcome outcome) {
  const std::lock_guard lock(status_mutex_);
  backup_ = std::move(outcome);
}

std::optional<BackupOutcome> Publication::backup() const {
  const std::lock_guard lock(status_mutex_);
  return backup_;
}

int64_t Publication::AddListener(std::function<void()> listener) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_[next_listener_] = std::move(listener);
  return next_listener_++;
}

void Publication::RemoveListener(int64_t id) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_.erase(id);
}

}  // namespace flosync
