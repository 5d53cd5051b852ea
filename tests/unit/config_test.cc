#include "daemon/config.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/config_keys.h"
#include "domain/address.h"
#include "domain/text.h"

namespace flosync {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::vector<std::string> Described(std::string_view text) {
  std::vector<std::string> out;
  for (const ConfigMistake& mistake : ParseConfig(text).mistakes) out.push_back(DescribeMistake("f.toml", mistake));
  return out;
}

// A file with `text`, removed at the end.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text)
      : path_(std::filesystem::path(::testing::TempDir()) / Join("flosync_config_", ::getpid(), ".toml")) {
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(Config, ExampleIsTheDefaults) {
  const ParsedConfig parsed = ParseConfig(ExampleConfig());
  EXPECT_THAT(Described(ExampleConfig()), IsEmpty());
  EXPECT_TRUE(parsed.config == Config{});
}

TEST(Config, ExampleCanBeReadByPeople) {
  for (const std::string_view line : Split(ExampleConfig(), '\n')) EXPECT_LE(line.size(), 130U) << line;
  EXPECT_THAT(ExampleConfig(),
              HasSubstr("# How often new partitions are looked for, in milliseconds.\n# Allowed: 100..3600000.\n"
                        "metadata_refresh_interval_ms = 10000\n"));
  EXPECT_THAT(ExampleConfig(), HasSubstr("times = [\"05:00\", \"11:00\", \"17:00\", \"23:00\"]\n"));
}

// The settings that the example shows as comments are right too.
TEST(Config, ExampleSettingsAreValid) {
  std::string text = ExampleConfig();
  for (size_t at = 0; (at = text.find("\n# \"", at)) != std::string::npos;) text.erase(at + 1, 2);
  EXPECT_THAT(Described(text), IsEmpty());
  EXPECT_THAT(ParseConfig(text).config.source.kafka.settings,
              Contains(Pair("sasl.password", "env:FLOSYNC_KAFKA_PASSWORD")));
}

TEST(Config, EmptyTextIsTheDefaults) {
  EXPECT_THAT(Described(""), IsEmpty());
  EXPECT_TRUE(ParseConfig("").config == Config{});
}

constexpr const char* kEveryKey = R"(
[state]
directory = "/data"
[listen]
grpc = "[::1]:0"
[source]
kind = "files"
[source.files]
path = "/in"
follow = true
rescan_interval_ms = 10
[source.kafka]
brokers = "a:1,b:2"
group_id = "g"
metadata_refresh_interval_ms = 3600000
[source.kafka.topics]
contract = "t0"
doctor_period = "t1"
patient_count = "t2"
event = "t3"
person = "t4"
[source.kafka.settings]
"socket.timeout.ms" = 5000
[decode]
sex_field = "s"
event_number_field = "n"
event_old_number_field = "o"
[sync]
mode = "scheduled"
times = ["23:59", "00:00"]
commit_max_records = 7
[audit]
interval_minutes = 15
[backup]
directory = "/backup"
kept_backups = 3
[history]
retention_days = 3650
[feed]
retention_days = 7
retention_mib = 0
[streams]
max_streams = 9
max_streams_per_client = 10
[log]
level = "error"
)";

TEST(Config, EveryKeyIsTaken) {
  const ParsedConfig parsed = ParseConfig(kEveryKey);
  EXPECT_THAT(parsed.mistakes, IsEmpty());
  Config expected;
  expected.state.directory = "/data";
  expected.listen.grpc = "[::1]:0";
  expected.source.kind = SourceKind::kFiles;
  expected.source.files = {.path = "/in", .follow = true, .rescan_interval_ms = 10};
  expected.source.kafka = {.brokers = "a:1,b:2",
                           .group_id = "g",
                           .topic_names = {"t0", "t1", "t2", "t3", "t4"},
                           .metadata_refresh_interval_ms = 3'600'000,
                           .settings = {{"socket.timeout.ms", "5000"}}};
  expected.decode = {.sex_field = "s", .event_number_field = "n", .event_old_number_field = "o"};
  expected.sync = {.mode = SyncMode::kScheduled, .times = {{0, 0}, {23, 59}}, .commit_max_records = 7};
  expected.audit.interval_minutes = 15;
  expected.backup = {.directory = "/backup", .kept_backups = 3};
  expected.history.retention_days = 3650;
  expected.feed = {.retention_days = 7, .retention_mib = 0};
  expected.streams = {.max_streams = 9, .max_streams_per_client = 10};
  expected.log.level = LogLevel::kError;
  EXPECT_TRUE(parsed.config == expected);
  const DecoderConfig decoder = parsed.config.decoder();
  EXPECT_EQ(decoder.topic_names[4], "t4");
  EXPECT_EQ(decoder.sex_field, "s");
  EXPECT_EQ(decoder.event_number_field, "n");
  EXPECT_EQ(decoder.event_old_number_field, "o");
}

struct Mistake {
  std::string_view text;
  std::string_view description;
};

class ConfigMistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(ConfigMistakes, NameLineAndKeyAndWhatIsAllowed) {
  EXPECT_THAT(Described(GetParam().text), ElementsAre(GetParam().description));
}

INSTANTIATE_TEST_SUITE_P(
    Config, ConfigMistakes,
    ::testing::Values(
        Mistake{"\n[state]\ndirectory = \"\"",
                "f.toml:3: state.directory has to be a text that is not empty, not \"\""},
        Mistake{"[state]\ndirectory = 3",
                "f.toml:2: state.directory has to be a text that is not empty in quotes, not a whole number"},
        Mistake{"[listen]\ngrpc = \"7401\"",
                "f.toml:2: listen.grpc has to be HOST:PORT, a port being 0..65535, not \"7401\""},
        Mistake{"[source]\nkind = \"redis\"",
                "f.toml:2: source.kind has to be one of \"kafka\", \"files\", not \"redis\""},
        Mistake{"[source]\nkind = true",
                "f.toml:2: source.kind has to be one of \"kafka\", \"files\", not true or false"},
        Mistake{"[source.files]\nfollow = \"yes\"",
                "f.toml:2: source.files.follow has to be true or false without quotes, not a text"},
        Mistake{"[source.kafka]\nbrokers = \"a:1, b:2\"",
                "f.toml:2: source.kafka.brokers has to be HOST:PORT, several separated by commas without spaces, not "
                "\"a:1, b:2\""},
        Mistake{"[source.kafka.topics]\nperson = \"hpr/person\"",
                "f.toml:2: source.kafka.topics.person has to be 1..249 of the characters a-z A-Z 0-9 . _ -, not "
                "\"hpr/person\""},
        Mistake{"[source.kafka.topics]\nperson = \"hpr.event\"",
                "f.toml:2: source.kafka.topics.person names the topic \"hpr.event\", and so does event; give each a "
                "topic of its "
                "own"},
        Mistake{"[sync]\ncommit_max_records = 0", "f.toml:2: sync.commit_max_records has to be 1..1000000, not 0"},
        Mistake{"[sync]\ncommit_max_records = 1.5",
                "f.toml:2: sync.commit_max_records has to be a whole number 1..1000000, not a decimal number"},
        Mistake{"[sync]\ncommit_max_records = 9223372036854775807",
                "f.toml:2: sync.commit_max_records has to be 1..1000000, not 9223372036854775807"},
        Mistake{"[sync]\ntimes = [\"05:00\",\n\"24:00\"]",
                "f.toml:3: sync.times has to be a list of 1..96 times \"HH:MM\" from 00:00 to 23:59, none twice"},
        Mistake{"[sync]\ntimes = []",
                "f.toml:2: sync.times has to be a list of 1..96 times \"HH:MM\" from 00:00 to 23:59, none twice"},
        Mistake{"[sync]\ntimes = \"05:00\"",
                "f.toml:2: sync.times has to be a list of 1..96 times \"HH:MM\" from 00:00 to 23:59, none twice, not a "
                "text"},
        Mistake{"[sync]\ntimes = [\"05:00\", \"05:00\"]", "f.toml:2: sync.times has 05:00 twice"},
        Mistake{"[sync]\ninterval = 3",
                "f.toml:2: sync.interval is not known; [sync] takes commit_max_records, mode, times"},
        Mistake{"[sink]\n",
                "f.toml:1: sink is not known; the sections are [alerts], [audit], [backup], [dead_letters], [decode], "
                "[feed], "
                "[history], [listen], [log], [security], [security.tls], [security.tokens], [source], [source.files], "
                "[source.kafka], [source.kafka.topics], [state], [streams], [sync]"},
        Mistake{"source = 3", "f.toml:1: source is a section: write [source] and its keys below it"},
        Mistake{"[source.kafka.settings]\n\"sasl.password\" = \"hunter2\"",
                "f.toml:2: source.kafka.settings.sasl.password is a secret: write \"env:NAME\" and give it in the "
                "environment "
                "variable NAME"},
        Mistake{"[source.kafka.settings]\n\"socket.timeout.ms\" = [1]",
                "f.toml:2: source.kafka.settings.socket.timeout.ms has to be a text, a whole number, true or false, "
                "not a list"},
        Mistake{"[source.kafka]\nsettings = 1",
                "f.toml:2: source.kafka.settings has to be a table of librdkafka properties, not a whole number"}));

TEST(Config, EveryMistakeIsFoundInOrder) {
  EXPECT_THAT(Described("[log]\nlevel = \"loud\"\nfile = \"x\"\n[streams]\nmax_streams = 0\n[state]\ndirectory = 1\n"),
              ElementsAre(HasSubstr("f.toml:2: log.level"), HasSubstr("f.toml:3: log.file"),
                          HasSubstr("f.toml:5: streams.max_streams"), HasSubstr("f.toml:7: state.directory")));
}

TEST(Config, TextThatIsNotTomlNamesTheLine) {
  EXPECT_THAT(Described("[log]\nlevel = info\n"), ElementsAre(HasSubstr("f.toml:2: is not TOML: ")));
  EXPECT_THAT(Described("[log]\nlevel = \"info\"\nlevel = \"info\"\n"),
              ElementsAre(HasSubstr("f.toml:3: is not TOML: ")));
  EXPECT_THAT(Described(std::string(10'000, '[')), ElementsAre(HasSubstr("f.toml:1: is not TOML: ")));
}

TEST(Config, KeysWithMistakesKeepTheirDefaults) {
  const Config config = ParseConfig("[log]\nlevel = \"loud\"\n[streams]\nmax_streams = 5\n").config;
  EXPECT_EQ(config.log.level, LogLevel::kInfo);
  EXPECT_EQ(config.streams.max_streams, 5);
}

TEST(Config, SettingsMayBeQuotedOrDotted) {
  const ParsedConfig parsed = ParseConfig(
      "[source.kafka.settings]\n\"security.protocol\" = \"SSL\"\nssl.ca.location = \"/ca\"\nssl.key.password = "
      "\"env:P\"\n"
      "socket.keepalive.enable = false\n");
  EXPECT_THAT(parsed.mistakes, IsEmpty());
  EXPECT_THAT(parsed.config.source.kafka.settings,
              ElementsAre(Pair("security.protocol", "SSL"), Pair("socket.keepalive.enable", "false"),
                          Pair("ssl.ca.location", "/ca"), Pair("ssl.key.password", "env:P")));
}

TEST(Config, ASecretIsNeverRepeated) {
  for (const std::string_view name : {"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem",
                                      "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config"}) {
    EXPECT_TRUE(IsSecretSetting(name)) << name;
    for (const std::string_view value : {"hunter2", "env:"}) {
      const auto mistakes = Described(Join("[source.kafka.settings]\n\"", name, "\" = \"", value, "\""));
      ASSERT_EQ(mistakes.size(), 1U) << name;
      EXPECT_EQ(mistakes.front().find("hunter2"), std::string::npos);
    }
  }
  EXPECT_FALSE(IsSecretSetting("sasl.username"));
}

TEST(Config, SecretsComeFromTheEnvironment) {
  ASSERT_EQ(::setenv("FLOSYNC_TEST_SECRET", "hunter2", 1), 0);
  const auto resolved = ResolveSecrets({{"sasl.password", "env:FLOSYNC_TEST_SECRET"}, {"sasl.username", "u"}});
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_THAT(*resolved, ElementsAre(Pair("sasl.password", "hunter2"), Pair("sasl.username", "u")));
  ASSERT_EQ(::unsetenv("FLOSYNC_TEST_SECRET"), 0);
  const auto missing = ResolveSecrets({{"sasl.password", "env:FLOSYNC_TEST_SECRET"}});
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("FLOSYNC_TEST_SECRET"));
}

TEST(Config, LoadReadsAFile) {
  const TemporaryFile file("[log]\nlevel = \"debug\"\n");
  const auto config = LoadConfig(file.path());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->log.level, LogLevel::kDebug);
}

TEST(Config, LoadTellsTheFirstMistakeAndHowManyMore) {
  const TemporaryFile file("[log]\nlevel = \"loud\"\nx = 1\ny = 1\n");
  const auto config = LoadConfig(file.path());
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      std::string(config.status().message()),
      Join(file.path(),
           ":2: log.level has to be one of \"debug\", \"info\", \"warning\", \"error\", not \"loud\" (and 2 more: "
           "`flosync config check ",
           file.path(), "` names them all)"));
}

TEST(Config, LoadTellsWhyAFileCannotBeRead) {
  const auto missing = LoadConfig("/nowhere/flosync.toml");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("/nowhere/flosync.toml (No such file or directory)"));
  EXPECT_FALSE(LoadConfig(::testing::TempDir()).ok());
  const TemporaryFile huge(std::string(1024 * 1024 + 1, '#'));
  EXPECT_THAT(std::string(LoadConfig(huge.path()).status().message()), HasSubstr("larger than 1 MiB"));
}

std::string MistakeOf(const Config& config) { return std::string(CheckConfig(config).message()); }

TEST(Config, FilesNeedAPath) {
  Config config;
  EXPECT_EQ(MistakeOf(config), "");
  config.source.kind = SourceKind::kFiles;
  EXPECT_THAT(MistakeOf(config), HasSubstr("--input"));
  config.source.files.path = "/in";
  EXPECT_EQ(MistakeOf(config), "");
}

TEST(Config, WhatADaemonRefusesIsAMistake) {
  Config config;
  config.listen.grpc = "0.0.0.0:7401";
  EXPECT_THAT(MistakeOf(config), HasSubstr("is not loopback"));
  config = {};
  config.source.kafka.settings["no.such.property"] = "1";
  EXPECT_THAT(MistakeOf(config), HasSubstr("no.such.property is not known to librdkafka"));
  config.source.kafka.settings = {{"group.id", "mine"}};
  EXPECT_THAT(MistakeOf(config), HasSubstr("is flosync's own to set"));
  // What only the daemon's environment tells is left to it.
  config.source.kafka.settings = {{"security.protocol", "env:FLOSYNC_TEST_PROTOCOL"}};
  EXPECT_EQ(MistakeOf(config), "");
  config = {};
  config.state.definitions = "/nowhere/definitions";
  EXPECT_THAT(MistakeOf(config), HasSubstr("/nowhere/definitions: cannot be read"));
  config = {};
  config.listen.http = config.listen.grpc;
  EXPECT_THAT(MistakeOf(config), HasSubstr("give each a port of its own"));
  config = {};
  config.dead_letters.topic = "hpr.person";
  EXPECT_THAT(MistakeOf(config), HasSubstr("is a topic that is read from"));
}

TEST(Config, OnlyLoopbackIsListenedOnWithoutTlsAndCallersNames) {
  for (const std::string_view good : {"127.0.0.1:7401", "127.8.8.8:0", "localhost:0", "[::1]:65535"}) {
    EXPECT_TRUE(CheckListenAddress(good, {}).ok()) << good;
  }
  for (const std::string_view bad : {"127.0.0.1", "127.0.0.1:", ":7401", "0.0.0.0:1", "[::]:1", "192.168.0.1:1",
                                     "127.0.0.256:1", "127.1:1", "example.no:1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckListenAddress(bad, {}))) << bad;
  }
  SecurityConfig security;
  security.tls.certificate = "server.pem";
  EXPECT_FALSE(CheckListenAddress("0.0.0.0:1", security).ok());
  security.tokens.issuer = "https://issuer.example";
  EXPECT_TRUE(CheckListenAddress("0.0.0.0:1", security).ok());
  security.tls.certificate = "";
  EXPECT_FALSE(CheckListenAddress("0.0.0.0:1", security).ok());
}

TEST(Config, HostAndPort) {
  for (const std::string_view good : {"127.0.0.1:7401", "localhost:0", "[::1]:65535", "kafka-1.example.no:9092"}) {
    EXPECT_TRUE(IsHostAndPort(good)) << good;
  }
  for (const std::string_view bad :
       {"", ":1", "host", "host:", "host:65536", "host:-1", "::1:80", "a b:1", "dns:///a:1", "a:1,b:2"}) {
    EXPECT_FALSE(IsHostAndPort(bad)) << bad;
  }
}

}  // namespace
}  // namespace flosync
