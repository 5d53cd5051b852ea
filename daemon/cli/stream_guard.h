// Ends a stream from outside: on Ctrl-C or SIGTERM, or because the daemon has gone silent.
//
// While it lives, SIGINT and SIGTERM are blocked in the calling thread and in those it starts, and waited for by a
// thread of its own. Make it before the first gRPC call, so that gRPC's threads inherit the block, and one at a time.
//
//   StreamGuard guard;
//   while (guard.Watch(&client_context, 30s), reader->Read(&message)) {
//     guard.Rest();  // what is done with a message may take its time
//     …
//   }
//   if (guard.stopped()) …
#pragma once

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>

#include <grpcpp/client_context.h>

namespace flosync {

class StreamGuard {
 public:
  StreamGuard();
  ~StreamGuard();
  StreamGuard(const StreamGuard&) = delete;
  StreamGuard& operator=(const StreamGuard&) = delete;

  // From now on the stream is cancelled on a signal, also one that came before, and after a silence so long.
  void Watch(grpc::ClientContext* context, std::chrono::milliseconds longest_silence);
  // No more, until the next Watch: the stream may then be destroyed.
  void Rest();
  // The last stream watched was cancelled for its silence.
  [[nodiscard]] bool timed_out() const;
  // A signal asked to stop.
  [[nodiscard]] bool stopped() const;
  // Waits; false if a signal asked to stop.
  [[nodiscard]] bool Sleep(std::chrono::milliseconds time);

 private:
  using Clock = std::chrono::steady_clock;

  void Run();

  sigset_t signals_{};
  sigset_t previous_mask_{};
  mutable std::mutex mutex_;
  std::condition_variable stop_asked_;
  grpc::ClientContext* context_ = nullptr;
  Clock::time_point silent_until_;
  bool timed_out_ = false;
  bool stopped_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace flosync
