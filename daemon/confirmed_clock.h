// The wall clock, believed only as far as it can be confirmed: a wrong clock must not publish (B4).
//
// A jump of the system clock of more than five minutes against the time that has passed since the clock was last
// believed is held back to five minutes, until the broker's own timestamps have come as far. Not thread-safe.
#pragma once

#include <time.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "domain/oslo.h"

namespace flosync {

class ConfirmedClock {
 public:
  static constexpr int64_t kTrustMs = 300'000;  // five minutes
  using Source = std::function<Instant()>;

  // `system` is the wall clock, `steady` one that is never set; both in milliseconds.
  ConfirmedClock(Source system, Source steady)
      : system_(std::move(system)), steady_(std::move(steady)), believed_(system_()), at_(steady_()) {}

  // The wall clock, or as much of it as can be confirmed.
  Instant Now() {
    const Instant steady = steady_();
    const Instant expected{believed_.ms + (steady.ms - at_.ms)};
    const Instant system = system_();
    held_back_ = system.ms > expected.ms + kTrustMs;
    believed_ = held_back_ ? expected : system;
    at_ = steady;
    return held_back_ ? Instant{std::min(system.ms, std::max(expected.ms, broker_.ms) + kTrustMs)} : system;
  }
  // A broker timestamp has been read.
  void Confirm(Instant broker) {
    broker_ = std::max(broker_, broker);
    believed_ = std::max(believed_, std::min(broker_, system_()));
  }
  // The system clock was further ahead than could be confirmed when last asked.
  [[nodiscard]] bool held_back() const { return held_back_; }

 private:
  Source system_;
  Source steady_;
  Instant believed_;
  Instant at_;
  Instant broker_ = Instant::Min();
  bool held_back_ = false;
};

[[nodiscard]] inline Instant SystemNow() {
  return {std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}
// Milliseconds since the machine started, those it slept included; never set by anyone.
[[nodiscard]] inline Instant SteadyNow() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return {now.tv_sec * 1000 + now.tv_nsec / 1000000};
}

}  // namespace flosync
