// What benchmarks measure beside time: processor, memory, percentiles. Any thread.
#pragma once

#include <cstdint>
#include <vector>

namespace flosync::bench {

// Nanoseconds of the steady clock, which is the same in all processes of the machine.
[[nodiscard]] int64_t NowNs();
// Nanoseconds of processor time that the calling thread has had; what others take of the machine is not in it.
[[nodiscard]] int64_t ThreadCpuNs();
// Processor seconds of all threads of this process so far.
[[nodiscard]] double CpuSeconds();
// Seconds that all processors of the machine have been busy so far, whoever with.
[[nodiscard]] double MachineBusySeconds();
// What the program holds of malloc, RocksDB's caches and buffers included.
[[nodiscard]] int64_t HeapBytes();
[[nodiscard]] int64_t ResidentBytes();

// The value that a share of all is not above, in milliseconds; 0 of none.
[[nodiscard]] double PercentileMs(std::vector<int64_t> nanoseconds, double share);

// A stretch of time, from its construction on.
class Span {
 public:
  Span() : began_ns_(NowNs()), cpu_seconds_(CpuSeconds()), busy_seconds_(MachineBusySeconds()) {}
  [[nodiscard]] double seconds() const { return static_cast<double>(NowNs() - began_ns_) / kNanosPerSecond; }
  [[nodiscard]] double cpu_seconds() const { return CpuSeconds() - cpu_seconds_; }
  // Of the whole machine: where that is more than the processes measured took, others disturbed them.
  [[nodiscard]] double busy_seconds() const { return MachineBusySeconds() - busy_seconds_; }

 private:
  static constexpr double kNanosPerSecond = 1e9;
  int64_t began_ns_;
  double cpu_seconds_;
  double busy_seconds_;
};

}  // namespace flosync::bench
