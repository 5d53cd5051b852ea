// The commands as a user runs them; the watch has a file of its own.
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config.h"
#include "daemon/services/errors.h"
#include "domain/text.h"
#include "state/store/sha256.h"
#include "tests/support/core_harness.h"
#include "tests/unit/cli_testing.h"

namespace flosync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(CommandLine, MistakesAreUsage) {
  const std::vector<std::vector<std::string>> mistakes = {{},
                                                          {"frobnicate"},
                                                          {"snapshot"},
                                                          {"snapshot", "frobnicate"},
                                                          {"status", "--frobnicate"},
                                                          {"status", "--address", "nowhere"},
                                                          {"status", "--output", "xml"},
                                                          {"status", "--timeout-ms", "0"},
                                                          {"status", "extra"},
                                                          {"indicators", "--level", "village"},
                                                          {"indicators", "--reference-date", "2024-02-30"},
                                                          {"indicators", "--known-at", "yesterday"},
                                                          {"indicators", "--limit", "-1"},
                                                          {"doctor"},
                                                          {"doctor", "0"},
                                                          {"doctor", "2147483648"},
                                                          {"doctor", "7", "--as-of", "1 March"},
                                                          {"doctor", "7", "--known-at", "then"},
                                                          {"doctor", "7", "--limit", "5"},
                                                          {"doctor", "7", "--history", "--as-of", "2024-03-01"},
                                                          {"lists", "--municipality", "301"},
                                                          {"watch", "--count", "x"},
                                                          {"snapshot", "export", "--edition", "-1"}};
  for (const auto& arguments : mistakes) {
    const Ran ran = RunFlosync(arguments);
    EXPECT_EQ(ran.code, 2) << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, StartsWith("flosync: "));
    EXPECT_THAT(ran.err, HasSubstr("--help`"));
    EXPECT_EQ(Lines(ran.err), 1U) << ran.err;
  }
  EXPECT_EQ(RunFlosync({"snapshot", "frobnicate"}).err,
            "flosync: there is no flosync snapshot frobnicate; `flosync snapshot --help` lists what there is\n");
}

TEST(CommandLine, EveryCommandExplainsItselfByExample) {
  EXPECT_THAT(RunFlosync({"--version"}).out, StartsWith("flosync "));
  EXPECT_THAT(RunFlosync({"--help"}).out, HasSubstr("Ask a running daemon"));
  for (const std::string command :
       {"status", "indicators", "watch", "snapshot", "snapshot list", "snapshot read", "snapshot export", "doctor",
        "lists", "audit", "config", "config check", "config example"}) {
    std::vector<std::string> arguments;
    for (const std::string_view part : Split(command, ' ')) arguments.emplace_back(part);
    arguments.emplace_back("--help");
    const Ran ran = RunFlosync(arguments);
    EXPECT_EQ(ran.code, 0) << command;
    EXPECT_EQ(ran.err, "") << command;
    EXPECT_THAT(ran.out, HasSubstr("Example: flosync " + command)) << command;
  }
}

