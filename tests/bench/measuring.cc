#include "tests/bench/measuring.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>
#include <string>

namespace flosync::bench {
namespace {

constexpr double kMicrosPerSecond = 1e6;
constexpr double kNanosPerMilli = 1e6;
constexpr int64_t kNanosPerSecond = 1'000'000'000;

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / kMicrosPerSecond;
}

}  // namespace

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

int64_t ThreadCpuNs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<int64_t>(time.tv_sec) * kNanosPerSecond + time.tv_nsec;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

double MachineBusySeconds() {
  // "cpu user nice system idle iowait irq softirq steal …", in ticks.
  std::ifstream stat("/proc/stat");
  std::string cpu;
  int64_t user = 0;
  int64_t nice = 0;
  int64_t system = 0;
  int64_t idle = 0;
  int64_t waiting = 0;
  int64_t interrupts = 0;
  int64_t soft_interrupts = 0;
  int64_t stolen = 0;
  stat >> cpu >> user >> nice >> system >> idle >> waiting >> interrupts >> soft_interrupts >> stolen;
  const int64_t busy = user + nice + system + interrupts + soft_interrupts + stolen;
  return static_cast<double>(busy) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

int64_t ResidentBytes() {
  int64_t total_pages = 0;
  int64_t resident_pages = 0;
  std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

double PercentileMs(std::vector<int64_t> nanoseconds, double share) {
  if (nanoseconds.empty()) return 0;
  const auto last = static_cast<double>(nanoseconds.size() - 1);
  const auto at = nanoseconds.begin() + static_cast<std::ptrdiff_t>(last * share);
  std::nth_element(nanoseconds.begin(), at, nanoseconds.end());
  return static_cast<double>(*at) / kNanosPerMilli;
}

}  // namespace flosync::bench
