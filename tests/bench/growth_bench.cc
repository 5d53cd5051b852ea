// What one thing costs when there is very much of it: a doctor on N lists, an entity of N versions, N numbers that are
// aliases of each other. Time has to grow with N, not with its square. Run by `./dev bench --benchmark_filter=Many`.
#include <memory>

#include <benchmark/benchmark.h>

#include "state/register/known_register.h"
#include "state/register/stored_register.h"
#include "state/snapshots/evaluate.h"
#include "state/snapshots/schedule.h"
#include "tests/bench/scratch_register.h"
#include "tests/support/must.h"

namespace flosync::bench {
namespace {

constexpr int64_t kBeginSeconds = 1704067200;  // kBegin on a wall clock in Oslo, less an hour
constexpr int64_t kSecondsPerHour = 3600;
constexpr int32_t kDoctor = 1;
const Day kDay(2024, 3, 1);

void Know(Register& reg, const RegisterChange& change) {
  const EntityId entity = EntityOf(change);
  EntityState state = EmptyState(entity.kind);
  (void)FoldNext(state, PositionedChange{{kBegin, Topic::kPerson, 0, 0, 0}, ToHistory(change)});
  PutState(reg, entity, std::move(state));
}

// The cells of one doctor's lists, counted from nothing.
void CountManyListsOfOneDoctor(benchmark::State& state) {
  Register reg;
  Know(reg, AnEntry(kDoctor));
  for (int64_t id = 1; id <= state.range(0); ++id) {
    Know(reg, AList(id));
    Know(reg, ARegularGp(id, id, kDoctor));
  }
  const AreaFrame frame = Geography::Shipped().Frame(kDay, kDay.year()).value();
  const FigurePlan plan(Definitions::Shipped().published(), true);
  for ([[maybe_unused]] const auto _ : state) {
    CellTable cells(&frame, &plan);
    FillCells(reg, Perspective::AtDate(kDay, Derivation()), cells);
    benchmark::DoNotOptimize(cells.cells_touched());
  }
}
BENCHMARK(CountManyListsOfOneDoctor)->Arg(500)->Arg(2000)->Arg(8000)->Unit(benchmark::kMillisecond);

// The same through the core, in one commit, with alerts: nobody's authorisation is on record.
void CommitManyListsOfOneDoctor(benchmark::State& state) {
  for ([[maybe_unused]] const auto _ : state) {
    state.PauseTiming();
    auto core = std::make_unique<ScratchCore>();
    core->Tell(Topic::kPerson, AnEntry(kDoctor));
    for (int64_t id = 1; id <= state.range(0); ++id) {
      core->Tell(Topic::kContract, AList(id));
      core->Tell(Topic::kDoctorPeriod, ARegularGp(id, id, kDoctor));
    }
    state.ResumeTiming();
    core->Commit();
    state.PauseTiming();
    core.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(CommitManyListsOfOneDoctor)->Arg(500)->Arg(2000)->Arg(8000)->Unit(benchmark::kMillisecond);

Contract VersionOfList(int64_t version) {
  Contract contract = AList(1);
  contract.updated.seconds = kBeginSeconds + version * kSecondsPerHour;
  contract.list_cap = static_cast<int32_t>(1000 + version % 2);
  return contract;
}

// A snapshot run's way through the history of one list.
void WalkManyVersionsOfOneList(benchmark::State& state) {
  ScratchCore core;
  for (int64_t version = 0; version < state.range(0); ++version) core.Tell(Topic::kContract, VersionOfList(version));
  core.Commit();
  const KnownRegister known = Must(KnownRegister::Load(View(core.store())));
  for ([[maybe_unused]] const auto _ : state) {
    KnownRegister walk = known;
    benchmark::DoNotOptimize(walk.AdvanceTo(Instant::Max()));
  }
}
BENCHMARK(WalkManyVersionsOfOneList)->Arg(500)->Arg(2000)->Arg(8000)->Unit(benchmark::kMillisecond);

// What is true of one list of many versions, most of them past.
void DeriveListOfManyVersions(benchmark::State& state) {
  EntityState list = ContractState{};
  for (int64_t version = 0; version < state.range(0); ++version) {
    (void)FoldNext(list, PositionedChange{{kBegin, Topic::kContract, 0, version, 0}, VersionOfList(version)});
  }
  Register reg;
  PutState(reg, {EntityKind::kContract, 1}, std::move(list));
  const Moment at = Moment::AtDate(kDay, kCutoffDelay);
  for ([[maybe_unused]] const auto _ : state) benchmark::DoNotOptimize(DeriveList(reg, 1, at));
}
BENCHMARK(DeriveListOfManyVersions)->Arg(500)->Arg(2000)->Arg(8000)->Unit(benchmark::kMicrosecond);

// A number that many others lead to, one after another or all at once.
void FollowManyAliases(benchmark::State& state, bool chain) {
  Register reg;
  const auto numbers = static_cast<int32_t>(state.range(0));
  Know(reg, AnEntry(1));
  for (int32_t number = 2; number <= numbers; ++number) Know(reg, AnEntry(number, chain ? number - 1 : 1));
  for ([[maybe_unused]] const auto _ : state) {
    benchmark::DoNotOptimize(reg.Surviving(numbers, kBegin));
    benchmark::DoNotOptimize(reg.NumbersAhead(numbers));
    benchmark::DoNotOptimize(reg.NumbersLeadingTo(1));
  }
}
void FollowManyAliasesInAChain(benchmark::State& state) { FollowManyAliases(state, true); }
BENCHMARK(FollowManyAliasesInAChain)->Arg(1)->Arg(500)->Arg(2000)->Arg(8000)->Unit(benchmark::kMicrosecond);
void FollowManyAliasesOntoOne(benchmark::State& state) { FollowManyAliases(state, false); }
BENCHMARK(FollowManyAliasesOntoOne)->Arg(500)->Arg(2000)->Arg(8000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace flosync::bench