// What only the daemon or the tables can tell is a mistake of usage like any other; nothing runs, nothing is written.
TEST(CommandLine, ArgumentsThatCannotBeMeantAreUsage) {
  const std::string out = (std::filesystem::path(::testing::TempDir()) / Join("flosync_usage_", getpid())).string();
  const std::vector<std::string> generate = {"generate", "--out", out, "--from", "2024-01-01", "--to", "2024-02-01"};
  const auto with = [](std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{with(generate, {"--scale", "nan"}),
                                             with(generate, {"--scale", "0"}),
                                             with(generate, {"--scale", "-1"}),
                                             with(generate, {"--scale", "11"}),
                                             with(generate, {"--persons", "-1"}),
                                             with(generate, {"--records", "-1"}),
                                             {"generate", "--out", out, "--from", "2024-02-01", "--to", "2024-01-01"},
                                             {"generate", "--out", out, "--from", "2014-02-01", "--to", "2024-01-01"},
                                             {"generate", "--out", out, "--from", "2024-02-01", "--to", "9999-01-01"},
                                             {"demo", "--once", "--scale", "nan", "--dir", out},
                                             {"demo", "--once", "--listen", "0.0.0.0:0"},
                                             {"serve", "--state", out, "--listen", "127.0.0.1"},
                                             {"serve", "--state", out, "--brokers", "nowhere"},
                                             {"serve", "--state", out, "--input", "/nowhere"},
                                             {"serve", "--state", out, "--brokers", "127.0.0.1:9092", "--follow"},
                                             {"replay", "--state", out, "--input", "/dev/null"},
                                             {"replay", "--state", out, "--input", "/", "--until", "9999-12-01"},
                                             {"replay", "--state", out, "--input", "/", "--until", "2014-12-01"},
                                             {"replay", "--state", out, "--input", "/", "--batch-records", "0"},
                                             {"indicators", "--known-at", "2024-01-01"},
                                             {"indicators", "--structure-date", "2024-01-01"},
                                             {"doctor", "7", "--known-at", "9999-12-31T23:30:00Z"},
                                             {"doctor", "7", "--known-at", "0000-01-01"},
                                             {"deviations", "show", "0"},
                                             {"deviations", "resolve", "1", "--by", "", "--reason", "x"},
                                             {"deviations", "ignore", "1", "--by", "kari", "--reason", " "},
                                             {"alerts", "show", "-1"},
                                             {"alerts", "ack", "1", "--who", ""}}) {
    const Ran ran = RunFlosync(arguments);
    std::string command;
    for (const std::string& argument : arguments) command += argument + " ";
    EXPECT_EQ(ran.code, 2) << command << ran.err;
    EXPECT_EQ(Lines(ran.err), 1U) << command << ran.err;
    EXPECT_THAT(ran.err, StartsWith("flosync: ")) << command;
  }
  std::filesystem::remove_all(out);
}

TEST(CommandLine, AnArgumentThatTheDaemonRefusesIsUsage) {
  FakeDaemon daemon;
  daemon.query = [](const auto&, auto&) { return InvalidField("filter.measures[0]", "there is no such measure"); };
  const Ran ran = daemon.Ask({"indicators", "--measure", "gp_cuont"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("there is no such measure"));
  daemon.query = [](const auto&, auto&) { return NotReady(); };
  EXPECT_EQ(daemon.Ask({"indicators"}).code, 1);
}

TEST(CommandLine, ADaemonThatIsNotThereIsNamed) {
  const std::vector<std::vector<std::string>> commands = {
      {"status"}, {"indicators"}, {"watch"}, {"snapshot", "list"}, {"snapshot", "export"}, {"doctor", "7"}, {"lists"}};
  for (auto arguments : commands) {
    arguments.insert(arguments.end(), {"--address", "127.0.0.1:1"});
    const Ran ran = RunFlosync(arguments);
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, StartsWith("flosync: cannot reach 127.0.0.1:1 ("));
    EXPECT_THAT(ran.err, HasSubstr("start the daemon with `flosync serve"));
    EXPECT_THAT(ran.err, HasSubstr("--tls-ca")) << "it may be there, over TLS";
    EXPECT_EQ(Lines(ran.err), 1U) << ran.err;
  }
}

