// What a person record costs at each station: decoding, and taking effect with a synced commit. Run by `./dev bench`.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>

#include "connectors/decode/decoder.h"
#include "domain/text.h"
#include "state/core/core.h"
#include "state/store/store.h"

namespace flosync {
namespace {

constexpr int64_t kBegin = 1704067200000;  // 2024-01-01T00:00:00Z

RawRecord PersonRecord(int32_t number, int64_t offset) {
  RawRecord record;
  record.topic = "hpr.person";
  record.offset = offset;
  record.timestamp = {kBegin + offset};
  record.key = std::to_string(number);
  record.value = Join(
      R"({"person":{"fornavn":"Prøve","etternavn":"Testdahl","fødselsdato":"1975-03-12","manglerNin":true,"nin":null},)",
      R"("hprNummer":)", number,
      R"(,"erstattetAvHprNummer":null,"godkjenninger":[{"helsepersonellkategori":{"verdi":"LE",)",
      R"("navn":"Lege","kodeverk":{"id":9060}},"autorisasjon":{"verdi":"1","kodeverk":{"id":7704}},"periode":{"fra":)",
      R"("2003-08-20","til":"2055-03-12"},"rekvisisjonsretter":[{"type":{"verdi":"1","kodeverk":{"id":7701}},"periode":{"fra":)",
      R"("2003-08-20","til":"2055-03-12"}}],"spesialistgodkjenninger":[{"type":{"verdi":"1","kodeverk":{"id":7426}},)",
      R"("periode":{"fra":"2009-02-01","til":null}}]}],"administrativeReaksjoner":[],"sistOppdatert":"2024-01-01T08:31:22.)",
      100 + offset % 900, "\"}");
  return record;
}

void DecodePerson(benchmark::State& state) {
  const RawRecord record = PersonRecord(999000011, 0);
  const DecoderConfig config;
  for (auto _ : state) benchmark::DoNotOptimize(Decode(record, config));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(DecodePerson);

// Commits of `range(0)` new persons each, synced, into a store in the temporary directory.
void CommitPersons(benchmark::State& state) {
  const auto directory = std::filesystem::temp_directory_path() / "flosync-bench";
  std::filesystem::remove_all(directory);
  auto store = Store::Open(directory.string());
  if (!store.ok()) return state.SkipWithError("the temporary directory cannot hold a store");
  auto core = Core::Open(store->get(), &Geography::Shipped(), "bench");
  if (!core.ok()) return state.SkipWithError("the core does not open");
  const DecoderConfig config;
  int64_t offset = 0;
  for (auto _ : state) {
    state.PauseTiming();
    CommitInput input;
    for (int64_t i = 0; i < state.range(0); ++i, ++offset) {
      input.records.push_back(Decode(PersonRecord(static_cast<int32_t>(offset + 1), offset), config));
    }
    state.ResumeTiming();
    if (!(*core)->Commit(std::move(input)).ok()) return state.SkipWithError("a commit failed");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  core->reset();
  store->reset();
  std::filesystem::remove_all(directory);
}
BENCHMARK(CommitPersons)->Arg(1)->Arg(1000)->Arg(10000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace flosync
