// What one changed doctor costs in registers of different size: the work has to follow what depends on the doctor, not
// the register. `lists` and `cells` are the lists derived and cells added to for each change. Run by `./dev bench`.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include <benchmark/benchmark.h>

#include "state/core/core.h"
#include "state/store/store.h"

namespace flosync {
namespace {

constexpr int64_t kBegin = 1704067200000;  // 2024-01-01T00:00:00Z
constexpr int32_t kPersonsPerList = 10;
constexpr size_t kBatchRecords = 10000;

// Persons, of whom one in ten is GP on a list of her own; the lists in all municipalities of the day.
class RegisterOfSize {
 public:
  explicit RegisterOfSize(int32_t persons)
      : directory_(std::filesystem::temp_directory_path() / "flosync-bench-one-doctor"), persons_(persons) {
    std::filesystem::remove_all(directory_);
    auto store = Store::Open(directory_.string());
    if (!store.ok()) return;
    store_ = *std::move(store);
    auto core = Core::Open(store_.get(), &Geography::Shipped(), "bench");
    if (!core.ok()) return;
    core_ = *std::move(core);
    Fill();
  }
  ~RegisterOfSize() {
    core_.reset();
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  RegisterOfSize(const RegisterOfSize&) = delete;
  RegisterOfSize& operator=(const RegisterOfSize&) = delete;

  [[nodiscard]] bool ok() const { return core_ != nullptr && ok_; }
  [[nodiscard]] const LiveIndicators& live() const { return core_->live(); }

  // One GP becomes a specialist, or is none any more.
  bool ChangeOneDoctor() {
    const int64_t gps = persons_ / kPersonsPerList;
    const auto number = static_cast<int32_t>(1 + kPersonsPerList * (changes_ % gps));
    const bool as_at_first = changes_ / gps % 2 == 1;
    Tell(Topic::kPerson, Doctor(number, Specialist(number) == as_at_first, ++changes_));
    return Commit();
  }

 private:
  static bool Specialist(int32_t number) { return number % 3 != 0; }
  static Person Doctor(int32_t number, bool specialist, int64_t version) {
    Person person;
    person.hpr_number = number;
    person.updated.seconds = version;
    person.birth_year = static_cast<int16_t>(1950 + number % 45);
    person.sex = number % 2 == 0 ? Sex::kMale : Sex::kFemale;
    Approval approval;
    approval.type = "1";
    if (specialist) approval.specialities.emplace_back().code = "1";
    person.approvals.push_back(std::move(approval));
    return person;
  }

  void Fill() {
    const auto municipalities = Geography::Shipped().MunicipalitiesAt(Day(2024, 1, 1), 2024);
    for (int32_t number = 1; number <= persons_; ++number) {
      Tell(Topic::kPerson, Doctor(number, Specialist(number), 0));
      if (number % kPersonsPerList != 1) continue;
      Contract contract;
      contract.id = number;
      contract.municipality =
          municipalities[static_cast<size_t>(number) / kPersonsPerList % municipalities.size()].number;
      contract.list_cap = 1000;
      Tell(Topic::kContract, contract);
      DoctorPeriod period;
      period.id = number;
      period.contract_id = number;
      period.hpr_number = number;
      period.relationship = "LPFL";
      Tell(Topic::kDoctorPeriod, period);
      Tell(Topic::kPatientCount, PatientCount{number, 700 + number % 500, {}});
    }
    ok_ = ok_ && Commit();
  }

  void Tell(Topic topic, RegisterChange change) {
    DecodedRecord record;
    record.outcome = RecordOutcome::kChanges;
    record.topic = topic;
    record.offset = offset_;
    record.timestamp = {kBegin + offset_++};
    record.changes.push_back({std::move(change), 0});
    waiting_.push_back(std::move(record));
    if (waiting_.size() >= kBatchRecords) ok_ = ok_ && Commit();
  }

  bool Commit() {
    CommitInput input;
    input.records = std::move(waiting_);
    input.whole = true;  // alerts are kept from here on
    waiting_.clear();
    return core_->Commit(std::move(input)).ok();
  }

  const std::filesystem::path directory_;
  const int32_t persons_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Core> core_;
  std::vector<DecodedRecord> waiting_;
  int64_t offset_ = 0;
  int64_t changes_ = 0;
  bool ok_ = true;
};

void OneChangedDoctor(benchmark::State& state) {
  RegisterOfSize reg(static_cast<int32_t>(state.range(0)));
  if (!reg.ok()) return state.SkipWithError("the temporary directory cannot hold the register");
  const int64_t lists = reg.live().lists_derived();
  const int64_t cells = reg.live().cells_touched();
  for (auto _ : state) {
    if (!reg.ChangeOneDoctor()) return state.SkipWithError("a commit failed");
  }
  const auto per_change = [&](int64_t work) {
    return benchmark::Counter(static_cast<double>(work) / static_cast<double>(state.iterations()));
  };
  state.counters["lists"] = per_change(reg.live().lists_derived() - lists);
  state.counters["cells"] = per_change(reg.live().cells_touched() - cells);
}
BENCHMARK(OneChangedDoctor)->Arg(5000)->Arg(50000)->Arg(500000)->Iterations(2000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace flosync
