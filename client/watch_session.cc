#include "client/watch_session.h"

#include <string>
#include <utility>

#include "client/error_details.h"

namespace flosync::client {

using std::chrono::milliseconds;

void WatchSession::Cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  cancel_asked_.notify_all();
  if (call_ != nullptr) call_->TryCancel();
}

bool WatchSession::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

void WatchSession::Attach(grpc::ClientContext* call) {
  const std::lock_guard lock(mutex_);
  call_ = call;
  if (cancelled_ && call_ != nullptr) call_->TryCancel();
}

void WatchSession::Heard() {
  heard_once_ = true;
  lost_ = false;
  heard_ = Clock::now();
  backoff_.Reset();
}

bool WatchSession::MayReconnect(const grpc::Status& why) const {
  if (Clock::now() - heard_ > std::chrono::seconds(options_.reconnect_s)) return false;
  if (!heard_once_ && !options_.wait_for_daemon) {
    // It may not be there at all; one that says when to come again is.
    return MayPass(why) && ReadErrorDetails(why).retry_after.has_value();
  }
  switch (why.error_code()) {
    // The daemon stopped or was silent for too long. A call that reaches a stopping server ends as cancelled.
    case grpc::StatusCode::OK:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return true;
    default:
      return MayPass(why);
  }
}

bool WatchSession::Lost(const grpc::Status& why) {
  pause_ = backoff_.Next(why);
  return !std::exchange(lost_, true);
}

void WatchSession::Pause() {
  std::unique_lock lock(mutex_);
  cancel_asked_.wait_for(lock, std::exchange(pause_, milliseconds(0)), [this] { return cancelled_; });
}

bool IsPlaceLost(const grpc::Status& why) {
  const std::string reason = ReadErrorDetails(why).reason;
  return reason == "RESUME_TOKEN_EXPIRED" || reason == "STORE_EPOCH_CHANGED";
}

}  // namespace flosync::client
