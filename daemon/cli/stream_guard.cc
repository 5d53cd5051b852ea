#include "daemon/cli/stream_guard.h"

#include <ctime>

namespace flosync {
namespace {

// How late a signal, a silence or the end may be noticed.
constexpr long kTickNanoseconds = 50'000'000;

}  // namespace

StreamGuard::StreamGuard() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &previous_mask_);
  thread_ = std::thread([this] { Run(); });
}

StreamGuard::~StreamGuard() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &previous_mask_, nullptr);
}

void StreamGuard::Watch(grpc::ClientContext* context, std::chrono::milliseconds longest_silence) {
  const std::lock_guard lock(mutex_);
  context_ = context;
  silent_until_ = Clock::now() + longest_silence;
  timed_out_ = false;
  if (stopped_) context_->TryCancel();
}

void StreamGuard::Rest() {
  const std::lock_guard lock(mutex_);
  context_ = nullptr;
}

bool StreamGuard::timed_out() const {
  const std::lock_guard lock(mutex_);
  return timed_out_;
}

bool StreamGuard::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

bool StreamGuard::Sleep(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  return !stop_asked_.wait_for(lock, time, [this] { return stopped_; });
}

void StreamGuard::Run() {
  while (true) {
    const timespec tick{.tv_sec = 0, .tv_nsec = kTickNanoseconds};
    const bool asked = sigtimedwait(&signals_, nullptr, &tick) > 0;
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    stopped_ = stopped_ || asked;
    if (stopped_) stop_asked_.notify_all();
    if (context_ == nullptr) continue;
    timed_out_ = timed_out_ || Clock::now() > silent_until_;
    if (stopped_ || timed_out_) context_->TryCancel();
  }
}

}  // namespace flosync
