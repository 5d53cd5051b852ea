// A thousand watchers of a daemon with a register of the nation's size, over loopback: 60 000 doctors, 6 000 lists.
// Clients are a process of their own (load_client.cc) and share the processors with the daemon; `others_cpus` tells
// what was taken by programs that have nothing to do with it. Run by `./dev bench --benchmark_filter=Streams`.
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "domain/text.h"
#include "tests/bench/measuring.h"
#include "tests/bench/streaming.h"

namespace flosync::bench {
namespace {

constexpr int kStalled = 100;
constexpr std::chrono::seconds kSettling(3);
constexpr std::chrono::seconds kMeasured(10);
constexpr double kBytesPerKib = 1024;
constexpr double kGoalRatio = 0.9;
constexpr double kGoalP99Ms = 50;

// The daemon at work for a while: what it read, and which revisions came of it.
struct Work {
  double records_per_second = 0;
  double cpus = 0;             // of the daemon
  double machine_cpus = 0;     // of all programs
  int64_t first_revision = 0;  // the one before
  int64_t last_revision = 0;
};

Work MeasureWork(const BenchDaemon& daemon) {
  const auto before = daemon.status();
  const Span span;
  std::this_thread::sleep_for(kMeasured);
  const auto after = daemon.status();
  const double seconds = span.seconds();
  return {.records_per_second = static_cast<double>(after->records.read - before->records.read) / seconds,
          .cpus = span.cpu_seconds() / seconds,
          .machine_cpus = span.busy_seconds() / seconds,
          .first_revision = before->revision,
          .last_revision = after->revision};
}

// What streams hold of the daemon's memory, from what it gives back when they go.
struct StreamMemory {
  double kib_per_stalled = 0;
  double kib_per_reading = 0;
};

void AwaitStreams(const BenchDaemon& daemon, int streams) {
  while (daemon.open_streams() > streams) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  // gRPC gives connections back a little after their streams.
  std::this_thread::sleep_for(std::chrono::seconds(1));
}

StreamMemory MeasureMemory(const BenchDaemon& daemon, std::unique_ptr<LoadProcess> clients, int watchers, int stalled) {
  daemon.AwaitQuiet();
  AwaitRevision(*clients, daemon.status()->revision);
  const int64_t with_all = HeapBytes();
  clients->Ask("drop", "dropped");
  AwaitStreams(daemon, watchers - stalled);
  const int64_t without_stalled = HeapBytes();
  clients.reset();
  AwaitStreams(daemon, 0);
  const int64_t without_any = HeapBytes();
  const auto each = [](int64_t bytes, int streams) {
    return streams == 0 ? 0 : static_cast<double>(bytes) / kBytesPerKib / streams;
  };
  return {each(with_all - without_stalled, stalled), each(without_stalled - without_any, watchers - stalled)};
}

// 1 000 watchers of all figures, of whom 100 do not read, while `load` comes.
struct Watched {
  Work work;
  LoadProcess::Figures count;  // of their messages, meanwhile
  std::vector<int64_t> latencies;
  StreamMemory memory;
};

Watched MeasureWatched(BenchDaemon& daemon, const Load& load, int on_a_connection) {
  Watched watched;
  daemon.Plan(load);
  auto clients = Watch(daemon.address(), {kWatchers, kStalled, on_a_connection});
  std::this_thread::sleep_for(kSettling);
  const auto before = clients->Ask("count", "count");
  watched.work = MeasureWork(daemon);
  watched.count = clients->Ask("count", "count");
  for (auto& [name, value] : watched.count) value -= before.at(name);
  daemon.Plan({});
  // Late ones count.
  AwaitRevision(*clients, watched.work.last_revision);
  watched.latencies =
      Latencies(*clients, daemon.PublishedAt(), watched.work.first_revision, watched.work.last_revision);
  watched.memory = MeasureMemory(daemon, std::move(clients), kWatchers, kStalled);
  return watched;
}

// Gives whether the goal is met.
bool Show(benchmark::State& state, const Watched& watched) {
  const double seconds = std::chrono::duration<double>(kMeasured).count();
  const double p99 = PercentileMs(watched.latencies, 0.99);
  const double clients = watched.count.at("cpu_seconds") / seconds;
  state.counters["samples"] = static_cast<double>(watched.latencies.size());
  state.counters["p50_ms"] = PercentileMs(watched.latencies, 0.5);
  state.counters["p99_ms"] = p99;
  state.counters["updates_s_each"] = watched.count.at("updates") / seconds / (kWatchers - kStalled);
  state.counters["messages_s"] = watched.count.at("messages") / seconds;
  state.counters["daemon_cpus"] = watched.work.cpus;
  state.counters["clients_cpus"] = clients;
  state.counters["others_cpus"] = watched.work.machine_cpus - watched.work.cpus - clients;
  state.counters["stalled_KiB"] = watched.memory.kib_per_stalled;
  state.counters["reading_KiB"] = watched.memory.kib_per_reading;
  return !watched.latencies.empty() && p99 < kGoalP99Ms;
}

Load LoadOf(const BenchDaemon& daemon, double records_per_second, int64_t updates_per_second) {
  return {.resent_per_second = records_per_second,
          .changes_per_second = static_cast<double>(updates_per_second) / daemon.updates_per_change()};
}

// So many updates a second are committed, and so many records come (0 = as fast as they are taken). The rate of reading
// them without watchers is measured before and after.
void StreamsBesideIngest(benchmark::State& state) {
  for ([[maybe_unused]] const auto _ : state) {
    BenchDaemon daemon(kNationPersons);
    const auto records = static_cast<double>(state.range(2));
    const Load load = LoadOf(daemon, records > 0 ? records : std::numeric_limits<double>::infinity(), state.range(0));
    daemon.Plan(load);
    std::this_thread::sleep_for(kSettling);
    const Work before = MeasureWork(daemon);
    const Watched watched = MeasureWatched(daemon, load, static_cast<int>(state.range(1)));
    daemon.Plan(load);
    std::this_thread::sleep_for(kSettling);
    const Work after = MeasureWork(daemon);
    const double alone = (before.records_per_second + after.records_per_second) / 2;
    const double ratio = watched.work.records_per_second / alone;
    state.counters["alone_records_s"] = alone;
    state.counters["alone_cpus"] = (before.cpus + after.cpus) / 2;
    state.counters["alone_others_cpus"] = (before.machine_cpus - before.cpus + after.machine_cpus - after.cpus) / 2;
    state.counters["beside_records_s"] = watched.work.records_per_second;
    state.counters["ratio"] = ratio;
    const bool quick = Show(state, watched);
    state.SetLabel(Join(GoalText("rate >= 90 %", ratio >= kGoalRatio), ", ", GoalText("p99 < 50 ms", quick)));
  }
}
BENCHMARK(StreamsBesideIngest)
    ->ArgNames({"updates_s", "on_a_connection", "records_s"})
    ->Args({100, 10, 100'000})
    ->Args({100, 1, 100'000})
    ->Args({100, 10, 0})
    ->Args({100, 1, 0})
    ->Args({1000, 1, 0})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kSecond);

// The same messages to as many who read, as far apart, from a server that has them ready.
void ShowBare(benchmark::State& state, const WatchMessages& messages, std::chrono::nanoseconds apart,
              int on_a_connection) {
  BareServer bare;
  bare.Load(messages);
  const auto clients = Watch(bare.address(), {kWatchers - kStalled, 0, on_a_connection});
  const double clients_before = clients->Ask("count", "count").at("cpu_seconds");
  const Span span;
  const auto sent_at = bare.SendEvery(apart);
  AwaitRevision(*clients, messages.back().revision());
  const double seconds = span.seconds();
  const double cpu = span.cpu_seconds();
  const double busy = span.busy_seconds();
  const double clients_cpu = clients->Ask("count", "count").at("cpu_seconds") - clients_before;
  const auto latencies = Latencies(*clients, sent_at, 0, INT64_MAX);
  state.counters["bare_p50_ms"] = PercentileMs(latencies, 0.5);
  state.counters["bare_p99_ms"] = PercentileMs(latencies, 0.99);
  state.counters["bare_messages_s"] = static_cast<double>(latencies.size()) / seconds;
  state.counters["bare_cpus"] = cpu / seconds;
  state.counters["bare_clients_cpus"] = clients_cpu / seconds;
  state.counters["bare_others_cpus"] = (busy - cpu - clients_cpu) / seconds;
}

// The same where nothing else is read: whether the updates come at their rate. Compared with a bare server.
void StreamsAlone(benchmark::State& state) {
  for ([[maybe_unused]] const auto _ : state) {
    BenchDaemon daemon(kNationPersons);
    const std::string token = TokenNow(daemon);
    const auto on_a_connection = static_cast<int>(state.range(1));
    const Watched watched = MeasureWatched(daemon, LoadOf(daemon, 0, state.range(0)), on_a_connection);
    const bool quick = Show(state, watched);
    const int64_t revisions = watched.work.last_revision - watched.work.first_revision;
    ShowBare(state, UpdatesSince(daemon, token), std::chrono::nanoseconds(kMeasured) / revisions, on_a_connection);
    const double kept = state.counters["updates_s_each"] / static_cast<double>(state.range(0));
    state.SetLabel(Join(GoalText("rate >= 90 %", kept >= kGoalRatio), ", ", GoalText("p99 < 50 ms", quick)));
  }
}
BENCHMARK(StreamsAlone)
    ->ArgNames({"updates_s", "on_a_connection"})
    ->Args({100, 10})
    ->Args({100, 1})
    ->Args({1000, 1})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kSecond);

// 100 watchers who read nothing for so many seconds of 200 changes each: what one of them holds must not grow with it.
void StreamsStalled(benchmark::State& state) {
  constexpr int kStreams = 100;
  for ([[maybe_unused]] const auto _ : state) {
    BenchDaemon daemon(kNationPersons);
    auto clients = Watch(daemon.address(), {kStreams, kStreams});
    daemon.Plan({.changes_per_second = 200});
    std::this_thread::sleep_for(std::chrono::seconds(state.range(0)));
    daemon.Plan({});
    const int64_t resident = ResidentBytes();
    state.counters["stalled_KiB"] = MeasureMemory(daemon, std::move(clients), kStreams, kStreams).kib_per_stalled;
    state.counters["resident_MiB"] = static_cast<double>(resident) / kBytesPerKib / kBytesPerKib;
  }
}
BENCHMARK(StreamsStalled)->ArgName("seconds")->Arg(5)->Arg(20)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

}  // namespace
}  // namespace flosync::bench
