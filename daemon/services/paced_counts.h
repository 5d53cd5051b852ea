// Counts by name out of the store, made again when the store has moved on, but for at most a tenth of the time, however
// many there are to count and however often one asks. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include <absl/status/statusor.h>

#include "state/store/store.h"

namespace flosync {

class PacedCounts {
 public:
  using Counts = std::map<std::string, int64_t>;
  using Count = std::function<absl::StatusOr<Counts>(const View&)>;
  explicit PacedCounts(Count count) : count_(std::move(count)) {}

  // The counts at the revision of the View, or at a slightly older one.
  [[nodiscard]] absl::StatusOr<Counts> At(const View& view, int64_t revision);

 private:
  using Clock = std::chrono::steady_clock;
  const Count count_;
  std::mutex mutex_;
  int64_t revision_ = -1;
  Clock::time_point fresh_until_;
  Counts counts_;
};

// Open deviations by code, and open alerts by kind.
[[nodiscard]] absl::StatusOr<PacedCounts::Counts> CountOpenDeviations(const View& view);
[[nodiscard]] absl::StatusOr<PacedCounts::Counts> CountOpenAlerts(const View& view);

}  // namespace flosync