TEST(CommandLine, ADaemonThatIsSlowIsGivenUp) {
  FakeDaemon daemon;
  daemon.query = [](const auto&, auto&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return grpc::Status::OK;
  };
  const Ran ran = daemon.Ask({"indicators", "--timeout-ms", "20"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("did not answer within 20 ms"));
}

TEST(StatusCommand, JsonHasNumbersAndTheNamesOfTheApi) {
  FakeDaemon daemon;
  daemon.status.mutable_records()->set_read(9);
  auto* source = daemon.status.add_sources();
  source->set_topic("hpr.person");
  source->set_position(10);
  source->set_end(12);
  source->set_lag_records(2);
  const Ran ran = daemon.Ask({"status", "--output", "json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out,
              HasSubstr("    {\n      \"topic\": \"hpr.person\",\n      \"partition\": 0,\n      \"position\": 10,\n"
                        "      \"end\": 12,\n      \"lag_records\": 2,\n      \"age_seconds\": null,\n"
                        "      \"caught_up\": false\n    }\n"));
  EXPECT_THAT(ran.out, HasSubstr("\"read\": 9,\n"));
  EXPECT_THAT(ran.out, HasSubstr("\"last_complete_sync\": null,\n"));
}

TEST(StatusCommand, TableIsForPeople) {
  FakeDaemon daemon;
  daemon.status.mutable_last_complete_sync()->set_seconds(1704085200);
  daemon.status.mutable_connection()->set_error("broker\naway");
  auto* source = daemon.status.add_sources();
  source->set_topic("hpr.person");
  source->set_caught_up(true);
  const Ran ran = daemon.Ask({"status"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("last complete sync  2024-01-01 06:00:00 +01:00\n"));
  EXPECT_THAT(ran.out, HasSubstr("not connected: broker away\n"));
  EXPECT_THAT(ran.out, HasSubstr("Times are Europe/Oslo"));
  EXPECT_THAT(ran.out, HasSubstr("topic       partition  position  end  lag_records  age_seconds  caught_up\n"
                                 "hpr.person          0         0                                 true\n"));
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
}

// Two pages of one row each, of two revisions.
grpc::Status TwoPages(const v1::QueryIndicatorsRequest& in, v1::QueryIndicatorsResponse& out) {
  const bool first = in.page_token().empty();
  *out.add_rows() = first ? Row("5501", "Tromsø", 8, 13) : Row("5601", "Alta, Áltá", 1, 4);
  out.set_reference_date("2024-03-01");
  out.set_revision(first ? 17 : 18);
  if (first) out.set_next_page_token("more");
  return grpc::Status::OK;
}

TEST(IndicatorsCommand, CsvHasTheColumnsOfExports) {
  FakeDaemon daemon;
  daemon.query = TwoPages;
  const Ran ran = daemon.Ask({"indicators", "--format", "csv"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, RowsCsv(""));
  EXPECT_THAT(ran.err, HasSubstr("revisions 17 to 18"));
}

TEST(IndicatorsCommand, LimitEndsWithAPage) {
  FakeDaemon daemon;
  daemon.query = TwoPages;
  const Ran ran = daemon.Ask({"indicators", "--limit", "1"});
  EXPECT_EQ(ran.out,
            "Live figures of 2024-03-01 (today in Europe/Oslo), revision 17.\n\n"
            "area  name    measure              breakdown  value  unit     numerator  denominator  flags\n"
            "5501  Tromsø  gp_specialist_share  all         61.5  percent          8           13\n");
  EXPECT_EQ(ran.err, "flosync: these are the first 1; there are more, see --limit\n");
  ASSERT_THAT(daemon.queries, SizeIs(1));
  EXPECT_EQ(daemon.queries[0].page_size(), 1);
}

TEST(IndicatorsCommand, FiltersArePassedOn) {
  FakeDaemon daemon;
  daemon.query = [](const auto&, auto&) {
    return Refusal(grpc::StatusCode::UNIMPLEMENTED, "KNOWN_AT_NOT_SUPPORTED", "known_at: not supported");
  };
  const Ran ran =
      daemon.Ask({"indicators", "--definition", "a/1.0,b/2.0", "--measure", "m", "--breakdown", "x", "--breakdown", "y",
                  "--level", "nation,municipality_group", "--area", "NO", "--reference-date", "2024-01-01",
                  "--known-at", "2024-01-01T05:00:00Z", "--structure-date", "2023-01-01"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.err, "flosync: known_at: not supported (KNOWN_AT_NOT_SUPPORTED)\n");
  ASSERT_THAT(daemon.queries, SizeIs(1));
  const v1::QueryIndicatorsRequest& query = daemon.queries[0];
  EXPECT_THAT(query.filter().definitions(), ElementsAre("a/1.0", "b/2.0"));
  EXPECT_THAT(query.filter().measures(), ElementsAre("m"));
  EXPECT_THAT(query.filter().breakdowns(), ElementsAre("x", "y"));
  EXPECT_THAT(query.filter().levels(), ElementsAre(v1::LEVEL_NATION, v1::LEVEL_MUNICIPALITY_GROUP));
  EXPECT_THAT(query.filter().area_codes(), ElementsAre("NO"));
  EXPECT_EQ(query.reference_date(), "2024-01-01");
  EXPECT_EQ(query.known_at().seconds(), 1704085200);
  EXPECT_EQ(query.structure_date(), "2023-01-01");
}

TEST(IndicatorsCommand, PagesThatLeadNowhereEnd) {
  FakeDaemon daemon;
  daemon.query = [](const auto&, v1::QueryIndicatorsResponse& out) {
    out.set_next_page_token("again");
    return grpc::Status::OK;
  };
  EXPECT_EQ(daemon.Ask({"indicators"}).code, 1);
}

class SnapshotCommand : public ::testing::Test {
 protected:
  SnapshotCommand() {
    Sha256 sha;
    sha.Add(RowsCsv("1"));
    daemon_.snapshot.set_reference_date("2024-03-01");
    daemon_.snapshot.set_edition(1);
    daemon_.snapshot.set_row_count(2);
    daemon_.snapshot.set_content_hash(sha.Hex());
    daemon_.snapshot.mutable_known_at()->set_seconds(1709269200);
  }

  FakeDaemon daemon_;
};

TEST_F(SnapshotCommand, ExportGivesTheBytesOfTheFile) {
  const Ran ran = daemon_.Ask({"snapshot", "export", "--reference-date", "2024-03-01", "--edition", "1"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out, RowsCsv("1"));
  EXPECT_EQ(ran.err, "");
  ASSERT_THAT(daemon_.reads, SizeIs(1));
  EXPECT_EQ(daemon_.reads[0].reference_date(), "2024-03-01");
  EXPECT_EQ(daemon_.reads[0].edition(), 1);
}

TEST_F(SnapshotCommand, ExportWritesAFileOrNothing) {
  const auto folder = std::filesystem::path(::testing::TempDir()) / Join("flosync_export_", getpid());
  std::filesystem::create_directory(folder);
  const std::string file = folder / "a.csv";
  EXPECT_EQ(daemon_.Ask({"snapshot", "export", "--out", file}).code, 0);
  std::ifstream in(file, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), RowsCsv("1"));

  const Ran nowhere = daemon_.Ask({"snapshot", "export", "--out", folder / "missing" / "a.csv"});
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("No such file or directory"));

  daemon_.snapshot.set_content_hash(std::string(64, '0'));
  const Ran corrupt = daemon_.Ask({"snapshot", "export", "--out", folder / "b.csv"});
  EXPECT_EQ(corrupt.code, 1);
  EXPECT_THAT(corrupt.err, HasSubstr("was made with 2 rows and 0000"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
  std::filesystem::remove_all(folder);
}

TEST_F(SnapshotCommand, ReadAndListShowIt) {
  EXPECT_EQ(daemon_.Ask({"snapshot", "read", "--output", "csv"}).out, RowsCsv("1"));
  EXPECT_THAT(daemon_.Ask({"snapshot", "read", "--output", "json"}).out, HasSubstr("\"numerator\": 8,\n"));
  const Ran table = daemon_.Ask({"snapshot", "read", "--limit", "1"});
  EXPECT_THAT(
      table.out,
      StartsWith("Snapshot 2024-03-01 edition 1, by what was known at 2024-03-01 06:00:00 +01:00 (Europe/Oslo).\n"));
  EXPECT_THAT(table.err, HasSubstr("the first 1 of 2 rows"));
  EXPECT_THAT(daemon_.Ask({"snapshot", "list"}).out,
              HasSubstr("2024-03-01            1          2  2024-03-01 06:00:00 +01:00  "));
  EXPECT_THAT(daemon_.Ask({"snapshot", "list", "--output", "csv"}).out,
              HasSubstr("2024-03-01,1,2,2024-03-01T05:00:00.000Z,"));
}

TEST(DoctorCommand, ShowsADoctor) {
  FakeDaemon daemon;
  auto* doctor = daemon.doctor.mutable_doctor();
  doctor->set_hpr_number(7);
  doctor->set_surviving_hpr_number(9);
  doctor->add_specialist_periods()->set_from("2020-01-01");
  auto* contract = doctor->add_contracts();
  contract->set_contract_id(42);
  contract->set_relationship("LPFL");
  const Ran ran = daemon.Ask({"doctor", "7", "--as-of", "2024-01-01"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("merged into         9\n"));
  EXPECT_THAT(ran.out, HasSubstr("specialist          2020-01-01 – …\n"));
  EXPECT_THAT(ran.out, HasSubstr("LPFL"));
  EXPECT_EQ(daemon.doctors[0].as_of(), "2024-01-01");
  EXPECT_THAT(daemon.Ask({"doctor", "7", "--output", "json"}).out, HasSubstr("\"hpr_number\": 7,\n"));
  const Ran missing = daemon.Ask({"doctor", "8"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_EQ(missing.err, "flosync: no doctor has HPR number 8\n");
}

TEST(DoctorCommand, SaysForWhenAndWhy) {
  FakeDaemon daemon;
  daemon.doctor.mutable_doctor()->set_specialist_reason(v1::SPECIALIST_REASON_SUSPENDED);
  daemon.doctor.mutable_doctor()->mutable_hpr_record()->set_topic("hpr.person");
  daemon.doctor.set_reference_date("2024-03-01");
  daemon.doctor.mutable_reference_instant()->set_seconds(At("2024-03-01T05:00:00Z").ms / 1000);
  EXPECT_THAT(daemon.Ask({"doctor", "7"}).out, HasSubstr("2024-03-01 at 2024-03-01 06:00:00 +01:00, by all records"));
  daemon.doctor.mutable_known_at()->set_seconds(At("2024-04-01").ms / 1000);
  const Ran ran = daemon.Ask({"doctor", "7", "--as-of", "2024-03-01", "--known-at", "2024-04-01"});
  EXPECT_THAT(ran.out, HasSubstr("by the records known before 2024-04-01 00:00:00 +02:00\n"));
  EXPECT_THAT(ran.out, HasSubstr("no: suspended\n"));
  EXPECT_THAT(ran.out, HasSubstr("hpr.person/0/0, known from 1970-01-01 01:00:00 +01:00\n"));
  EXPECT_EQ(daemon.doctors[1].known_at().seconds(), At("2024-03-31T22:00:00Z").ms / 1000);
}

TEST(DoctorCommand, TellsTheHistory) {
  FakeDaemon daemon;
  auto* record = daemon.history.add_records();
  record->mutable_position()->set_topic("hpr.person");
  record->mutable_position()->set_offset(17);
  record->mutable_position()->mutable_known_from()->set_seconds(At("2024-03-01T05:00:00Z").ms / 1000);
  record->set_hpr_number(7);
  record->set_kind(v1::RECORD_KIND_STATE);
  record->set_effect(v1::RECORD_EFFECT_APPLIED);
  record->set_returned(true);
  record->set_version("2024-02-28T10:00:00");
  for (const char* field : {"birth_year", "sex"}) record->add_changes()->set_field(field);
  record->mutable_changes(0)->set_new_value("1970");
  auto* deletion = daemon.history.add_records();
  deletion->set_doctor_period_id(11);
  deletion->set_kind(v1::RECORD_KIND_DELETION);
  deletion->mutable_learnt_at()->set_seconds(At("2024-03-10T05:00:00Z").ms / 1000);
  const Ran csv = daemon.Ask({"doctor", "7", "--history", "--known-at", "2024-04-01", "--output", "csv"});
  EXPECT_EQ(csv.code, 0) << csv.err;
  EXPECT_EQ(
      csv.out,
      "known_from,record,about,what,version,field,old_value,new_value\n"
      "2024-03-01T05:00:00.000Z,hpr.person/0/17,person:7,\"applied, returned\",2024-02-28T10:00:00,birth_year,,1970\n"
      "2024-03-01T05:00:00.000Z,hpr.person/0/17,person:7,\"applied, returned\",2024-02-28T10:00:00,sex,,\n"
      "1970-01-01T00:00:00.000Z,/0/0,doctor_period:11,\"deletion, learnt 2024-03-10T05:00:00.000Z\",,,,\n");
  EXPECT_EQ(daemon.histories[0].known_at().seconds(), At("2024-04-01").ms / 1000);
  const Ran table = daemon.Ask({"doctor", "7", "--history"});
  EXPECT_THAT(table.out, HasSubstr("2 records of HPR number 7"));
  EXPECT_THAT(table.out, HasSubstr("2024-03-01 06:00:00 +01:00  hpr.person/0/17  person:7"));
  EXPECT_THAT(daemon.Ask({"doctor", "7", "--history", "--output", "json"}).out, HasSubstr("\"doctor_period_id\": 11"));
}

TEST(ListsCommand, PassesFiltersOnAndPrints) {
  FakeDaemon daemon;
  const Ran ran = daemon.Ask({"lists", "--unstaffed", "--since", "2024-03-01", "--municipality", "5501",
                              "--without-substitute", "--output", "csv"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(
      ran.out,
      "contract_id,municipality,municipality_today,staffed,unstaffed_since,over_1y,patients,list_cap,fixed_salary,"
      "regular_gps,substitutes\n42,5401,5501,false,2024-02-01,false,900,,false,,8\n");
  ASSERT_THAT(daemon.lists, SizeIs(1));
  EXPECT_TRUE(daemon.lists[0].unstaffed_only());
  EXPECT_EQ(daemon.lists[0].unstaffed_before(), "2024-03-01");
  EXPECT_EQ(daemon.lists[0].municipality(), "5501");
  EXPECT_TRUE(daemon.lists[0].without_substitute());
}

TEST(AuditCommand, NamesDifferencesAndFails) {
  FakeDaemon daemon;
  daemon.audit.set_revision(17);
  daemon.audit.set_figures_compared(4711);
  daemon.audit.set_reference_date("2024-01-15");
  Ran ran = daemon.Ask({"audit"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("figures of 2024-01-15: 4711 figures and 0 states compared, 0 differences\n"));
  daemon.audit.set_difference_count(2);
  auto* figure = daemon.audit.add_figures();
  figure->set_level(v1::LEVEL_NATION);
  figure->set_area_code("NO");
  figure->set_measure("gp_count");
  figure->set_breakdown("all.all");
  figure->set_definition("gp-statistics/1.0");
  figure->mutable_stored()->set_numerator(4);
  figure->mutable_stored()->set_value("4");
  auto* state = daemon.audit.add_states();
  state->set_entity("contract:2");
  state->set_what("a version");
  ran = daemon.Ask({"audit", "--output", "csv"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.out,
            "kind,level,area_code,measure,breakdown,definition,stored,recomputed,entity,what\n"
            "figure,nation,NO,gp_count,all.all,gp-statistics/1.0,4/- 4,none,,\n"
            "state,,,,,,,,contract:2,a version\n");
  EXPECT_THAT(ran.err, HasSubstr("2 differences; keep the state directory"));
}

TEST(AuditCommand, WantsAStateThatIsThere) {
  const Ran ran = RunFlosync({"audit", "--state", "/"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, StartsWith("flosync: there is no state in /"));
  EXPECT_EQ(RunFlosync({"audit", "--definitions", "/"}).code, 2);
}

TEST(ConfigCommand, ChecksAndPrints) {
  EXPECT_EQ(RunFlosync({"config", "example"}).out, ExampleConfig());
  const std::string file =
      (std::filesystem::path(::testing::TempDir()) / Join("flosync_check_", getpid(), ".toml")).string();
  std::ofstream(file) << ExampleConfig();
  const Ran good = RunFlosync({"config", "check", file});
  EXPECT_EQ(good.code, 0);
  EXPECT_EQ(good.out, file + ": ok\n");
  EXPECT_EQ(good.err, "");

  std::ofstream(file) << "[source]\nkind = \"files\"\n";
  const Ran incomplete = RunFlosync({"config", "check", file});
  EXPECT_EQ(incomplete.code, 1);
  EXPECT_EQ(incomplete.out, "");
  EXPECT_THAT(incomplete.err, HasSubstr("--input PATH"));

  std::ofstream(file) << "[log]\nlevel = 1\ncolour = 2\n";
  const Ran bad = RunFlosync({"config", "check", file});
  EXPECT_EQ(bad.code, 1);
  EXPECT_EQ(bad.out, "");
  EXPECT_EQ(Lines(bad.err), 2U);
  EXPECT_THAT(bad.err, HasSubstr(file + ":3: log.colour is not known"));
  EXPECT_EQ(RunFlosync({"config", "check", "/nowhere.toml"}).code, 1);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace flosync
