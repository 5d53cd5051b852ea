#include "connectors/kafka/kafka_record_finder.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "connectors/kafka/client_conf.h"
#include "connectors/kafka/handles.h"
#include "connectors/kafka/kafka_health.h"
#include "connectors/kafka/raw_record.h"
#include "connectors/kafka/topic_partition.h"

namespace flosync {
namespace {

using std::chrono::milliseconds, std::chrono::steady_clock;

// So long nothing may be heard of what was asked.
constexpr std::chrono::seconds kPatience{10};
constexpr int kAskMs = 1000;
constexpr milliseconds kPause{100};
// A record so many offsets ahead is read on to; going to it costs a new fetch.
constexpr int64_t kReadOnOffsets = 500;
// The consumer wants a few records, not a store of them.
constexpr int32_t kQueuedKbytes = 16 * 1024;

using MetadataHandle = std::unique_ptr<const rd_kafka_metadata_t, Releaser<rd_kafka_metadata_destroy>>;
// The places of one partition, by offset.
using Offsets = std::map<int64_t, size_t>;

absl::Status Stopping() { return absl::CancelledError("the daemon is stopping; try again when it is back"); }

class Search {
 public:
  Search(rd_kafka_t* client, const std::string& brokers, const std::atomic<bool>& stop)
      : client_(client), brokers_(brokers), stop_(stop) {}

  // The partitions that the topic has; none if there is no such topic.
  absl::StatusOr<std::set<int32_t>> PartitionsOf(const std::string& topic) const;
  absl::Status FindIn(const TopicPartition& where, const std::vector<RecordPlace>& places, const Offsets& wanted,
                      const RecordFinder::Take& take);

 private:
  // Asks until the brokers answer; `ask` gives librdkafka's error.
  template <typename Ask>
  absl::Status Patiently(const Ask& ask) const;
  absl::Status Unanswered(std::string_view why) const;
  absl::Status GoTo(const TopicPartition& where, int64_t offset);
  // The record at the offset, until the next call; nullptr if it is gone. Offsets ascend.
  absl::StatusOr<const rd_kafka_message_t*> ReadAt(const TopicPartition& where, int64_t offset);
  // The next message of the partition; none at its end.
  absl::StatusOr<MessageHandle> Next(const TopicPartition& where) const;

