// The synthetic register: same seed same bytes, lines that the decoder takes without a remark, published figures.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/decode/decoder.h"
#include "connectors/file/record_line.h"
#include "connectors/synthetic/calibration.h"
#include "connectors/synthetic/generator.h"
#include "domain/deviation.h"

namespace flosync {
namespace {

using std::chrono::sys_days;
using synthetic::GeneratorOptions;
using synthetic::GeneratorSummary;
using synthetic::MunicipalityEra;

sys_days Date(int year, unsigned month, unsigned day) {
  return sys_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}};
}

// A country of the real one's size and mix of groups in few municipalities: 3 large ones with Oslo, 40 of 48 000, 70 of
// 7 000, 90 of 3 300, 60 of 1 600; some of each in Nordland.
MunicipalityEra Country(sys_days from) {
  MunicipalityEra era{from, {}, {}};
  era.municipalities.push_back({"0301", "03", 700'000});
  era.municipalities.push_back({"4601", "46", 900'000});
  era.municipalities.push_back({"1804", "18", 53'000});
  era.municipalities.push_back({"5001", "50", 900'000});
  int number = 3001;
  const auto add = [&](int count, int in_nordland, int32_t population) {
    for (int i = 0; i < count; ++i, ++number) {
      const bool nordland = i < in_nordland;
      era.municipalities.push_back(
          {std::to_string(nordland ? number - 3001 + 1811 : number), nordland ? "18" : "30", population});
    }
  };
  add(40, 1, 48'000);
  add(70, 6, 7'000);
  add(90, 12, 3'300);
  add(60, 15, 1'600);
  return era;
}

GeneratorOptions SmallOptions() {
  GeneratorOptions options;
  options.from = Date(2021, 12, 1);
  options.to = Date(2022, 2, 1);
  options.scale = 0.02;
  return options;
}

class Lines : public synthetic::RecordSink {
 public:
  void Write(std::string_view ndjson_line) override { lines.emplace_back(ndjson_line); }
  void BeginPart(std::string_view name) override { parts.emplace_back(name); }

  std::vector<std::string> lines;
  std::vector<std::string> parts;
};

struct Made {
  GeneratorSummary summary;
  std::vector<std::string> lines;
  std::vector<std::string> parts;
};

Made Make(const GeneratorOptions& options, const std::vector<MunicipalityEra>& eras = {Country(Date(2019, 1, 1))}) {
  Lines sink;
  GeneratorSummary summary = Generate(options, eras, sink);
  EXPECT_EQ(summary.error, "");
  return {std::move(summary), std::move(sink.lines), std::move(sink.parts)};
}

RawRecord Parse(const std::string& line) {
  static RecordLineParser parser;
  std::string padded = line;
  padded.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  return parser.Parse(std::string_view(padded.data(), line.size())).record;
}

GeneratorOptions WithoutTrouble(GeneratorOptions options) {
  options.rates = synthetic::NoRates();
  return options;
}

TEST(SyntheticRegister, SameSeedSameBytes) {
  const Made first = Make(SmallOptions());
  EXPECT_EQ(first.lines, Make(SmallOptions()).lines);
  GeneratorOptions other = SmallOptions();
  other.seed = 2;
  EXPECT_NE(first.lines, Make(other).lines);
}

TEST(SyntheticRegister, TheOrderOfMunicipalitiesDoesNotMatter) {
  std::vector<MunicipalityEra> reversed = {Country(Date(2019, 1, 1))};
  std::reverse(reversed[0].municipalities.begin(), reversed[0].municipalities.end());
  EXPECT_EQ(Make(SmallOptions()).lines, Make(SmallOptions(), reversed).lines);
}

TEST(SyntheticRegister, OffsetsCountUpAndTimestampsAscendUpToTheLastDay) {
  GeneratorOptions options = SmallOptions();
  options.rates.timestamp_back_per_mille = 0;
  options.rates.personal_data_per_million = 0;
  const Made made = Make(options);
  std::map<std::pair<std::string, int32_t>, int64_t> next;
  std::map<std::pair<std::string, std::string>, int32_t> partition_of_key;
  int64_t last = 0;
  for (const std::string& line : made.lines) {
    const RawRecord record = Parse(line);
    ASSERT_EQ(record.unreadable, "") << line;
    EXPECT_EQ(record.offset, (next[{record.topic, record.partition}]++)) << line;
    EXPECT_GE(record.timestamp.ms, last) << line;
    last = record.timestamp.ms;
    const auto [it, first] = partition_of_key.emplace(std::pair{record.topic, *record.key}, record.partition);
    EXPECT_EQ(it->second, record.partition) << "a key stays in its partition";
  }
  EXPECT_EQ(Parse(made.lines.front()).timestamp.ms, 1'638'082'800'000) << "2021-11-28T08:00 in Oslo";
  EXPECT_LT(last, 1'643'670'000'000) << "2022-02-01T00:00 in Oslo";
  EXPECT_EQ(made.parts, (std::vector<std::string>{"0001-load", "2021-12", "2022-01"}));
}

TEST(SyntheticRegister, SummaryCountsWhatWasWritten) {
  const Made made = Make(SmallOptions());
  EXPECT_EQ(made.summary.records, static_cast<int64_t>(made.lines.size()));
  int64_t bytes = 0;
  std::map<std::string, int64_t> by_topic;
  for (const std::string& line : made.lines) {
    bytes += static_cast<int64_t>(line.size()) + 1;
    ++by_topic[Parse(line).topic];
  }
  EXPECT_EQ(made.summary.bytes, bytes);
  for (const auto& [topic, count] : by_topic) EXPECT_EQ(made.summary.records_by_topic.at(topic), count) << topic;
  EXPECT_GT(made.summary.load_records, 0);
  EXPECT_LT(made.summary.load_records, made.summary.records);
}

TEST(SyntheticRegister, TheDecoderTakesEveryRecordWithoutARemark) {
  GeneratorOptions options = WithoutTrouble(SmallOptions());
  options.scale = 0.1;
  for (const std::string& line : Make(options).lines) {
    const DecodedRecord decoded = Decode(Parse(line), DecoderConfig{});
    ASSERT_EQ(decoded.outcome, RecordOutcome::kChanges) << line;
    ASSERT_TRUE(decoded.notes.empty()) << DeviationName(decoded.notes.front().code) << " " << line;
  }
}

TEST(SyntheticRegister, WithoutTroubleEveryEntityOnlyMovesForward) {
  GeneratorOptions options = WithoutTrouble(SmallOptions());
  options.scale = 0.1;
  const Made made = Make(options);
  for (const int64_t count : {made.summary.duplicates, made.summary.late, made.summary.out_of_order,
                              made.summary.malformed, made.summary.corrected}) {
    EXPECT_EQ(count, 0);
  }
  std::map<int32_t, WallTime> version;
  for (const std::string& line : made.lines) {
    for (const DecodedChange& decoded : Decode(Parse(line), DecoderConfig{}).changes) {
      const auto* person = std::get_if<Person>(&decoded.change);
      if (person == nullptr) continue;
      const auto [it, first] = version.emplace(person->hpr_number, person->updated);
      EXPECT_TRUE(first || it->second < person->updated) << line;
      it->second = person->updated;
    }
  }
}

TEST(SyntheticRegister, TroubleIsMadeAtTheRatesAskedFor) {
  GeneratorOptions options = SmallOptions();
  options.scale = 0.1;
  options.rates.duplicate_per_mille = 50;
  options.rates.late_per_mille = 50;
  options.rates.out_of_order_per_mille = 100;
  options.rates.malformed_per_million = 20'000;
  options.rates.corrected_per_mille = 200;
  const Made made = Make(options);
  const double per_mille = static_cast<double>(made.summary.records) / 1'000;
  EXPECT_NEAR(static_cast<double>(made.summary.duplicates), 45 * per_mille, 10 * per_mille);
  EXPECT_NEAR(static_cast<double>(made.summary.late), 48 * per_mille, 10 * per_mille);
  EXPECT_NEAR(static_cast<double>(made.summary.malformed), 19 * per_mille, 6 * per_mille);
  EXPECT_GT(made.summary.out_of_order, 0);
  EXPECT_GT(made.summary.corrected, 0);
  int64_t refused = 0;
  for (const std::string& line : made.lines) {
    const RawRecord record = Parse(line);
    ASSERT_EQ(record.unreadable, "") << line;
    if (Decode(record, DecoderConfig{}).outcome == RecordOutcome::kRefused) ++refused;
  }
  EXPECT_GT(refused, made.summary.malformed / 2) << "most damage cannot be read; some is one element of a batch";
}

TEST(SyntheticRegister, AllKindsOfRecordsOccur) {
  GeneratorOptions options = SmallOptions();
  options.scale = 0.3;
  options.to = Date(2022, 8, 1);
  std::set<std::string> kinds;
  for (const std::string& line : Make(options).lines) {
    const RawRecord record = Parse(line);
    const std::string shape = !record.value ? "tombstone" : record.value->substr(0, 1);
    kinds.insert(record.topic + " " + shape);
    for (const char* event : {"HprNumbersMerged", "PersonDeleted"}) {
      if (record.topic == "hpr.event" && record.value->find(event) != std::string::npos) kinds.insert(event);
    }
    for (const char* code : {"LPFL", "LPVI", "LPDL"}) {
      if (record.value && record.value->find(code) != std::string::npos) kinds.insert(code);
    }
  }
  for (const char* kind :
       {"hpr.person {", "hpr.person tombstone", "hpr.event {", "flo.contract {", "flo.contract <",
        "flo.gp-on-contract {", "flo.gp-on-contract <", "flo.gp-on-contract tombstone", "flo.patient-count {",
        "flo.patient-count [", "HprNumbersMerged", "PersonDeleted", "LPFL", "LPVI", "LPDL"}) {
    EXPECT_TRUE(kinds.contains(kind)) << kind;
  }
}

TEST(SyntheticRegister, PaddingReachesTheNumberOfRecordsExactly) {
  GeneratorOptions options = SmallOptions();
  options.records = 12'000;
  const Made made = Make(options);
  EXPECT_EQ(made.lines.size(), 12'000U);
  EXPECT_GT(made.summary.padding, 5'000);
  options.records = 10;
  EXPECT_EQ(Make(options).lines, Make(SmallOptions()).lines) << "never fewer than the changes give";
}

// Reads everything back and keeps the latest version of each entity.
struct ReadBack {
  explicit ReadBack(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      for (const DecodedChange& decoded : Decode(Parse(line), DecoderConfig{}).changes) {
        std::visit([this](const auto& change) { Keep(change); }, decoded.change);
      }
    }
  }

  void Keep(const Person& person) { Latest(persons, person.hpr_number, person); }
  void Keep(const Contract& contract) {
    versions[contract.id].push_back(contract);
    Latest(contracts, contract.id, contract);
  }
  void Keep(const DoctorPeriod& period) { Latest(periods, period.id, period); }
  void Keep(const PatientCount& count) { counts[count.contract_id][count.counted] = count.patients; }
  void Keep(const Merge& merge) { aliases[merge.old_number] = merge.surviving_number; }
  void Keep(const Deletion& deletion) {
    if (deletion.entity.kind == EntityKind::kDoctorPeriod) periods.erase(deletion.entity.id);
    if (deletion.entity.kind == EntityKind::kContract) contracts.erase(deletion.entity.id);
  }

  template <typename Map, typename Value>
  static void Latest(Map& map, typename Map::key_type key, const Value& value) {
    const auto [it, first] = map.emplace(key, value);
    if (!first && it->second.updated <= value.updated) it->second = value;
  }

  [[nodiscard]] bool IsSpecialist(int32_t number, Day day) const {
    const auto alias = aliases.find(number);
    const auto found = persons.find(alias == aliases.end() ? number : alias->second);
    if (found == persons.end()) return false;
    for (const Approval& approval : found->second.approvals) {
      if (approval.type == "3" || !approval.period.Contains(day)) continue;
      for (const Speciality& speciality : approval.specialities) {
        if (speciality.code == "1" && speciality.period.Contains(day)) return true;
      }
    }
    return false;
  }

  std::map<int32_t, Person> persons;
  std::map<int64_t, Contract> contracts;
  std::map<int64_t, std::vector<Contract>> versions;
  std::map<int64_t, DoctorPeriod> periods;
  std::map<int64_t, std::map<WallTime, int32_t>> counts;
  std::map<int32_t, int32_t> aliases;
};

struct Figures {
  int64_t lists = 0;
  int64_t staffed = 0;
  int64_t agreements = 0;
  int64_t specialists = 0;
  int64_t under_40 = 0;
  int64_t specialists_under_40 = 0;
  int64_t patients = 0;
};

Figures FiguresAt(const ReadBack& read, Day day) {
  std::map<int64_t, std::vector<const DoctorPeriod*>> gps;
  for (const auto& [id, period] : read.periods) {
    if (period.relationship == "LPFL" && period.period.Contains(day)) gps[period.contract_id].push_back(&period);
  }
  Figures figures;
  for (const auto& [id, contract] : read.contracts) {
    if (!contract.period.Contains(day)) continue;
    ++figures.lists;
    if (gps.contains(id)) ++figures.staffed;
    for (const DoctorPeriod* period : gps[id]) {
      const bool specialist = read.IsSpecialist(period->hpr_number, day);
      const auto person = read.persons.find(period->hpr_number);
      const bool young = person != read.persons.end() && day.year() - *person->second.birth_year < 40;
      ++figures.agreements;
      figures.specialists += specialist ? 1 : 0;
      figures.under_40 += young ? 1 : 0;
      figures.specialists_under_40 += young && specialist ? 1 : 0;
    }
    const auto counts = read.counts.find(id);
    if (counts == read.counts.end()) continue;
    const auto newest = std::find_if(counts->second.rbegin(), counts->second.rend(),
                                     [&](const auto& count) { return count.first.day() <= day; });
    if (newest != counts->second.rend()) figures.patients += newest->second;
  }
  return figures;
}

TEST(SyntheticRegister, PublishedFiguresHoldOnTheFirstDayAndAfterMonths) {
  GeneratorOptions options = SmallOptions();
  options.scale = 0.25;
  options.to = Date(2022, 7, 2);
  const ReadBack read(Make(options).lines);
  for (const Day day : {Day(2021, 12, 1), Day(2022, 1, 1), Day(2022, 7, 1)}) {
    const synthetic::Targets wanted = synthetic::TargetsAt(day.epoch_days());
    const Figures figures = FiguresAt(read, day);
    const double agreements = static_cast<double>(figures.agreements);
    EXPECT_NEAR(static_cast<double>(figures.lists), 0.25 * wanted.lists_all, 0.02 * 0.25 * wanted.lists_all);
    EXPECT_NEAR(static_cast<double>(figures.staffed), 0.25 * wanted.lists_staffed(), 0.02 * 0.25 * wanted.lists_all);
    EXPECT_NEAR(static_cast<double>(figures.specialists) / agreements, wanted.specialist_share, 0.02) << day.ToString();
    EXPECT_NEAR(static_cast<double>(figures.specialists_under_40) / static_cast<double>(figures.under_40),
                wanted.specialist_share_under_40, 0.03)
        << day.ToString();
    const double patients = 0.25 * (wanted.persons_on_staffed + wanted.persons_on_unstaffed);
    EXPECT_NEAR(static_cast<double>(figures.patients), patients, 0.02 * patients) << day.ToString();
  }
}

TEST(SyntheticRegister, RenumberedMunicipalitiesTakeTheirListsAlong) {
  std::vector<MunicipalityEra> eras = {Country(Date(2019, 1, 1)), Country(Date(2022, 1, 1))};
  for (auto& municipality : eras[1].municipalities) {
    if (municipality.number == "4601") municipality.number = "4699";
  }
  eras[1].successors = {{"4601", "4699"}};
  const ReadBack read(Make(WithoutTrouble(SmallOptions()), eras).lines);
  int renumbered = 0;
  for (const auto& [id, versions] : read.versions) {
    if (versions.front().municipality != "4601" || read.contracts.count(id) == 0) continue;
    ++renumbered;
    EXPECT_EQ(read.contracts.at(id).municipality, "4699") << id;
  }
  EXPECT_GT(renumbered, 5);
  for (const auto& [id, contract] : read.contracts) EXPECT_NE(contract.municipality, "4601");
}

TEST(SyntheticRegister, RefusesWhatCannotBeUsed) {
  const std::vector<MunicipalityEra> eras = {Country(Date(2019, 1, 1))};
  EXPECT_EQ(Validate(SmallOptions(), eras), "");
  const auto refused = [&](auto change) {
    GeneratorOptions options = SmallOptions();
    change(options);
    Lines sink;
    const std::string error = Generate(options, eras, sink).error;
    EXPECT_TRUE(sink.lines.empty());
    return !error.empty();
  };
  EXPECT_TRUE(refused([](GeneratorOptions& o) { o.to = o.from; }));
  EXPECT_TRUE(refused([](GeneratorOptions& o) { o.from = Date(2018, 12, 31); })) << "before the first era";
  EXPECT_TRUE(refused([](GeneratorOptions& o) { o.scale = 0; }));
  EXPECT_TRUE(refused([](GeneratorOptions& o) { o.persons = -1; }));
  EXPECT_TRUE(refused([](GeneratorOptions& o) { o.records = -1; }));
  EXPECT_TRUE(refused([](GeneratorOptions& o) { o.rates.late_per_mille = 1'001; }));
  EXPECT_TRUE(refused([](GeneratorOptions& o) { o.rates.malformed_per_million = -1; }));
  EXPECT_NE(Validate(SmallOptions(), {}), "");
  std::vector<MunicipalityEra> unordered = {eras[0], eras[0]};
  EXPECT_NE(Validate(SmallOptions(), unordered), "");
  std::vector<MunicipalityEra> unpadded = eras;
  unpadded[0].municipalities[0].number = "301";
  EXPECT_NE(Validate(SmallOptions(), unpadded), "");
}

class SyntheticFiles : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = std::filesystem::path(testing::TempDir()) / "synthetic_files_test";
    std::filesystem::remove_all(dir_);
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::filesystem::path dir_;
};

TEST_F(SyntheticFiles, HoldTheLinesInTheOrderOfTheirNames) {
  std::filesystem::create_directories(dir_);
  std::ofstream(dir_ / "2023-04.ndjson") << "an earlier, longer run\n";
  std::ofstream(dir_ / "notes.txt") << "not ours\n";
  const std::vector<MunicipalityEra> eras = {Country(Date(2019, 1, 1))};
  const GeneratorSummary made = GenerateFiles(SmallOptions(), eras, dir_);
  EXPECT_EQ(made.error, "");
  EXPECT_EQ(made.files, 3);
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(dir_)) names.insert(entry.path().filename().string());
  EXPECT_EQ(names, (std::set<std::string>{"0001-load.ndjson", "2021-12.ndjson", "2022-01.ndjson", "notes.txt"}));
  std::ostringstream text;
  for (const std::string& name : names) {
    if (name != "notes.txt") text << std::ifstream(dir_ / name).rdbuf();
  }
  std::string expected;
  for (const std::string& line : Make(SmallOptions()).lines) expected += line + '\n';
  EXPECT_TRUE(text.str() == expected);
}

TEST_F(SyntheticFiles, AFolderThatCannotBeMadeIsAnError) {
  std::ofstream(dir_) << "a file in its place";
  const std::vector<MunicipalityEra> eras = {Country(Date(2019, 1, 1))};
  EXPECT_NE(GenerateFiles(SmallOptions(), eras, dir_).error, "");
}

}  // namespace
}  // namespace flosync
