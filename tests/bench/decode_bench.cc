// What a record costs to decode, in every shape it comes in, beside the mere parsing of the same bytes (`ratio`: how
// much of the processor time parsing alone would take). Run by `./dev bench --benchmark_filter=Decode`.
#include <string>

#include <benchmark/benchmark.h>
#include <pugixml.hpp>
#include <simdjson.h>

#include "connectors/decode/decoder.h"
#include "connectors/synthetic/wire.h"
#include "tests/bench/measuring.h"
#include "tests/bench/scratch_register.h"

namespace flosync::bench {
namespace {

constexpr int32_t kNumber = 999000011;
constexpr int64_t kContract = 900101;
constexpr int kParsings = 20'000;

// Parses the bytes so many times; gives nanoseconds for each.
double ParseAlone(const std::string& bytes) {
  simdjson::dom::parser json;
  const simdjson::padded_string padded(bytes);
  const bool is_json = bytes.front() != '<';
  const int64_t began = ThreadCpuNs();
  for (int i = 0; i < kParsings; ++i) {
    if (is_json) {
      simdjson::dom::element root;
      benchmark::DoNotOptimize(json.parse(padded).get(root));
    } else {
      pugi::xml_document document;
      benchmark::DoNotOptimize(document.load_buffer(bytes.data(), bytes.size()));
    }
  }
  return static_cast<double>(ThreadCpuNs() - began) / kParsings;
}

void DecodeRecord(benchmark::State& state, std::string_view topic, std::string (*value)()) {
  const RawRecord record = RecordOf(topic, kNumber, value(), 0, kBegin);
  const DecoderConfig config;
  if (Decode(record, config).outcome != RecordOutcome::kChanges) return state.SkipWithError("the record is refused");
  const int64_t began = ThreadCpuNs();
  for ([[maybe_unused]] const auto _ : state) benchmark::DoNotOptimize(Decode(record, config));
  const double each = static_cast<double>(ThreadCpuNs() - began) / static_cast<double>(state.iterations());
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(record.value->size()));
  const double alone = ParseAlone(*record.value);
  state.counters["parse_ns"] = alone;
  state.counters["ratio"] = alone / each;
}

synthetic::List WireList() {
  synthetic::List list;
  list.id = kContract;
  list.organisation_number = 974760673;
  list.published_number = 301;
  list.from = synthetic::MakeDay(2015, 1, 1);
  list.published_to = synthetic::kOpenEnd;
  list.published_cap = 1000;
  return list;
}

std::string ContractIn(synthetic::WireFormat format) {
  std::string value;
  synthetic::AppendContract(value, WireList(), synthetic::OsloMidnight(synthetic::MakeDay(2024, 1, 1)), format);
  return value;
}

std::string DoctorPeriodIn(synthetic::WireFormat format) {
  synthetic::DoctorPeriod period;
  period.id = 700202;
  period.hpr_number = kNumber;
  period.from = synthetic::MakeDay(2015, 1, 1);
  std::string value;
  synthetic::AppendDoctorPeriod(value, period, kContract, synthetic::OsloMidnight(synthetic::MakeDay(2024, 1, 1)),
                                format);
  return value;
}

// A batch of a hundred, as FLO sends them.
std::string PatientCounts() {
  constexpr int64_t kBatch = 100;
  std::string value = "[";
  for (int64_t i = 0; i < kBatch; ++i) {
    if (i > 0) value += ',';
    synthetic::AppendPatientCount(value, kContract + i, 900 + i, synthetic::MakeDay(2024, 1, 1));
  }
  return value + "]";
}

std::string PersonJson() { return DoctorJson(kNumber, true, 0); }
std::string PersonSoap() { return DoctorSoap(kNumber, true, 0); }
std::string ContractJson() { return ContractIn(synthetic::WireFormat::kJson); }
std::string ContractXml() { return ContractIn(synthetic::WireFormat::kXml); }
std::string DoctorPeriodJson() { return DoctorPeriodIn(synthetic::WireFormat::kJson); }
std::string DoctorPeriodXml() { return DoctorPeriodIn(synthetic::WireFormat::kXml); }

BENCHMARK_CAPTURE(DecodeRecord, person_json, "hpr.person", PersonJson);
BENCHMARK_CAPTURE(DecodeRecord, person_soap, "hpr.person", PersonSoap);
BENCHMARK_CAPTURE(DecodeRecord, contract_json, "flo.contract", ContractJson);
BENCHMARK_CAPTURE(DecodeRecord, contract_xml, "flo.contract", ContractXml);
BENCHMARK_CAPTURE(DecodeRecord, doctor_period_json, "flo.gp-on-contract", DoctorPeriodJson);
BENCHMARK_CAPTURE(DecodeRecord, doctor_period_xml, "flo.gp-on-contract", DoctorPeriodXml);
BENCHMARK_CAPTURE(DecodeRecord, patient_counts_100, "flo.patient-count", PatientCounts);

}  // namespace
}  // namespace flosync::bench
