// What benchmarks make registers of: records that are in order, and a core over a store in the temporary directory.
//
// What goes wrong here ends the program with the reason: a benchmark of half a register would measure something else.
//
//   ScratchCore core;
//   FillRegister(core, 50'000);  // one person in ten is GP on a list of her own
//   core.Tell(Topic::kContract, AList(1));
//   core.Commit();
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "connectors/record.h"
#include "domain/decoded_record.h"
#include "domain/register_change.h"
#include "state/core/core.h"
#include "state/store/store.h"
#include "tests/unit/temp_directory.h"

namespace flosync::bench {

inline constexpr Instant kBegin{1704067200000};  // 2024-01-01T00:00:00Z
inline constexpr int32_t kPersonsPerList = 10;

// All municipalities in turn, so that the areas are those of a country.
[[nodiscard]] std::string MunicipalityOf(int64_t i);
[[nodiscard]] Contract AList(int64_t id);
// LPFL, without beginning or end.
[[nodiscard]] DoctorPeriod ARegularGp(int64_t id, int64_t contract_id, int32_t doctor);
// An entry of HPR without any approval.
[[nodiscard]] Person AnEntry(int32_t number, int32_t replaced_by = 0);

// A doctor as HPR's API writes one, some 1.3 KB. Age, sex and approval follow from the number. `version` counts up from
// 0, in milliseconds after a day in 2024.
[[nodiscard]] std::string DoctorJson(int32_t number, bool specialist, int64_t version);
// The same in the form of HPR2's SOAP service.
[[nodiscard]] std::string DoctorSoap(int32_t number, bool specialist, int64_t version);
[[nodiscard]] RawRecord RecordOf(std::string_view topic, int64_t key, std::string value, int64_t offset, Instant at);

// Two of three doctors are specialists at first.
[[nodiscard]] constexpr bool SpecialistAtFirst(int32_t number) { return number % 3 != 0; }
// The i-th GP of FillRegister's register, from 0.
[[nodiscard]] constexpr int32_t NumberOfGp(int64_t i) { return static_cast<int32_t>(1 + kPersonsPerList * i); }

// Not thread-safe.
class ScratchCore {
 public:
  // The first record has this timestamp, each one after it a millisecond more.
  explicit ScratchCore(Instant begin = kBegin);
  ScratchCore(const ScratchCore&) = delete;
  ScratchCore& operator=(const ScratchCore&) = delete;
  ~ScratchCore() = default;

  [[nodiscard]] const std::string& directory() const { return directory_.path(); }
  [[nodiscard]] Store& store() { return *store_; }
  [[nodiscard]] Core& core() { return *core_; }

  // One more record for the next commit.
  void Tell(Topic topic, RegisterChange change);
  // The same out of its bytes. Offset and timestamp are the next ones.
  void Tell(RawRecord record);
  [[nodiscard]] size_t waiting() const { return waiting_.size(); }
  // Of the next record, whatever its topic.
  [[nodiscard]] int64_t next_offset() const { return next_offset_; }
  // All records told; there are no others, so that alerts are kept.
  CommitResult Commit();
  // The process ends, and starts again.
  void Close();
  void Open();

 private:
  TempDirectory directory_;
  const Instant begin_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Core> core_;
  std::vector<DecodedRecord> waiting_;
  int64_t next_offset_ = 0;
};

// So many persons, of whom one in ten is GP on a list of her own.
void FillRegister(ScratchCore& core, int32_t persons);
// So many more persons, from `first` on, who are no doctors.
void AddEntries(ScratchCore& core, int32_t first, int32_t persons);

}  // namespace flosync::bench
