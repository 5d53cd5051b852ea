// What all watches have in common, whatever they watch: when to look for a lost daemon again, for how long, and how the
// watch is ended from outside. Users look at client/watch.h.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include <grpcpp/grpcpp.h>

#include "client/backoff.h"

namespace flosync::client {

struct WatchOptions {
  // A stream that says nothing for so long is taken for broken; more than the progress interval that is asked for.
  int32_t silence_ms = 30'000;
  // How long a daemon is looked for after it was last heard.
  int64_t reconnect_s = 3'600;
  // Look also for a daemon that has not answered this watch yet. Without it the first attempt decides, unless the
  // daemon says when to come again.
  bool wait_for_daemon = false;
  // Where the place in the stream is lost, take the whole state anew. Without it the watch ends there.
  bool begin_anew = false;
  // Updates of one revision, or of an initial state, that are kept until it is complete, MiB.
  int32_t revision_mib = 256;
};

// Cancel and cancelled from any thread, the rest from the watch's own.
class WatchSession {
 public:
  explicit WatchSession(const WatchOptions& options) : options_(options) {}

  // Ends the call under way and every later one.
  void Cancel();
  [[nodiscard]] bool cancelled() const;
  // The call that Cancel ends, until the next; nullptr = none.
  void Attach(grpc::ClientContext* call);

  // A message came.
  void Heard();
  // Whether a stream that ended like this is worth another try.
  [[nodiscard]] bool MayReconnect(const grpc::Status& why) const;
  // Notes that the stream ended; the next Pause is for that. True: the first time since a message came.
  [[nodiscard]] bool Lost(const grpc::Status& why);
  // Waits as long as the last Lost asks for.
  void Pause();

 private:
  using Clock = std::chrono::steady_clock;

  const WatchOptions options_;
  Backoff backoff_;
  bool heard_once_ = false;
  bool lost_ = false;
  Clock::time_point heard_ = Clock::now();
  std::chrono::milliseconds pause_{0};

  mutable std::mutex mutex_;
  std::condition_variable cancel_asked_;
  grpc::ClientContext* call_ = nullptr;
  bool cancelled_ = false;
};

// Whether the place of a watch is gone, so that only the whole state helps: RESUME_TOKEN_EXPIRED, STORE_EPOCH_CHANGED.
[[nodiscard]] bool IsPlaceLost(const grpc::Status& why);

}  // namespace flosync::client