  rd_kafka_t* const client_;
  const std::string& brokers_;
  const std::atomic<bool>& stop_;
  // Of the partition being read.
  int64_t next_ = -1;  // offset to be fetched next; -1 = none yet
  bool ended_ = false;
  MessageHandle last_;
};

absl::Status Search::Unanswered(std::string_view why) const {
  return absl::UnavailableError(
      absl::StrCat("the brokers ", brokers_, " do not give the records that are to be read again (",
                   OneLine(std::string(why)), "); see `flosync status` for the connection and try again"));
}

template <typename Ask>
absl::Status Search::Patiently(const Ask& ask) const {
  const auto until = steady_clock::now() + kPatience;
  while (true) {
    const rd_kafka_resp_err_t error = ask();
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
    if (stop_) return Stopping();
    if (steady_clock::now() >= until) return Unanswered(rd_kafka_err2str(error));
    std::this_thread::sleep_for(kPause);
  }
}

absl::StatusOr<std::set<int32_t>> Search::PartitionsOf(const std::string& topic) const {
  const TopicHandle handle(rd_kafka_topic_new(client_, topic.c_str(), nullptr));
  MetadataHandle metadata;
  const absl::Status asked = Patiently([&] {
    const rd_kafka_metadata_t* received = nullptr;
    const rd_kafka_resp_err_t error = rd_kafka_metadata(client_, 0, handle.get(), &received, kAskMs);
    metadata.reset(received);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR || received->topic_cnt != 1) return error;
    const rd_kafka_resp_err_t of_topic = received->topics[0].err;
    return of_topic == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ? RD_KAFKA_RESP_ERR_NO_ERROR : of_topic;
  });
  if (!asked.ok()) return asked;
  std::set<int32_t> partitions;
  for (int i = 0; metadata->topic_cnt == 1 && i < metadata->topics[0].partition_cnt; ++i) {
    partitions.insert(metadata->topics[0].partitions[i].id);
  }
  return partitions;
}

absl::Status Search::FindIn(const TopicPartition& where, const std::vector<RecordPlace>& places, const Offsets& wanted,
                            const RecordFinder::Take& take) {
  next_ = -1;
  ended_ = false;
  last_.reset();
  int64_t begin = 0;
  int64_t end = 0;
  absl::Status asked = Patiently([&] {
    return rd_kafka_query_watermark_offsets(client_, where.topic.c_str(), where.partition, &begin, &end, kAskMs);
  });
  if (!asked.ok()) return asked;
  for (const auto& [offset, place] : wanted) {
    if (offset < begin || offset >= end || !places[place].line.empty()) continue;
    const auto message = ReadAt(where, offset);
    if (!message.ok()) return message.status();
    if (*message == nullptr) continue;
    if (absl::Status taken = take(place, ToRawRecord(where, **message)); !taken.ok()) return taken;
  }
  return absl::OkStatus();
}

absl::Status Search::GoTo(const TopicPartition& where, int64_t offset) {
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(), where.partition)->offset = offset;
  const rd_kafka_resp_err_t error = rd_kafka_assign(client_, list.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return Unanswered(rd_kafka_err2str(error));
  next_ = offset;
  return absl::OkStatus();
}

absl::StatusOr<const rd_kafka_message_t*> Search::ReadAt(const TopicPartition& where, int64_t offset) {
  if (next_ < 0 || offset > next_ + kReadOnOffsets) {
    if (absl::Status gone_to = GoTo(where, offset); !gone_to.ok()) return gone_to;
  }
  // What was read last may lie beyond a gap, and so may this offset.
  while (!ended_ && next_ <= offset) {
    auto message = Next(where);
    if (!message.ok()) return message.status();
    last_ = *std::move(message);
    ended_ = last_ == nullptr;
    if (!ended_) next_ = last_->offset + 1;
  }
  return last_ && last_->offset == offset ? last_.get() : nullptr;
}

absl::StatusOr<MessageHandle> Search::Next(const TopicPartition& where) const {
  std::string problem = "no answer";
  const auto until = steady_clock::now() + kPatience;
  while (steady_clock::now() < until) {
    if (stop_) return Stopping();
    MessageHandle message(rd_kafka_consumer_poll(client_, static_cast<int>(kPause.count())));
    if (!message) continue;
    const bool ours = message->rkt != nullptr && message->partition == where.partition &&
                      rd_kafka_topic_name(message->rkt) == where.topic;
    if (ours && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return message;
    if (ours && message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return MessageHandle();
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) problem = rd_kafka_message_errstr(message.get());
  }
  return Unanswered(problem);
}

}  // namespace

absl::Status KafkaRecordFinder::Find(const std::vector<RecordPlace>& places, const std::atomic<bool>& stop,
                                     const Take& take) {
  KafkaSourceOptions options = options_;
  options.queued_max_kbytes = kQueuedKbytes;
  auto conf = MakeClientConf(options);
  if (!conf.ok()) return conf.status();
  const auto client = NewClient(*std::move(conf));
  if (!client.ok()) return client.status();
  rd_kafka_poll_set_consumer(client->get());
  std::map<std::string, std::map<int32_t, Offsets>> topics;
  for (size_t i = 0; i < places.size(); ++i) topics[places[i].topic][places[i].partition][places[i].offset] = i;
  Search search(client->get(), options.brokers, stop);
  for (const auto& [topic, wanted] : topics) {
    const auto present = search.PartitionsOf(topic);
    if (!present.ok()) return present.status();
    for (const auto& [partition, offsets] : wanted) {
      if (!present->contains(partition)) continue;
      if (absl::Status found = search.FindIn({topic, partition}, places, offsets, take); !found.ok()) return found;
    }
  }
  return absl::OkStatus();
}

}  // namespace flosync
