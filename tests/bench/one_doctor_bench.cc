// What one changed doctor costs in registers of different size: the work has to follow what depends on the doctor, not
// the register. `lists` and `cells` are the lists derived and cells added to for each change.
#include <benchmark/benchmark.h>

#include "tests/bench/scratch_register.h"

namespace flosync::bench {
namespace {

// One GP becomes a specialist, or is none any more.
void TellOneChange(ScratchCore& core, int32_t persons, int64_t change) {
  const int64_t gps = persons / kPersonsPerList;
  const int32_t number = NumberOfGp(change % gps);
  const bool as_at_first = change / gps % 2 == 1;
  core.Tell(
      RecordOf("hpr.person", number, DoctorJson(number, SpecialistAtFirst(number) == as_at_first, change + 1), 0, {}));
}

void OneChangedDoctor(benchmark::State& state) {
  const auto persons = static_cast<int32_t>(state.range(0));
  ScratchCore core;
  FillRegister(core, persons);
  const LiveIndicators& live = core.core().live();
  const int64_t lists = live.lists_derived();
  const int64_t cells = live.cells_touched();
  int64_t change = 0;
  for ([[maybe_unused]] const auto _ : state) {
    state.PauseTiming();
    TellOneChange(core, persons, change++);
    state.ResumeTiming();
    core.Commit();
  }
  const auto per_change = [&](int64_t work) {
    return benchmark::Counter(static_cast<double>(work) / static_cast<double>(state.iterations()));
  };
  state.counters["lists"] = per_change(live.lists_derived() - lists);
  state.counters["cells"] = per_change(live.cells_touched() - cells);
}
BENCHMARK(OneChangedDoctor)->Arg(5000)->Arg(50000)->Arg(500000)->Iterations(2000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace flosync::bench
