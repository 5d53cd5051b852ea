// What the streaming benchmarks share: watchers in a process of their own, and when each message came to them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/bare_server.h"
#include "tests/bench/bench_daemon.h"
#include "tests/bench/load_process.h"

namespace flosync::bench {

inline constexpr int32_t kNationPersons = 60'000;
inline constexpr int kWatchers = 1000;

// "p99 < 50 ms: met".
[[nodiscard]] std::string GoalText(std::string_view goal, bool met);

// How many watchers there are, how many of them do not read, and how many share a connection.
struct Watching {
  int watchers = 0;
  int stalled = 0;
  int on_a_connection = 1;
};

// Connected, and about to ask; `token` empty = for what comes from now on.
[[nodiscard]] std::unique_ptr<LoadProcess> Connect(const std::string& address, const Watching& watching,
                                                   const std::string& token = "");
// The same with all streams open.
[[nodiscard]] std::unique_ptr<LoadProcess> Watch(const std::string& address, const Watching& watching);
// Waits until all who read have had everything up to the revision; gives the seconds since they asked.
double AwaitRevision(LoadProcess& clients, int64_t revision);

// Nanoseconds from when it was sent to when it came, of every message with updates of the revisions (first, last].
[[nodiscard]] std::vector<int64_t> Latencies(LoadProcess& clients, const std::map<int64_t, int64_t>& sent_at,
                                             int64_t first, int64_t last);

// Whoever goes on after it gets everything committed from now on.
[[nodiscard]] std::string TokenNow(BenchDaemon& daemon);
// The messages with updates that a watcher of all figures gets who goes on after it, up to now.
[[nodiscard]] WatchMessages UpdatesSince(BenchDaemon& daemon, const std::string& token);

}  // namespace flosync::bench
