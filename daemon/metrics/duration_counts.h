// How often something took how long, in buckets. A value; not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace flosync {

struct DurationCounts {
  // Upper bounds of all buckets but the last, which has none.
  static constexpr std::array<double, 12> kBoundsSeconds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                            0.1,   0.25,   0.5,   1,    2.5,   10};
  std::array<int64_t, kBoundsSeconds.size() + 1> counts{};
  double sum_seconds = 0;

  void Add(std::chrono::duration<double> took) {
    const auto* const bucket = std::lower_bound(kBoundsSeconds.begin(), kBoundsSeconds.end(), took.count());
    ++counts.at(static_cast<size_t>(bucket - kBoundsSeconds.begin()));
    sum_seconds += took.count();
  }
};

}  // namespace flosync
