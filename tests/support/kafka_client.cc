#include "tests/support/kafka_client.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace flosync::testing {
namespace {

constexpr int kTimeoutMs = 120'000;

template <auto release, typename T>
std::unique_ptr<T, Releaser<release>> Own(T* object) {
  return std::unique_ptr<T, Releaser<release>>(object);
}

void Expect(rd_kafka_error_t* raw, const char* what) {
  const ErrorHandle error(raw);
  if (error) ADD_FAILURE() << what << ": " << rd_kafka_error_string(error.get());
}

ClientHandle NewClient(rd_kafka_type_t type, const std::string& brokers, const KafkaSettings& settings) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> error{};
  rd_kafka_conf_set_log_cb(conf, nullptr);
  rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), nullptr, 0);
  // A busy broker answers late; what is sent again must not stand there twice.
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set(conf, "enable.idempotence", "true", nullptr, 0);
  for (const auto& [name, value] : settings) {
    EXPECT_EQ(rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error.data(), error.size()), RD_KAFKA_CONF_OK)
        << error.data();
  }
  return ClientHandle(rd_kafka_new(type, conf, error.data(), error.size()));
}

}  // namespace

KafkaClient::KafkaClient(const std::string& brokers, const KafkaSettings& settings)
    : brokers_(brokers),
      client_(NewClient(RD_KAFKA_PRODUCER, brokers, settings)),
      answers_(rd_kafka_queue_new(client_.get())) {
  if (settings.contains("transactional.id"))
    Expect(rd_kafka_init_transactions(client_.get(), kTimeoutMs), "init transactions");
}

void KafkaClient::Produce(const Message& message) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
  for (const auto& [name, value] : message.headers) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  const auto bytes = [](const std::optional<std::string>& text) {
    return text ? const_cast<char*>(text->data()) : nullptr;
  };
  const auto size = [](const std::optional<std::string>& text) { return text ? text->size() : 0; };
  const rd_kafka_resp_err_t error =
      rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(message.topic.c_str()), RD_KAFKA_V_PARTITION(message.partition),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK),
                        RD_KAFKA_V_KEY(bytes(message.key), size(message.key)),
                        RD_KAFKA_V_VALUE(bytes(message.value), size(message.value)),
                        RD_KAFKA_V_TIMESTAMP(message.timestamp_ms), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  rd_kafka_headers_destroy(headers);
  ADD_FAILURE() << "produce: " << rd_kafka_err2str(error);
}

void KafkaClient::Flush() {
  EXPECT_EQ(rd_kafka_flush(client_.get(), kTimeoutMs), RD_KAFKA_RESP_ERR_NO_ERROR) << "flush";
}

void KafkaClient::ProduceMany(const std::string& topic, int32_t partition, int count, const std::string& prefix) {
  for (int i = 0; i < count; ++i) {
    const std::string text = absl::StrCat(prefix, i);
    Produce({.topic = topic, .partition = partition, .key = text, .value = text, .timestamp_ms = 0, .headers = {}});
  }
  Flush();
}

void KafkaClient::Begin() { Expect(rd_kafka_begin_transaction(client_.get()), "begin"); }
void KafkaClient::Commit() { Expect(rd_kafka_commit_transaction(client_.get(), kTimeoutMs), "commit"); }
void KafkaClient::Abort() { Expect(rd_kafka_abort_transaction(client_.get(), kTimeoutMs), "abort"); }

EventHandle KafkaClient::Answer(const char* what) {
  EventHandle event(rd_kafka_queue_poll(answers_.get(), kTimeoutMs));
  if (!event) {
    ADD_FAILURE() << what << ": no answer";
  } else if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    ADD_FAILURE() << what << ": " << rd_kafka_event_error_string(event.get());
  }
  return event;
}

void KafkaClient::CreateTopic(const std::string& topic, int partitions, const KafkaSettings& config) {
  auto request = Own<rd_kafka_NewTopic_destroy>(rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, nullptr, 0));
  for (const auto& [name, value] : config) rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());
  rd_kafka_NewTopic_t* requests[] = {request.get()};
  rd_kafka_CreateTopics(client_.get(), requests, 1, nullptr, answers_.get());
  const EventHandle event = Answer("create topic");
  size_t count = 0;
  const auto* results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    if (rd_kafka_topic_result_error(results[i]) != 0) ADD_FAILURE() << rd_kafka_topic_result_error_string(results[i]);
  }
}

void KafkaClient::DeleteTopic(const std::string& topic) {
  auto request = Own<rd_kafka_DeleteTopic_destroy>(rd_kafka_DeleteTopic_new(topic.c_str()));
  rd_kafka_DeleteTopic_t* requests[] = {request.get()};
  rd_kafka_DeleteTopics(client_.get(), requests, 1, nullptr, answers_.get());
  Answer("delete topic");
}

void KafkaClient::GrowTopic(const std::string& topic, int partitions) {
  auto request = Own<rd_kafka_NewPartitions_destroy>(
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<size_t>(partitions), nullptr, 0));
  rd_kafka_NewPartitions_t* requests[] = {request.get()};
  rd_kafka_CreatePartitions(client_.get(), requests, 1, nullptr, answers_.get());
  Answer("create partitions");
}

void KafkaClient::DeleteRecords(const std::string& topic, int32_t partition, int64_t offset) {
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  auto request = Own<rd_kafka_DeleteRecords_destroy>(rd_kafka_DeleteRecords_new(list.get()));
  rd_kafka_DeleteRecords_t* requests[] = {request.get()};
  rd_kafka_DeleteRecords(client_.get(), requests, 1, nullptr, answers_.get());
  Answer("delete records");
}

std::optional<int64_t> KafkaClient::GroupOffset(const std::string& group, const std::string& topic, int32_t partition) {
  const ClientHandle consumer = NewClient(RD_KAFKA_CONSUMER, brokers_, {{"group.id", group}});
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  if (rd_kafka_committed(consumer.get(), list.get(), kTimeoutMs) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  if (list->elems[0].offset < 0) return std::nullopt;
  return list->elems[0].offset;
}

}  // namespace flosync::testing
