#include "daemon/cli/signal_guard.h"

#include <ctime>
#include <utility>

namespace flosync {
namespace {

// How late a signal or the end may be noticed.
constexpr long kTickNanoseconds = 50'000'000;

}  // namespace

SignalGuard::SignalGuard() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &previous_mask_);
  thread_ = std::thread([this] { Run(); });
}

SignalGuard::~SignalGuard() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &previous_mask_, nullptr);
}

void SignalGuard::OnSignal(std::function<void()> stop) {
  const std::lock_guard lock(mutex_);
  stop_ = std::move(stop);
  if (stopped_ && stop_) stop_();
}

bool SignalGuard::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

void SignalGuard::Run() {
  while (true) {
    const timespec tick{.tv_sec = 0, .tv_nsec = kTickNanoseconds};
    const bool asked = sigtimedwait(&signals_, nullptr, &tick) > 0;
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    if (asked && !std::exchange(stopped_, true) && stop_) stop_();
  }
}

}  // namespace flosync
