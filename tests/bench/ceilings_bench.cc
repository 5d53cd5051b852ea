// One stream's latency, the most that streams can send, and calls, each beside what gRPC itself does with the same
// messages in the same run. Run by `./dev bench --benchmark_filter="Latency|FanOut|Calls"`.
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "domain/text.h"
#include "tests/bench/bare_server.h"
#include "tests/bench/measuring.h"
#include "tests/bench/streaming.h"
#include "tests/support/must.h"

namespace flosync::bench {
namespace {

constexpr double kMicrosPerSecond = 1e6;

// One watcher, one changed GP at a time: from the commit on disk to the watcher. Compared with a bare stream.
void StreamLatency(benchmark::State& state) {
  constexpr double kChangesPerSecond = 50;
  constexpr std::chrono::milliseconds kApart(20);
  constexpr std::chrono::seconds kMeasured(20);
  for ([[maybe_unused]] const auto _ : state) {
    BenchDaemon daemon(kNationPersons);
    const std::string token = TokenNow(daemon);
    const auto watcher = Watch(daemon.address(), {.watchers = 1});
    const int64_t first = daemon.status()->revision;
    daemon.Plan({.changes_per_second = kChangesPerSecond, .most_changes_at_once = 1});
    const Span span;
    std::this_thread::sleep_for(kMeasured);
    const double busy = span.busy_seconds() / span.seconds();
    daemon.Plan({});
    daemon.AwaitQuiet();
    const auto took = Latencies(*watcher, daemon.PublishedAt(), first, daemon.status()->revision);

    BareServer bare;
    WatchMessages messages = UpdatesSince(daemon, token);
    bare.Load(messages);
    const auto bare_watcher = Watch(bare.address(), {.watchers = 1});
    const auto sent_at = bare.SendEvery(kApart);
    AwaitRevision(*bare_watcher, messages.back().revision());
    const auto bare_took = Latencies(*bare_watcher, sent_at, 0, INT64_MAX);

    const double p50 = PercentileMs(took, 0.5);
    const double p99 = PercentileMs(took, 0.99);
    state.counters["samples"] = static_cast<double>(took.size());
    state.counters["busy_cpus"] = busy;
    state.counters["p50_ms"] = p50;
    state.counters["p99_ms"] = p99;
    state.counters["bare_p50_ms"] = PercentileMs(bare_took, 0.5);
    state.counters["bare_p99_ms"] = PercentileMs(bare_took, 0.99);
    state.counters["ratio_p50"] = PercentileMs(bare_took, 0.5) / p50;
    state.SetLabel(Join(GoalText("p50 < 5 ms", p50 < 5), ", ", GoalText("p99 < 20 ms", p99 < 20)));
  }
}
BENCHMARK(StreamLatency)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

struct FanOut {
  double seconds = 0;
  double cpu_seconds = 0;
};

// `send` lets the messages go; the watchers are connected and about to ask.
template <typename Send>
FanOut MeasureFanOut(const std::string& address, const std::string& token, int64_t up_to, const Send& send) {
  const auto clients = Connect(address, {.watchers = kWatchers}, token);
  const Span span;
  send();
  clients->Ask("go", "open");
  const double seconds = AwaitRevision(*clients, up_to);
  return {seconds, span.cpu_seconds()};
}

// So many revisions, of so many changes each, one after the other: what comes meanwhile would join.
void Commit(BenchDaemon& daemon, int64_t revisions, int64_t changes_each) {
  for (int64_t i = 0; i < revisions; ++i) {
    const int64_t before = daemon.status()->revision;
    daemon.Plan({.changes_per_second = 1e9, .most_changes = changes_each});
    while (daemon.status()->revision == before) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  daemon.AwaitQuiet();
}

// 1 000 watchers who catch up with the same revisions, all at once: the most messages a second. Compared with a bare
// server that has them ready in memory.
void StreamFanOut(benchmark::State& state) {
  for ([[maybe_unused]] const auto _ : state) {
    BenchDaemon daemon(kNationPersons);
    const std::string token = TokenNow(daemon);
    Commit(daemon, state.range(0), state.range(1));
    const WatchMessages messages = UpdatesSince(daemon, token);
    const int64_t last = messages.back().revision();
    const FanOut ours = MeasureFanOut(daemon.address(), token, last, [] {});

    BareServer bare;
    bare.Load(messages);
    const FanOut ceiling = MeasureFanOut(bare.address(), "", last, [&] { bare.Release(messages.size()); });

    int64_t updates = 0;
    size_t bytes = 0;
    for (const auto& message : messages) {
      updates += message.updates_size();
      bytes += message.ByteSizeLong();
    }
    const double sent = static_cast<double>(messages.size()) * kWatchers;
    state.counters["messages_s"] = sent / ours.seconds;
    state.counters["updates_s"] = static_cast<double>(updates) * kWatchers / ours.seconds;
    state.counters["bare_messages_s"] = sent / ceiling.seconds;
    state.counters["ratio"] = ceiling.seconds / ours.seconds;
    state.counters["cpu_us_message"] = ours.cpu_seconds * kMicrosPerSecond / sent;
    state.counters["bare_cpu_us_message"] = ceiling.cpu_seconds * kMicrosPerSecond / sent;
    state.counters["updates_message"] = static_cast<double>(updates) / static_cast<double>(messages.size());
    state.counters["bytes_message"] = static_cast<double>(bytes) / static_cast<double>(messages.size());
  }
}
BENCHMARK(StreamFanOut)
    ->ArgNames({"revisions", "changes"})
    ->Args({200, 1})
    ->Args({50, 50})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kSecond);

struct Asked {
  double calls_per_second = 0;
  double cpu_micros = 0;  // of the server, a call
  double p50_ms = 0;
  double p99_ms = 0;
};

Asked MeasureCalls(const std::string& address, const std::string& what) {
  const Span span;
  LoadProcess clients({"call", address, what, "4", "32", "10"});
  const auto called = clients.Await("called");
  if (called.at("failed") > 0) Must(absl::InternalError(Join(called.at("failed"), " calls failed")));
  return {called.at("calls") / called.at("seconds"), span.cpu_seconds() * kMicrosPerSecond / called.at("calls"),
          called.at("p50_ms"), called.at("p99_ms")};
}

void Compare(benchmark::State& state, const Asked& ours, const Asked& ceiling, size_t bytes) {
  state.counters["calls_s"] = ours.calls_per_second;
  state.counters["bare_calls_s"] = ceiling.calls_per_second;
  state.counters["ratio"] = ours.calls_per_second / ceiling.calls_per_second;
  state.counters["cpu_us"] = ours.cpu_micros;
  state.counters["bare_cpu_us"] = ceiling.cpu_micros;
  state.counters["p50_ms"] = ours.p50_ms;
  state.counters["p99_ms"] = ours.p99_ms;
  state.counters["answer_bytes"] = static_cast<double>(bytes);
}

// 32 questions under way over four connections, each answered from the store. Compared with a server that has the
// answer ready.
void CallsForOneArea(benchmark::State& state) {
  for ([[maybe_unused]] const auto _ : state) {
    BenchDaemon daemon(kNationPersons);
    grpc::ClientContext context;
    v1::QueryIndicatorsRequest request;
    request.mutable_filter()->add_area_codes("0301");
    v1::QueryIndicatorsResponse answer;
    (void)v1::IndicatorService::NewStub(daemon.channel())->QueryIndicators(&context, request, &answer);
    BareServer bare;
    bare.Answer(answer);
    Compare(state, MeasureCalls(daemon.address(), "figures"), MeasureCalls(bare.address(), "figures"),
            answer.ByteSizeLong());
  }
}
BENCHMARK(CallsForOneArea)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

// The same of doctors; each answer is in the access log, on disk, before it goes.
void CallsForDoctors(benchmark::State& state) {
  for ([[maybe_unused]] const auto _ : state) {
    BenchDaemon daemon(kNationPersons);
    grpc::ClientContext context;
    context.AddMetadata("flosync-purpose", "benchmark");
    v1::GetDoctorRequest request;
    request.set_hpr_number(NumberOfGp(1));
    v1::GetDoctorResponse answer;
    (void)v1::DoctorService::NewStub(daemon.channel())->GetDoctor(&context, request, &answer);
    BareServer bare;
    bare.Answer(answer);
    Compare(state, MeasureCalls(daemon.address(), "doctor"), MeasureCalls(bare.address(), "doctor"),
            answer.ByteSizeLong());
  }
}
BENCHMARK(CallsForDoctors)->Iterations(1)->UseRealTime()->Unit(benchmark::kSecond);

}  // namespace
}  // namespace flosync::bench
