#include "tests/bench/scratch_register.h"

#include <utility>

#include "connectors/decode/decoder.h"
#include "connectors/synthetic/wire.h"
#include "tests/support/must.h"

namespace flosync::bench {
namespace {

constexpr size_t kBatchRecords = 10'000;
constexpr uint64_t kNames = 1;  // chooses names and the like

synthetic::Person WireDoctor(int32_t number, bool specialist, int64_t version) {
  synthetic::Person person;
  person.hpr_number = number;
  person.birth = synthetic::MakeDay(1950 + number % 45, 3, 12);
  person.sex = number % 2 == 0 ? synthetic::Sex::kMale : synthetic::Sex::kFemale;
  person.approval_from = synthetic::MakeDay(2003, 8, 20);
  if (specialist) person.gp_speciality_from = synthetic::MakeDay(2009, 2, 1);
  person.updated = synthetic::OsloMidnight(synthetic::MakeDay(2024, 1, 1)) + version;
  return person;
}

}  // namespace

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

DoctorPeriod ARegularGp(int64_t id, int64_t contract_id, int32_t doctor) {
  DoctorPeriod period;
  period.id = id;
  period.contract_id = contract_id;
  period.hpr_number = doctor;
  period.relationship = "LPFL";
  return period;
}

Person AnEntry(int32_t number, int32_t replaced_by) {
  Person person;
  person.hpr_number = number;
  person.birth_year = 1975;
  person.replaced_by = replaced_by;
  return person;
}

std::string DoctorJson(int32_t number, bool specialist, int64_t version) {
  std::string json;
  synthetic::AppendPersonJson(json, WireDoctor(number, specialist, version), kNames);
  return json;
}

std::string DoctorSoap(int32_t number, bool specialist, int64_t version) {
  std::string xml;
  synthetic::AppendPersonSoap(xml, WireDoctor(number, specialist, version), kNames);
  return xml;
}

RawRecord RecordOf(std::string_view topic, int64_t key, std::string value, int64_t offset, Instant at) {
  RawRecord record;
  record.topic = topic;
  record.offset = offset;
  record.timestamp = at;
  record.key = std::to_string(key);
  record.value = std::move(value);
  return record;
}

ScratchCore::ScratchCore(Instant begin) : begin_(begin) { Open(); }

void ScratchCore::Close() {
  core_.reset();
  store_.reset();
}

void ScratchCore::Open() {
  store_ = Must(Store::Open(directory_.path()));
  core_ = Must(Core::Open(store_.get(), &Geography::Shipped(), "bench"));
}

void ScratchCore::Tell(Topic topic, RegisterChange change) {
  DecodedRecord record;
  record.outcome = RecordOutcome::kChanges;
  record.topic = topic;
  record.offset = next_offset_;
  record.timestamp = {begin_.ms + next_offset_++};
  record.changes.push_back({std::move(change), 0});
  waiting_.push_back(std::move(record));
}

void ScratchCore::Tell(RawRecord record) {
  static const DecoderConfig kDecoder;
  record.offset = next_offset_;
  record.timestamp = {begin_.ms + next_offset_++};
  waiting_.push_back(Decode(record, kDecoder));
}

CommitResult ScratchCore::Commit() {
  CommitInput input;
  input.records = std::exchange(waiting_, {});
  input.complete = true;
  return Must(core_->Commit(std::move(input)));
}

void FillRegister(ScratchCore& core, int32_t persons) {
  for (int32_t number = 1; number <= persons; ++number) {
    core.Tell(RecordOf("hpr.person", number, DoctorJson(number, SpecialistAtFirst(number), 0), 0, {}));
    if (number % kPersonsPerList == 1) {
      Contract list = AList(number);
      list.municipality = MunicipalityOf(number / kPersonsPerList);
      core.Tell(Topic::kContract, list);
      core.Tell(Topic::kDoctorPeriod, ARegularGp(number, number, number));
      core.Tell(Topic::kPatientCount, PatientCount{number, 700 + number % 500, {}});
    }
    if (core.waiting() >= kBatchRecords) core.Commit();
  }
  core.Commit();
}

void AddEntries(ScratchCore& core, int32_t first, int32_t persons) {
  for (int32_t i = 0; i < persons; ++i) {
    core.Tell(Topic::kPerson, AnEntry(first + i));
    if (core.waiting() >= kBatchRecords) core.Commit();
  }
  core.Commit();
}

}  // namespace flosync::bench
