// Register records from Kafka.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/record.h"

namespace flosync {

struct KafkaSourceOptions {
  std::string brokers;               // "host:port,host:port": where to begin, the rest is learnt from them
  std::string group_id = "flosync";  // positions are shown there; it is never joined and never read
  std::vector<std::string> topics;
  // Any other librdkafka property by its name (security.protocol, ssl.ca.location, sasl.username, …). Those that
  // exactly-once reading rests on are refused.
  std::map<std::string, std::string> client_settings;

  // librdkafka reads ahead until one of the two is reached, then pauses long: the count is never the one in practice,
  // so memory is bounded by queued_max_kbytes for all partitions together + fetch_max_bytes for each broker.
  int32_t queued_min_messages = 1'000'000;
  int32_t queued_max_kbytes = 65'536;
  int32_t fetch_max_bytes = 16 * 1024 * 1024;
  // A Poll returns once its records hold this much; the last record may go beyond.
  int64_t poll_max_bytes = int64_t{16} * 1024 * 1024;

  int32_t end_check_interval_ms = 500;                // how often every partition's end is asked for
  int32_t metadata_refresh_interval_ms = 10'000;      // how often new partitions are looked for
  int32_t missing_topic_refresh_interval_ms = 1'000;  // the same while a topic or leader is missing
  int32_t broker_answer_timeout_ms = 3'000;           // for one such question
  int32_t reconnect_backoff_ms = 100;                 // doubled after each failure
  int32_t reconnect_backoff_max_ms = 10'000;
};

// All partitions of the configured topics, from the positions the state was committed with.
//
// Operation: positions come from the marks alone ("kafka/<topic>/<partition>" → next offset), a partition without a
// mark is read from its beginning, and the partitions are taken without joining the group, so no rebalance can take
// them away. Only records of committed transactions are seen. A position moves over gaps that compaction left and over
// transaction markers, and its mark with it. A partition's end is asked for anew twice a second by a thread of its own:
// PartitionProgress.at_end with checked_at = t means that everything its leader held at t has been returned by Poll.
// Records of transactions still open are held back by the broker and are not below the end.
//
// A position that its log no longer holds is OUT_OF_RANGE from Poll, and a record that cannot be decoded is DATA_LOSS:
// both are final, nothing is ever skipped. A broker that is away, a refused login, a missing topic or partition show in
// Health, and reading goes on by itself when they are mended.
//
// Concurrency: Open and Poll from one thread; Committed and Health from any.
// Limitations: a topic that is deleted and created again is noticed while it is missing, or if its new log does not
// cover the position; the protocol this client speaks does not tell the two apart otherwise. Never reuse a topic name.
//
//   KafkaSource source({.brokers = "127.0.0.1:9092", .topics = {"hpr.person"}});
//   absl::Status opened = source.Open({{"kafka/hpr.person/0", "17"}});
//   auto polled = source.Poll(1000, 100ms);
//   polled->records[0].offset;               // 17
//   polled->marks["kafka/hpr.person/0"];     // "18", if it was the only one
class KafkaSource final : public RecordSource {
 public:
  explicit KafkaSource(KafkaSourceOptions options);
  // Within a second or two if the brokers answer, else within a few broker_answer_timeout_ms.
  ~KafkaSource() override;
  KafkaSource(const KafkaSource&) = delete;
  KafkaSource& operator=(const KafkaSource&) = delete;

  // INVALID_ARGUMENT for options, DATA_LOSS for marks that cannot be used; does not wait for a broker.
  [[nodiscard]] absl::Status Open(const SourceMarks& marks) override;
  [[nodiscard]] absl::StatusOr<PolledRecords> Poll(int max_records, std::chrono::milliseconds max_wait) override;
  void Committed(const SourceMarks& marks) override;
  [[nodiscard]] SourceHealth Health() const override;

 private:
  class Reader;
  std::unique_ptr<Reader> reader_;
};

}  // namespace flosync
