// What one thing costs when there is very much of it: a doctor on N lists, an entity of N versions, N numbers that are
// aliases of each other. Time has to grow with N, not with its square. Run by `./dev bench --benchmark_filter=Many`.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "state/core/core.h"
#include "state/register/known_register.h"
#include "state/register/stored_register.h"
#include "state/snapshots/evaluate.h"
#include "state/snapshots/schedule.h"
#include "state/store/store.h"

namespace flosync {
namespace {

constexpr int64_t kBegin = 1704067200000;      // 2024-01-01T00:00:00Z
constexpr int64_t kBeginSeconds = 1704067200;  // the same on a wall clock in Oslo, less an hour
constexpr int64_t kSecondsPerHour = 3600;
constexpr int32_t kDoctor = 1;
const Day kDay(2024, 3, 1);

// Municipalities of every size, so that the areas are those of a country.
std::string MunicipalityOf(int64_t i) {
  static const auto kAll = Geography::Shipped().MunicipalitiesAt(Day(2024, 1, 1), 2024);
  return kAll[static_cast<size_t>(i) % kAll.size()].number;
}

Contract AList(int64_t id) {
  Contract contract;
  contract.id = id;
  contract.municipality = MunicipalityOf(id);
  contract.list_cap = 1000;
  return contract;
}

// Nobody's authorisation is on record, so that each list has an alert too.
DoctorPeriod APeriod(int64_t id) {
  DoctorPeriod period;
  period.id = id;
  period.contract_id = id;
  period.hpr_number = kDoctor;
  period.relationship = "LPFL";
  return period;
}

Person ADoctor(int32_t number, int32_t replaced_by = 0) {
  Person person;
  person.hpr_number = number;
  person.birth_year = 1975;
  person.replaced_by = replaced_by;
  return person;
}

void Know(Register& reg, const RegisterChange& change) {
  const EntityId entity = EntityOf(change);
  EntityState state = EmptyState(entity.kind);
  (void)FoldNext(state, PositionedChange{{{kBegin}, Topic::kPerson, 0, 0, 0}, ToHistory(change)});
  PutState(reg, entity, std::move(state));
}

// A store in the temporary directory with a core that takes records.
class ScratchCore {
 public:
  ScratchCore() : directory_(std::filesystem::temp_directory_path() / "flosync-bench-growth") {
    std::filesystem::remove_all(directory_);
    if (auto store = Store::Open(directory_.string()); store.ok()) store_ = *std::move(store);
    if (!store_) return;
    if (auto core = Core::Open(store_.get(), &Geography::Shipped(), "bench"); core.ok()) core_ = *std::move(core);
  }
  ~ScratchCore() {
    core_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  ScratchCore(const ScratchCore&) = delete;
  ScratchCore& operator=(const ScratchCore&) = delete;

  [[nodiscard]] const Store& store() const { return *store_; }
  void Tell(Topic topic, RegisterChange change) {
    DecodedRecord record;
    record.outcome = RecordOutcome::kChanges;
    record.topic = topic;
    record.offset = offset_;
    record.timestamp = {kBegin + offset_++};
    record.changes.push_back({std::move(change), 0});
    waiting_.push_back(std::move(record));
  }
  [[nodiscard]] bool Commit() {
    CommitInput input;
    input.records = std::move(waiting_);
    input.whole = true;
    waiting_.clear();
    return core_ && core_->Commit(std::move(input)).ok();
  }

 private:
  const std::filesystem::path directory_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Core> core_;
  std::vector<DecodedRecord> waiting_;
  int64_t offset_ = 0;
};

// The cells of one doctor's lists, counted from nothing.
void CountManyListsOfOneDoctor(benchmark::State& state) {
  Register reg;
  Know(reg, ADoctor(kDoctor));
  for (int64_t id = 1; id <= state.range(0); ++id) {
    Know(reg, AList(id));
    Know(reg, APeriod(id));
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

// The same through the core, in one commit, with alerts.
void CommitManyListsOfOneDoctor(benchmark::State& state) {
  for ([[maybe_unused]] const auto _ : state) {
    state.PauseTiming();
    auto core = std::make_unique<ScratchCore>();
    core->Tell(Topic::kPerson, ADoctor(kDoctor));
    for (int64_t id = 1; id <= state.range(0); ++id) {
      core->Tell(Topic::kContract, AList(id));
      core->Tell(Topic::kDoctorPeriod, APeriod(id));
    }
    state.ResumeTiming();
    if (!core->Commit()) return state.SkipWithError("a commit failed");
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
  if (!core.Commit()) return state.SkipWithError("a commit failed");
  const auto known = KnownRegister::Load(View(core.store()));
  if (!known.ok()) return state.SkipWithError("the history cannot be read");
  for ([[maybe_unused]] const auto _ : state) {
    KnownRegister walk = *known;
    benchmark::DoNotOptimize(walk.AdvanceTo(Instant::Max()));
  }
}
BENCHMARK(WalkManyVersionsOfOneList)->Arg(500)->Arg(2000)->Arg(8000)->Unit(benchmark::kMillisecond);

// What is true of one list of many versions, most of them past.
void DeriveListOfManyVersions(benchmark::State& state) {
  EntityState list = ContractState{};
  for (int64_t version = 0; version < state.range(0); ++version) {
    (void)FoldNext(list, PositionedChange{{{kBegin}, Topic::kContract, 0, version, 0}, VersionOfList(version)});
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
  Know(reg, ADoctor(1));
  for (int32_t number = 2; number <= numbers; ++number) Know(reg, ADoctor(number, chain ? number - 1 : 1));
  for ([[maybe_unused]] const auto _ : state) {
    benchmark::DoNotOptimize(reg.Surviving(numbers, {kBegin}));
    benchmark::DoNotOptimize(reg.NumbersAhead(numbers));
    benchmark::DoNotOptimize(reg.NumbersLeadingTo(1));
  }
}
void FollowManyAliasesInAChain(benchmark::State& state) { FollowManyAliases(state, true); }
BENCHMARK(FollowManyAliasesInAChain)->Arg(1)->Arg(500)->Arg(2000)->Arg(8000)->Unit(benchmark::kMicrosecond);
void FollowManyAliasesOntoOne(benchmark::State& state) { FollowManyAliases(state, false); }
BENCHMARK(FollowManyAliasesOntoOne)->Arg(500)->Arg(2000)->Arg(8000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace flosync
