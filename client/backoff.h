// How long to wait before asking again: longer each time, up to a bound, and never twice the same, so that clients that
// lost one daemon together do not come back together. One thread.
#pragma once

#include <chrono>
#include <random>

#include <grpcpp/support/status.h>

namespace flosync::client {

class Backoff {
 public:
  static constexpr std::chrono::milliseconds kFirst{100};
  static constexpr std::chrono::milliseconds kLongest{5'000};

  // Between half of 100 ms and the whole of it, then twice that, up to 5 s; and no less than `why` asks for by a
  // RetryInfo, up to a minute.
  [[nodiscard]] std::chrono::milliseconds Next(const grpc::Status& why);
  // Begins at 100 ms again.
  void Reset() { step_ = kFirst; }

 private:
  std::chrono::milliseconds step_ = kFirst;
  std::minstd_rand random_{std::random_device{}()};
};

// Whether the same question may be answered a little later: the daemon is away (UNAVAILABLE), or has said when to come
// again (RESOURCE_EXHAUSTED with a RetryInfo; without one it is too much at any time).
[[nodiscard]] bool MayPass(const grpc::Status& why);

}  // namespace flosync::client
