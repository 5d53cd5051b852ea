// What takes long in a register of the nation's size: 60 000 doctors, 6 000 lists. Run by
// `./dev bench --benchmark_filter=Nation`.
#include <atomic>
#include <thread>
#include <vector>

#include <benchmark/benchmark.h>

#include "state/snapshots/evaluate.h"
#include "state/snapshots/schedule.h"
#include "state/snapshots/snapshot_maker.h"
#include "tests/bench/measuring.h"
#include "tests/bench/scratch_register.h"
#include "tests/support/must.h"

namespace flosync::bench {
namespace {

constexpr int32_t kDoctors = 60'000;
constexpr int kMonths = 144;
constexpr double kNanosPerSecond = 1e9;

// The snapshots of twelve months, one after the other, each looking for corrections of the ones before.
void NationSnapshot(benchmark::State& state) {
  ScratchCore core;
  FillRegister(core, kDoctors);
  Day month(2024, 2, 1);
  for ([[maybe_unused]] const auto _ : state) {
    const Instant end{CutoffInstant(month, kCutoffDelay).ms + 1};
    if (Must(MakeDueSnapshots(core.core(), end, true, {.most_runs = 1})).empty()) {
      return state.SkipWithError("no snapshot was made");
    }
    month = month.PlusMonths(1);
  }
}
BENCHMARK(NationSnapshot)->Iterations(12)->Unit(benchmark::kMillisecond)->UseRealTime();

void Recompute(const View& view, int month) {
  const EvaluationRequest request{.reference_date = Day(2015, 1, 1).PlusMonths(month),
                                  .structure_date = {},
                                  .definitions = Definitions::Shipped().published()};
  benchmark::DoNotOptimize(Must(EvaluateAt(view, Geography::Shipped(), request)));
}

// Every figure of every first of month of twelve years, from the history; so many at once, as calls are answered.
void NationRecompute(benchmark::State& state) {
  ScratchCore core;
  FillRegister(core, kDoctors);
  const View view(core.store());
  for ([[maybe_unused]] const auto _ : state) {
    std::atomic<int> next = 0;
    std::vector<std::jthread> threads;
    for (int64_t i = 0; i < state.range(0); ++i) {
      threads.emplace_back([&] {
        for (int month = next++; month < kMonths; month = next++) Recompute(view, month);
      });
    }
  }
  state.SetItemsProcessed(state.iterations() * kMonths);
}
BENCHMARK(NationRecompute)
    ->ArgName("at_once")
    ->Arg(1)
    ->Arg(2)
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

// From nothing to answers, with so many persons, of whom 60 000 are doctors. A walk over the newest states, which have
// to be read, is the ceiling.
void NationRestart(benchmark::State& state) {
  ScratchCore core;
  FillRegister(core, kDoctors);
  AddEntries(core, kDoctors + 1, static_cast<int32_t>(state.range(0)) - kDoctors);
  int64_t took_ns = 0;
  for ([[maybe_unused]] const auto _ : state) {
    state.PauseTiming();
    core.Close();
    const int64_t began = NowNs();
    state.ResumeTiming();
    core.Open();
    took_ns += NowNs() - began;
  }
  int64_t bytes = 0;
  const int64_t began = NowNs();
  Must(View(core.store()).Each(Family::kHeads, "", [&bytes](std::string_view, std::string_view value) {
    bytes += static_cast<int64_t>(value.size());
    return true;
  }));
  const double walk = static_cast<double>(NowNs() - began) / kNanosPerSecond;
  state.counters["walk_s"] = walk;
  state.counters["ratio"] =
      walk * kNanosPerSecond * static_cast<double>(state.iterations()) / static_cast<double>(took_ns);
  state.counters["states_MB"] = static_cast<double>(bytes) / 1e6;
}
BENCHMARK(NationRestart)->Arg(60'000)->Arg(1'000'000)->Iterations(3)->Unit(benchmark::kSecond)->UseRealTime();

}  // namespace
}  // namespace flosync::bench
