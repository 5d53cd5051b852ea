// Writes messages to one Kafka topic and waits until the brokers have them.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "connectors/kafka/handles.h"

namespace flosync {

struct TopicMessage {
  std::string key;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> value;  // nothing = null
  bool operator==(const TopicMessage&) const = default;
};

struct TopicWriterOptions {
  std::string brokers;  // "host:port,host:port"
  std::string topic;
  std::map<std::string, std::string> client_settings;  // other librdkafka properties by name
  // A message that is not acknowledged by all in-sync replicas within this time is given up.
  int32_t message_timeout_ms = 5'000;
};

// At least once, in the order given. Concurrency: one thread. Nothing is left in the client when Write returns, so what
// it holds is bounded by one call.
//
//   auto writer = TopicWriter::Open({.brokers = "127.0.0.1:9092", .topic = "flosync.dead-letters"});
//   (*writer)->Write({{.key = "hpr.person/0/17", .headers = {{"…", "…"}}, .value = std::nullopt}});
class TopicWriter {
 public:
  // INVALID_ARGUMENT for settings that librdkafka does not take. Brokers are not asked yet.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<TopicWriter>> Open(TopicWriterOptions options);

  // UNAVAILABLE if any of the messages was not acknowledged: give all of them again.
  [[nodiscard]] absl::Status Write(const std::vector<TopicMessage>& messages);

 private:
  explicit TopicWriter(TopicWriterOptions options) : options_(std::move(options)) {}
  static void OnDelivered(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);
  [[nodiscard]] rd_kafka_resp_err_t Enqueue(const TopicMessage& message);

  const TopicWriterOptions options_;
  ClientHandle client_;
  rd_kafka_resp_err_t failed_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // of the call under way
};

}  // namespace flosync
