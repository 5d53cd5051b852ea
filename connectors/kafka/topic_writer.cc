#include "connectors/kafka/topic_writer.h"

#include "absl/strings/str_cat.h"

#include "connectors/kafka/client_conf.h"
#include "connectors/kafka/kafka_health.h"

namespace flosync {

absl::StatusOr<std::unique_ptr<TopicWriter>> TopicWriter::Open(TopicWriterOptions options) {
  auto writer = std::unique_ptr<TopicWriter>(new TopicWriter(std::move(options)));
  auto conf =
      MakeProducerConf(writer->options_.brokers, writer->options_.message_timeout_ms, writer->options_.client_settings);
  if (!conf.ok()) return conf.status();
  rd_kafka_conf_set_opaque(conf->get(), writer.get());
  rd_kafka_conf_set_dr_msg_cb(conf->get(), OnDelivered);
  char error[512] = "";
  writer->client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), error, sizeof error));
  if (!writer->client_) {
    return absl::InvalidArgumentError(absl::StrCat("the Kafka producer cannot be set up: ", OneLine(error)));
  }
  (void)conf->release();  // the client owns it now
  return writer;
}

void TopicWriter::OnDelivered(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* self) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) static_cast<TopicWriter*>(self)->failed_ = message->err;
}

rd_kafka_resp_err_t TopicWriter::Enqueue(const TopicMessage& message) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
  for (const auto& [name, value] : message.headers) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  // librdkafka copies the bytes; it takes them without const.
  char* value = message.value ? const_cast<char*>(message.value->data()) : nullptr;
  const size_t value_bytes = message.value ? message.value->size() : 0;
  const rd_kafka_resp_err_t error = rd_kafka_producev(
      client_.get(), RD_KAFKA_V_TOPIC(options_.topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(const_cast<char*>(message.key.data()), message.key.size()), RD_KAFKA_V_VALUE(value, value_bytes),
      RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_headers_destroy(headers);
  return error;
}

absl::Status TopicWriter::Write(const std::vector<TopicMessage>& messages) {
  constexpr int kFlushMarginMs = 1'000;
  failed_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (const TopicMessage& message : messages) {
    failed_ = Enqueue(message);
    if (failed_ != RD_KAFKA_RESP_ERR_NO_ERROR) break;
  }
  const rd_kafka_resp_err_t flushed = rd_kafka_flush(client_.get(), options_.message_timeout_ms + kFlushMarginMs);
  if (flushed != RD_KAFKA_RESP_ERR_NO_ERROR) {
    failed_ = flushed;
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(client_.get(), kFlushMarginMs);
  }
  if (failed_ == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("Kafka topic ", options_.topic, " takes no messages (",
                                             rd_kafka_err2str(failed_),
                                             "): make the topic, or mend the brokers or the rights to write"));
}

}  // namespace flosync
