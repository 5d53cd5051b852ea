// Producing records and administering topics from tests, with librdkafka itself.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/kafka/handles.h"

namespace flosync::testing {

using KafkaSettings = std::map<std::string, std::string>;

// A client for the test's own side. Every failure is a test failure (ADD_FAILURE), so that the tests read without
// checks.
class KafkaClient {
 public:
  struct Message {
    std::string topic;
    int32_t partition = 0;
    std::optional<std::string> key;
    std::optional<std::string> value;
    int64_t timestamp_ms = 0;  // 0: now
    std::vector<std::pair<std::string, std::string>> headers;
  };

  // `settings`: librdkafka's, such as compression.type or transactional.id (then transactions are set up at once).
  explicit KafkaClient(const std::string& brokers, const KafkaSettings& settings = {});

  void Produce(const Message& message);
  // Returns when everything produced has been acknowledged.
  void Flush();
  // `count` records "<prefix><i>" with the same key and value.
  void ProduceMany(const std::string& topic, int32_t partition, int count, const std::string& prefix);

  void Begin();
  void Commit();
  void Abort();

  void CreateTopic(const std::string& topic, int partitions, const KafkaSettings& config = {});
  void DeleteTopic(const std::string& topic);
  void GrowTopic(const std::string& topic, int partitions);
  // The records before `offset` are deleted.
  void DeleteRecords(const std::string& topic, int32_t partition, int64_t offset);

  // Offset the group has for the partition; nothing if none.
  std::optional<int64_t> GroupOffset(const std::string& group, const std::string& topic, int32_t partition);

 private:
  EventHandle Answer(const char* what);

  std::string brokers_;
  ClientHandle client_;
  QueueHandle answers_;
};

}  // namespace flosync::testing
