// The configuration: one TOML file in which every key has a default.
//
// Config is a value. ExampleConfig() documents every key; flags of the command line are written over it by the
// commands. What is read here is checked key by key; CheckConfig checks the whole once the flags are in as well.
//
//   absl::StatusOr<Config> config = LoadConfig("/etc/flosync/flosync.toml");
//   config->sync.commit_max_records  // 20 000 unless the file says otherwise
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "connectors/decode/decoder.h"
#include "daemon/security/security_config.h"
#include "domain/position.h"
#include "state/alerts/operational.h"

namespace flosync {

// A time of day on the wall clock in Oslo.
struct LocalTime {
  int32_t hour = 0;    // 0..23
  int32_t minute = 0;  // 0..59
  // "05:00".
  [[nodiscard]] std::string ToString() const;
  constexpr auto operator<=>(const LocalTime&) const = default;
};

struct StateConfig {
  std::string directory = "/var/lib/flosync";
  std::string definitions;  // directory of further definitions; empty = the shipped ones only
  bool operator==(const StateConfig&) const = default;
};

struct ListenConfig {
  std::string grpc = "127.0.0.1:7401";  // HOST:PORT; port 0 picks a free one
  std::string http;                     // the same; empty = no HTTP
  bool operator==(const ListenConfig&) const = default;
};

enum class SourceKind : uint8_t { kKafka = 0, kFiles = 1 };

struct FilesConfig {
  std::string path;  // a directory or one file
  bool follow = false;
  int32_t rescan_interval_ms = 500;
  bool operator==(const FilesConfig&) const = default;
};

struct KafkaConfig {
  std::string brokers = "127.0.0.1:9092";  // HOST:PORT,HOST:PORT
  std::string group_id = "flosync";
  std::array<std::string, kTopicCount> topic_names = DecoderConfig{}.topic_names;  // in the order of enum Topic
  int32_t metadata_refresh_interval_ms = 10'000;
  // librdkafka properties by name, as written: secrets are still references to environment variables.
  std::map<std::string, std::string> settings;
  bool operator==(const KafkaConfig&) const = default;
};

struct SourceConfig {
  SourceKind kind = SourceKind::kKafka;
  FilesConfig files;
  KafkaConfig kafka;
  bool operator==(const SourceConfig&) const = default;
};

// Names of fields that no public source fixes.
struct DecodeConfig {
  std::string sex_field = DecoderConfig{}.sex_field;
  std::string event_number_field = DecoderConfig{}.event_number_field;
  std::string event_old_number_field = DecoderConfig{}.event_old_number_field;
  bool operator==(const DecodeConfig&) const = default;
};

enum class SyncMode : uint8_t { kContinuous = 0, kScheduled = 1 };

struct SyncConfig {
  SyncMode mode = SyncMode::kContinuous;
  std::vector<LocalTime> times = {{5, 0}, {11, 0}, {17, 0}, {23, 0}};  // ascending; only used when scheduled
  int32_t commit_max_records = 20'000;
  bool operator==(const SyncConfig&) const = default;
};

// What is kept of records that cannot be read at all (R22).
struct DeadLettersConfig {
  std::string topic;  // at the brokers of source.kafka; empty = only the file in the state directory
  bool include_values = false;
  bool operator==(const DeadLettersConfig&) const = default;
};

struct AuditConfig {
  int32_t interval_minutes = 60;  // 0 = no audits in the background
  bool operator==(const AuditConfig&) const = default;
};

struct BackupConfig {
  std::string directory;     // empty = no backups
  int32_t kept_backups = 7;  // complete ones
  bool operator==(const BackupConfig&) const = default;
};

struct HistoryConfig {
  int32_t retention_days = 0;  // 0 = everything is kept
  bool operator==(const HistoryConfig&) const = default;
};

// How long watchers may stay away and go on where they were.
struct FeedConfig {
  int32_t retention_days = 30;   // 0 = no limit
  int32_t retention_mib = 1024;  // 0 = no limit
  bool operator==(const FeedConfig&) const = default;
};

struct StreamsConfig {
  int32_t max_streams = 1000;
  int32_t max_streams_per_client = 100;
  bool operator==(const StreamsConfig&) const = default;
};

struct AlertsConfig {
  AlertThresholds thresholds;
  int32_t resolved_kept = 10'000;
  bool operator==(const AlertsConfig&) const = default;
};

enum class LogLevel : uint8_t { kDebug = 0, kInfo = 1, kWarning = 2, kError = 3 };

struct LogConfig {
  LogLevel level = LogLevel::kInfo;
  bool operator==(const LogConfig&) const = default;
};

struct Config {
  StateConfig state;
  ListenConfig listen;
  SourceConfig source;
  DecodeConfig decode;
  SyncConfig sync;
  DeadLettersConfig dead_letters;
  AuditConfig audit;
  BackupConfig backup;
  HistoryConfig history;
  FeedConfig feed;
  StreamsConfig streams;
  SecurityConfig security;
  AlertsConfig alerts;
  LogConfig log;
  bool operator==(const Config&) const = default;

  // What the decoder needs of it.
  [[nodiscard]] DecoderConfig decoder() const;
};

// One thing that is wrong with a configuration text.
struct ConfigMistake {
  int32_t line = 0;  // from 1
  std::string key;   // "sync.times"; empty if the text is not TOML
  std::string what;  // what is wrong and what is allowed
};

struct ParsedConfig {
  Config config;                        // keys with mistakes keep their defaults
  std::vector<ConfigMistake> mistakes;  // by line
};

// Reads a configuration text; finds every mistake, not only the first (but only the first that is not TOML).
[[nodiscard]] ParsedConfig ParseConfig(std::string_view text);

// Where the access log is.
[[nodiscard]] std::string AccessLogPath(const Config& config);

// "FILE:7: sync.mode: …".
[[nodiscard]] std::string DescribeMistake(std::string_view file, const ConfigMistake& mistake);

// Reads a file of at most 1 MiB. NOT_FOUND or another code with a remedy if it cannot be read, INVALID_ARGUMENT with
// the first mistake and the number of the others.
[[nodiscard]] absl::StatusOr<Config> LoadConfig(const std::string& path);
// The text of such a file.
[[nodiscard]] absl::StatusOr<std::string> ReadConfigFile(const std::string& path);

// Everything that a daemon would refuse of these settings before it looks at state directory, brokers, environment and
// port: what `flosync config check` says is what `flosync serve` says. Reads the definitions. Call it once the flags
// are in; INVALID_ARGUMENT or FAILED_PRECONDITION names key or flag and what to do.
[[nodiscard]] absl::Status CheckConfig(const Config& config);

// Whether the files that the settings name are there and can be used: those of TLS, keys of tokens, input. `flosync
// serve` finds out as it opens them; errors are the same.
[[nodiscard]] absl::Status CheckNamedFiles(const Config& config);

// The settings with "env:NAME" replaced by that environment variable. FAILED_PRECONDITION names a variable that is not
// set. Reads the environment: not while another thread changes it.
[[nodiscard]] absl::StatusOr<std::map<std::string, std::string>> ResolveSecrets(
    const std::map<std::string, std::string>& settings);

// HOST:PORT, one or several with commas between.
[[nodiscard]] bool IsBrokerList(std::string_view text);
// OK for HOST:PORT on loopback, and on any address with TLS and callers who say who they are; INVALID_ARGUMENT says why
// not.
[[nodiscard]] absl::Status CheckListenAddress(std::string_view text, const SecurityConfig& security);

// A file with every key, its default and its explanation; what `flosync config example` prints.
[[nodiscard]] std::string ExampleConfig();

}  // namespace flosync
