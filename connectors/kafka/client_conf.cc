#include "connectors/kafka/client_conf.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

#include "connectors/kafka/kafka_health.h"

namespace flosync {
namespace {

// What exactly-once reading rests on; an operator's setting would break it. The rest have options of their own.
constexpr std::array<std::string_view, 17> kOwnProperties = {"allow.auto.create.topics",
                                                             "auto.commit.enable",
                                                             "auto.offset.reset",
                                                             "bootstrap.servers",
                                                             "check.crcs",
                                                             "enable.auto.commit",
                                                             "enable.auto.offset.store",
                                                             "enable.partition.eof",
                                                             "fetch.max.bytes",
                                                             "group.id",
                                                             "group.instance.id",
                                                             "isolation.level",
                                                             "metadata.broker.list",
                                                             "queued.max.messages.kbytes",
                                                             "queued.min.messages",
                                                             "reconnect.backoff.max.ms",
                                                             "reconnect.backoff.ms"};

absl::Status Set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  // librdkafka's own text repeats the value, so it is not used.
  switch (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), nullptr, 0)) {
    case RD_KAFKA_CONF_OK:
      return absl::OkStatus();
    case RD_KAFKA_CONF_UNKNOWN:
      return absl::InvalidArgumentError(absl::StrCat("Kafka client setting ", name, " is not known to librdkafka ",
                                                     rd_kafka_version_str(), ": correct its name or remove it"));
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("Kafka client setting ", name, " has a value that librdkafka does not take: correct it"));
  }
}

absl::Status SetOperators(rd_kafka_conf_t* conf, const std::map<std::string, std::string>& client_settings) {
  for (const auto& [name, value] : client_settings) {
    if (std::ranges::find(kOwnProperties, name) != kOwnProperties.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Kafka client setting ", name, " is flosync's own to set: remove it from the client settings"));
    }
    if (absl::Status status = Set(conf, name, value); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// The client reports every failed attempt as an error; Health tells operators once, so these lines are for searching
// only.
void Log(const rd_kafka_t* /*client*/, int level, const char* facility, const char* text) {
  constexpr int kCritical = 2;  // syslog's scale
  spdlog::log(level <= kCritical ? spdlog::level::warn : spdlog::level::debug, "kafka client: {}: {}", facility, text);
}

absl::Status CheckOptions(const KafkaSourceOptions& options) {
  if (options.brokers.empty()) return absl::InvalidArgumentError("no Kafka brokers are configured");
  if (options.group_id.empty()) return absl::InvalidArgumentError("no Kafka group id is configured");
  if (options.topics.empty()) return absl::InvalidArgumentError("no Kafka topics are configured");
  for (const std::string& topic : options.topics) {
    if (topic.empty()) return absl::InvalidArgumentError("a configured Kafka topic has no name");
    if (std::ranges::count(options.topics, topic) > 1) {
      return absl::InvalidArgumentError(absl::StrCat("Kafka topic ", topic, " is configured twice"));
    }
  }
  if (options.poll_max_bytes < 1 || options.end_check_interval_ms < 1 || options.metadata_refresh_interval_ms < 1 ||
      options.missing_topic_refresh_interval_ms < 1 || options.broker_answer_timeout_ms < 1) {
    return absl::InvalidArgumentError("Kafka limits, intervals and timeouts are 1 or more");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ConfHandle> MakeClientConf(const KafkaSourceOptions& options) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  ConfHandle conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), Log);
  const std::pair<std::string, std::string> own[] = {
      {"bootstrap.servers", options.brokers},
      {"group.id", options.group_id},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"enable.partition.eof", "true"},
      {"auto.offset.reset", "error"},
      {"isolation.level", "read_committed"},
      {"allow.auto.create.topics", "false"},
      {"check.crcs", "true"},
      // A broker answers a connection's requests in turn, so a fetch that waits at the end of an idle log holds up the
      // question for its end; it also delays the word that only transaction markers were left.
      {"fetch.wait.max.ms", "100"},
      // A connection that died without a word is found before the application notices.
      {"socket.keepalive.enable", "true"},
      {"queued.min.messages", absl::StrCat(options.queued_min_messages)},
      {"queued.max.messages.kbytes", absl::StrCat(options.queued_max_kbytes)},
      {"fetch.max.bytes", absl::StrCat(options.fetch_max_bytes)},
      {"reconnect.backoff.ms", absl::StrCat(options.reconnect_backoff_ms)},
      {"reconnect.backoff.max.ms", absl::StrCat(options.reconnect_backoff_max_ms)},
  };
  for (const auto& [name, value] : own) {
    if (absl::Status status = Set(conf.get(), name, value); !status.ok()) return status;
  }
  if (absl::Status status = SetOperators(conf.get(), options.client_settings); !status.ok()) return status;
  return conf;
}

absl::StatusOr<ConfHandle> MakeProducerConf(const std::string& brokers, int32_t message_timeout_ms,
                                            const std::map<std::string, std::string>& client_settings) {
  ConfHandle conf(rd_kafka_conf_new());
  rd_kafka_conf_set_log_cb(conf.get(), Log);
  const std::pair<std::string, std::string> own[] = {
      {"bootstrap.servers", brokers},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"message.timeout.ms", absl::StrCat(message_timeout_ms)},
      {"socket.keepalive.enable", "true"},
  };
  for (const auto& [name, value] : own) {
    if (absl::Status status = Set(conf.get(), name, value); !status.ok()) return status;
  }
  if (absl::Status status = SetOperators(conf.get(), client_settings); !status.ok()) return status;
  return conf;
}

absl::StatusOr<ClientHandle> NewClient(ConfHandle conf) {
  char error[512] = "";
  ClientHandle client(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), error, sizeof error));
  if (!client) return absl::InvalidArgumentError(absl::StrCat("the Kafka client cannot be set up: ", OneLine(error)));
  (void)conf.release();  // the client owns it now
  return client;
}

}  // namespace flosync
