// Turns Ctrl-C and SIGTERM into an orderly end of what is under way.
//
// While it lives, SIGINT and SIGTERM are blocked in the calling thread and in those it starts, and waited for by a
// thread of its own. Make it before the first gRPC call, so that gRPC's threads inherit the block, and one at a time.
//
//   SignalGuard guard;
//   client::IndicatorWatch watch(…);
//   guard.OnSignal([&watch] { watch.Cancel(); });
//   …
//   guard.OnSignal(nullptr);  // before the watch goes
#pragma once

#include <csignal>
#include <functional>
#include <mutex>
#include <thread>

namespace flosync {

class SignalGuard {
 public:
  SignalGuard();
  ~SignalGuard();
  SignalGuard(const SignalGuard&) = delete;
  SignalGuard& operator=(const SignalGuard&) = delete;

  // What a signal does, on the guard's thread; at once if one came before. Nothing of it runs once it is replaced.
  void OnSignal(std::function<void()> stop);
  // A signal asked to stop.
  [[nodiscard]] bool stopped() const;

 private:
  void Run();

  sigset_t signals_{};
  sigset_t previous_mask_{};
  mutable std::mutex mutex_;
  std::function<void()> stop_;
  bool stopped_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace flosync
