// Asks the brokers, on a thread of its own, what the consumer cannot tell while it waits for records.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "connectors/kafka/group_positions.h"
#include "connectors/kafka/handles.h"
#include "connectors/kafka/kafka_health.h"
#include "connectors/kafka/kafka_source.h"
#include "connectors/kafka/partition_cursor.h"

namespace flosync {

// What a log holds: offsets [first, end).
struct LogRange {
  int64_t first = 0;
  int64_t end = 0;
};

// A partition that came, went, or went and came back.
struct PartitionChange {
  bool lost = false;    // there was a time when it did not exist
  bool exists = false;  // as last heard
};

// What has been learnt since the polling thread last asked: the newest of each kind for each partition, so it is
// bounded by their number. In `ends`, nothing means that the brokers cannot tell at present.
struct BrokerNews {
  std::map<TopicPartition, PartitionChange> changes;
  std::map<TopicPartition, std::optional<EndAnswer>> ends;
  std::map<TopicPartition, LogRange> ranges;  // answers to AskRange
};

// Operation: one round every `end_check_interval_ms`: the partitions of the topics (when due), the ends of all
// partitions (one request for each leader), ranges asked for, positions for the group. A fetch that waits at the end
// would prove the same as asking for the end, but librdkafka tells the application of an end only once; hence the
// question. Each question waits at most `broker_answer_timeout_ms`, so Stop returns within a few of these.
//
// Concurrency: the public functions may be called from any thread.
// Limitations: a topic deleted and created again between two looks is not noticed as such when its new log covers the
// position.
class BrokerWatch {
 public:
  // `client` and `health` outlive this; `group_client` writes positions to the group. `marked`: the partitions that
  // were read before the start.
  BrokerWatch(rd_kafka_t* client, ClientHandle group_client, const KafkaSourceOptions& options,
              const std::set<TopicPartition>& marked, KafkaHealth* health);
  ~BrokerWatch();
  BrokerWatch(const BrokerWatch&) = delete;
  BrokerWatch& operator=(const BrokerWatch&) = delete;

  void Start();
  [[nodiscard]] BrokerNews TakeNews();
  // What does the log of this partition hold? The answer comes with the news, as late as the brokers give it.
  void AskRange(const TopicPartition& where);
  // Something about topics or leaders has changed: look at them in the next round.
  void RefreshSoon();
  void OfferPositions(const SourceMarks& marks) { group_positions_.Offer(marks); }

 private:
  struct TopicView {
    TopicHandle handle;         // keeps the topic among those librdkafka asks for
    std::set<int32_t> known;    // ever found, or read before the start
    std::set<int32_t> present;  // exist, as last heard; told to the polling thread
    std::set<int32_t> led;      // have a leader as well
    std::string problem;        // empty if all is well
  };

  void Run();
  void Round();
  // Each returns why no broker could be asked, empty if one answered.
  std::string RefreshPartitions();
  std::string AskEnds();
  void ForgetEnds(const rd_kafka_topic_partition_list_t& list);
  void AnswerRanges();

  void TakeTopic(const std::string& name, TopicView& view, const rd_kafka_metadata_topic_t* described);
  void TakePartitions(const std::string& name, TopicView& view, const std::set<int32_t>& present);
  [[nodiscard]] PartitionListHandle LedPartitions() const;
  [[nodiscard]] std::string TopicProblems() const;
  [[nodiscard]] bool AnyTopicIncomplete() const;
  bool WaitForNextRound();

  rd_kafka_t* const client_;
  const KafkaSourceOptions options_;
  KafkaHealth* const health_;
  GroupPositions group_positions_;

  // Of the watch's own thread.
  std::map<std::string, TopicView> topics_;
  std::chrono::steady_clock::time_point next_refresh_;
  std::string end_problem_;  // why some end is not known although the brokers answer

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool refresh_soon_ = true;
  std::set<TopicPartition> ranges_wanted_;
  BrokerNews news_;

  std::thread thread_;
};

}  // namespace flosync
