// What a record costs at each station of the core, and a reader at the store; where there is something to compare with,
// `ratio` is the part of the time that this alone would take. Run by `./dev bench --benchmark_filter=Core`.
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "connectors/decode/decoder.h"
#include "daemon/services/feed_reader.h"
#include "daemon/services/live_figures.h"
#include "state/store/feed_keys.h"
#include "tests/bench/measuring.h"
#include "tests/bench/puts_alone.h"
#include "tests/bench/scratch_register.h"
#include "tests/support/must.h"

namespace flosync::bench {
namespace {

constexpr int32_t kPersons = 60'000;
constexpr double kNanosPerSecond = 1e9;

// A person's next version, folded into what is known of her.
void CoreFold(benchmark::State& state) {
  const DecoderConfig config;
  const DecodedRecord record = Decode(RecordOf("hpr.person", 2, DoctorJson(2, true, 0), 0, kBegin), config);
  Person person = std::get<Person>(record.changes.front().change);
  EntityState known = EmptyState(EntityKind::kPerson);
  int64_t offset = 0;
  for ([[maybe_unused]] const auto _ : state) {
    ++person.updated.seconds;
    benchmark::DoNotOptimize(FoldNext(known, PositionedChange{{kBegin, Topic::kPerson, 0, offset++, 0}, person}));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(CoreFold);

// What is true of one list.
void CoreDerive(benchmark::State& state) {
  ScratchCore core;
  FillRegister(core, kPersons);
  const Moment at = Moment::Live(kBegin);
  int64_t list = 0;
  for ([[maybe_unused]] const auto _ : state) {
    benchmark::DoNotOptimize(DeriveList(core.core().reg(), NumberOfGp(list++ % (kPersons / kPersonsPerList)), at));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(CoreDerive)->Unit(benchmark::kMicrosecond);

// Commits of so many new persons each, synced; the puts alone of the same entries are the ceiling.
void CoreCommit(benchmark::State& state) {
  ScratchCore core;
  int32_t number = 1;
  int64_t took_ns = 0;
  for ([[maybe_unused]] const auto _ : state) {
    state.PauseTiming();
    for (int64_t i = 0; i < state.range(0); ++i, ++number) {
      core.Tell(RecordOf("hpr.person", number, DoctorJson(number, SpecialistAtFirst(number), 0), 0, {}));
    }
    state.ResumeTiming();
    const int64_t began = NowNs();
    core.Commit();
    took_ns += NowNs() - began;
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  const PutsAlone alone = WriteAgain(core.store(), static_cast<size_t>(state.range(0)));
  state.counters["puts_alone_s"] = alone.records_per_second;
  state.counters["ratio"] = alone.seconds_per_commit * kNanosPerSecond * static_cast<double>(state.iterations()) /
                            static_cast<double>(took_ns);
}
BENCHMARK(CoreCommit)->Arg(1)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond)->UseRealTime();

// The live figures of all areas, or of as many as one page has.
void CoreQuery(benchmark::State& state) {
  ScratchCore core;
  FillRegister(core, kPersons);
  const View view(core.store());
  const Day today = OsloDay(core.core().clock());
  const AreaFrame frame = Geography::Shipped().Frame(today, today.year()).value();
  const FigurePlan plan(Definitions::Shipped().published(), false);
  int64_t figures = 0;
  for ([[maybe_unused]] const auto _ : state) {
    AreaFigures areas(&plan);  // each time from the store
    LiveFigures live(&view, core.core().revision(), &frame, &areas, FigureFilter());
    figures += static_cast<int64_t>(Must(live.Next(static_cast<size_t>(state.range(0)))).size());
  }
  state.SetItemsProcessed(figures);
}
BENCHMARK(CoreQuery)->Arg(100)->Arg(10'000'000)->Unit(benchmark::kMillisecond);

// A walk through the feed as a watcher of all figures takes it, without making messages; the entries alone are the
// ceiling.
void CoreFeedRead(benchmark::State& state) {
  ScratchCore core;
  FillRegister(core, kPersons);
  const View view(core.store());
  int64_t updates = 0;
  const TakeUpdate take = [&updates](std::string_view /*stored*/, bool look_only) {
    if (!look_only) ++updates;
    return true;
  };
  int64_t began = ThreadCpuNs();
  for ([[maybe_unused]] const auto _ : state) {
    FeedPlace place;
    while (true) {
      const FeedRead read = Must(ReadFeed(view, "", place, core.core().revision(), take));
      place = read.reached;
      if (read.at_end) break;
    }
  }
  const double each = static_cast<double>(ThreadCpuNs() - began) / static_cast<double>(state.iterations());
  state.SetItemsProcessed(updates);
  began = ThreadCpuNs();
  int64_t entries = 0;
  Must(view.Each(
      Family::kFeed, "",
      [&entries](std::string_view, std::string_view value) {
        entries += value.empty() ? 0 : 1;
        return true;
      },
      FeedKey(0, 0)));
  state.counters["ratio"] = static_cast<double>(ThreadCpuNs() - began) / each;
}
BENCHMARK(CoreFeedRead)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace flosync::bench
