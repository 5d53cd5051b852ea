#include "connectors/kafka/kafka_source.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spdlog/spdlog.h"

#include "connectors/kafka/broker_watch.h"
#include "connectors/kafka/client_conf.h"
#include "connectors/kafka/handles.h"
#include "connectors/kafka/kafka_health.h"
#include "connectors/kafka/partition_cursor.h"
#include "connectors/kafka/raw_record.h"
#include "connectors/kafka/topic_partition.h"

namespace flosync {
namespace {

using std::chrono::milliseconds, std::chrono::steady_clock;

constexpr size_t kMessagesAtOnce = 1024;
// While waiting for records, news of the watch is looked at this often.
constexpr milliseconds kNewsInterval{100};
// A leader that has just changed may call a good position out of range; its log is asked before that is believed. After
// so many contradictions in a row the brokers are not to be trusted.
constexpr int kMaxRangeDoubts = 20;

bool IsDamage(rd_kafka_resp_err_t error) {
  switch (error) {
    // librdkafka goes on behind what it could not read; we do not.
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return true;
    default:
      return false;
  }
}

absl::Status OutOfRange(const TopicPartition& where, int64_t wanted, const LogRange& range) {
  const std::string held = range.first == range.end
                               ? absl::StrCat("is empty and goes on at offset ", range.end)
                               : absl::StrCat("holds offsets ", range.first, " to ", range.end - 1);
  return absl::OutOfRangeError(absl::StrCat("Kafka topic ", where.topic, " partition ", where.partition, ": offset ",
                                            wanted, " is wanted next, but the log ", held,
                                            wanted < range.first ? ": records were deleted before they were read"
                                                                 : ": the topic was created anew or has lost records",
                                            ". Nothing is skipped: restore a backup of the state whose position the "
                                            "log still holds, or rebuild the state from a full "
                                            "load of the registers"));
}

absl::Status Damaged(const TopicPartition& where, int64_t position, const std::string& text) {
  return absl::DataLossError(absl::StrCat(
      "Kafka topic ", where.topic, " partition ", where.partition, ": the records from offset ", position,
      " cannot be read: ", text,
      ". Nothing is skipped: start again to try once more; if it stays, have the broker's log repaired, or "
      "rebuild the state from a full load of the registers"));
}

int64_t Bytes(const rd_kafka_message_t& message) { return static_cast<int64_t>(message.len + message.key_len); }

}  // namespace

// What Open builds up; in one object so that its parts end in the right order: watch, queue, client.
class KafkaSource::Reader {
 public:
  explicit Reader(KafkaSourceOptions options) : options_(std::move(options)), health_(options_.brokers) {}

  absl::Status Open(const SourceMarks& marks);
  absl::StatusOr<PolledRecords> Poll(int max_records, milliseconds max_wait);
  void Committed(const SourceMarks& marks);
  SourceHealth Health() const { return health_.Get(); }

 private:
  struct Partition {
    explicit Partition(PartitionCursor c) : cursor(std::move(c)) {}
    PartitionCursor cursor;
    bool taken = false;  // assigned to the client
    int range_doubts = 0;
  };

  absl::Status TakeNews();
  absl::Status Follow(const std::map<TopicPartition, PartitionChange>& changes);
  absl::Status Take(const TopicPartition& where);
  absl::Status GiveBack(Partition& partition);
  absl::Status JudgeRange(const TopicPartition& where, const LogRange& range);
  bool Fetch(milliseconds max_wait);
  void TakeFetched(int max_records, PolledRecords& polled);
  void TakeError(const rd_kafka_message_t& message);
  Partition* Find(const rd_kafka_message_t& message);
  void CollectChanges(PolledRecords& polled);

  const KafkaSourceOptions options_;
  KafkaHealth health_;
  absl::Status final_;
  std::map<TopicPartition, int64_t> marks_;
  std::map<TopicPartition, Partition> partitions_;
  const rd_kafka_topic_t* last_topic_ = nullptr;  // Find's last answer: neighbouring messages are of one partition
  Partition* last_partition_ = nullptr;
  int64_t polled_bytes_ = 0;

  ClientHandle client_;
  QueueHandle queue_;
  std::vector<MessageHandle> fetched_;  // taken from librdkafka, not yet returned; from next_fetched_ on
  size_t next_fetched_ = 0;
  mutable std::mutex watch_mutex_;  // Committed may come from another thread than Open
  std::unique_ptr<BrokerWatch> watch_;
};

absl::Status KafkaSource::Reader::Open(const SourceMarks& marks) {
  if (client_) return absl::FailedPreconditionError("the Kafka source is open");
  auto positions = ReadMarks(marks);
  if (!positions.ok()) return positions.status();
  marks_ = *std::move(positions);
  std::set<TopicPartition> marked;
  for (const auto& [where, position] : marks_) {
    if (std::ranges::count(options_.topics, where.topic) > 0) {
      marked.insert(where);
    } else {
      spdlog::warn("kafka: partition {} of topic {} was read before, but the topic is no longer configured",
                   where.partition, where.topic);
    }
  }

  auto conf = MakeClientConf(options_);
  if (!conf.ok()) return conf.status();
  auto group_client = NewClient(ConfHandle(rd_kafka_conf_dup(conf->get())));
  if (!group_client.ok()) return group_client.status();
  rd_kafka_conf_set_opaque(conf->get(), &health_);
  rd_kafka_conf_set_error_cb(conf->get(), [](rd_kafka_t*, int error, const char* reason, void* health) {
    static_cast<KafkaHealth*>(health)->NoteClientError(
        absl::StrCat(rd_kafka_err2str(static_cast<rd_kafka_resp_err_t>(error)), ": ", reason));
  });
  auto client = NewClient(*std::move(conf));
  if (!client.ok()) return client.status();
  client_ = *std::move(client);
  rd_kafka_poll_set_consumer(client_.get());
  queue_.reset(rd_kafka_queue_get_consumer(client_.get()));
  const std::lock_guard lock(watch_mutex_);
  watch_ = std::make_unique<BrokerWatch>(client_.get(), *std::move(group_client), options_, marked, &health_);
  watch_->Start();
  return absl::OkStatus();
}

absl::StatusOr<PolledRecords> KafkaSource::Reader::Poll(int max_records, milliseconds max_wait) {
  if (!client_) return absl::FailedPreconditionError("the Kafka source is not open");
  if (max_records < 1) return absl::InvalidArgumentError("max_records must be at least 1");
  const auto until = steady_clock::now() + max_wait;
  PolledRecords polled;
  polled_bytes_ = 0;
  while (true) {
    if (final_.ok()) final_ = TakeNews();
    if (!final_.ok()) return final_;
    const auto left = std::chrono::duration_cast<milliseconds>(until - steady_clock::now());
    if (Fetch(std::clamp(left, milliseconds(0), kNewsInterval))) TakeFetched(max_records, polled);
    while (final_.ok() && next_fetched_ == fetched_.size() && Fetch(milliseconds(0))) TakeFetched(max_records, polled);
    CollectChanges(polled);
    // A final error that came behind good records is told by the next Poll.
    if (!polled.records.empty() || (final_.ok() && !polled.progress.empty())) return polled;
    if (final_.ok() && steady_clock::now() >= until) return polled;
  }
}

absl::Status KafkaSource::Reader::TakeNews() {
  const BrokerNews news = watch_->TakeNews();
  if (absl::Status status = Follow(news.changes); !status.ok()) return status;
  for (const auto& [where, answer] : news.ends) {
    const auto found = partitions_.find(where);
    if (found == partitions_.end()) continue;
    if (answer) {
      found->second.cursor.HeardEnd(*answer);
    } else {
      found->second.cursor.LostEnd();
    }
  }
  for (const auto& [where, range] : news.ranges) {
    if (absl::Status status = JudgeRange(where, range); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status KafkaSource::Reader::Follow(const std::map<TopicPartition, PartitionChange>& changes) {
  for (const auto& [where, change] : changes) {
    // librdkafka must let go of a partition that no longer exists: left with it, it would neither read its successor
    // from our position nor ever end.
    const auto known = partitions_.find(where);
    if (change.lost && known != partitions_.end() && known->second.taken) {
      if (absl::Status status = GiveBack(known->second); !status.ok()) return status;
    }
    if (!change.exists) continue;
    if (absl::Status status = Take(where); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status KafkaSource::Reader::Take(const TopicPartition& where) {
  const auto mark = marks_.find(where);
  const std::optional<int64_t> marked = mark == marks_.end() ? std::nullopt : std::optional(mark->second);
  Partition& partition = partitions_.try_emplace(where, PartitionCursor(where, marked)).first->second;
  if (partition.taken) return absl::OkStatus();
  const std::optional<int64_t> position = partition.cursor.position();
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(), where.partition)->offset =
      position.value_or(RD_KAFKA_OFFSET_BEGINNING);
  const ErrorHandle error(rd_kafka_incremental_assign(client_.get(), list.get()));
  if (error)
    return absl::InternalError(absl::StrCat("a Kafka partition cannot be taken: ", rd_kafka_error_string(error.get())));
  partition.taken = true;
  spdlog::info("kafka: reading topic {} partition {} from {}", where.topic, where.partition,
               position ? absl::StrCat("offset ", *position) : "its beginning");
  return absl::OkStatus();
}

absl::Status KafkaSource::Reader::GiveBack(Partition& partition) {
  const TopicPartition& where = partition.cursor.where();
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(), where.partition);
  const ErrorHandle error(rd_kafka_incremental_unassign(client_.get(), list.get()));
  if (error) {
    return absl::InternalError(
        absl::StrCat("a Kafka partition cannot be given back: ", rd_kafka_error_string(error.get())));
  }
  partition.taken = false;
  spdlog::info("kafka: no longer reading topic {} partition {}", where.topic, where.partition);
  return absl::OkStatus();
}

absl::Status KafkaSource::Reader::JudgeRange(const TopicPartition& where, const LogRange& range) {
  Partition& partition = partitions_.at(where);
  const std::optional<int64_t> wanted = partition.cursor.position();
  if (wanted && (*wanted < range.first || *wanted > range.end)) return OutOfRange(where, *wanted, range);
  if (++partition.range_doubts > kMaxRangeDoubts) {
    return absl::InternalError(absl::StrCat("Kafka topic ", where.topic, " partition ", where.partition,
                                            ": the brokers refuse offset ", wanted.value_or(range.first),
                                            " and yet say that the log holds ", range.first, " to ", range.end - 1,
                                            ": repair the brokers, then start again"));
  }
  spdlog::warn("kafka: topic {} partition {}: the brokers took back that the position is out of range", where.topic,
               where.partition);
  if (absl::Status status = GiveBack(partition); !status.ok()) return status;
  return Take(where);
}

// Makes sure that something fetched is at hand; false if nothing has come within `max_wait`.
bool KafkaSource::Reader::Fetch(milliseconds max_wait) {
  if (next_fetched_ < fetched_.size()) return true;
  fetched_.clear();
  next_fetched_ = 0;
  std::array<rd_kafka_message_t*, kMessagesAtOnce> messages;
  // With a timeout the batch function would wait until the batch is full, so the waiting is done for a single message.
  const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), 0, messages.data(), messages.size());
  for (ssize_t i = 0; i < count; ++i) fetched_.emplace_back(messages[static_cast<size_t>(i)]);
  if (fetched_.empty() && max_wait.count() > 0) {
    MessageHandle message(rd_kafka_consume_queue(queue_.get(), static_cast<int>(max_wait.count())));
    if (message) fetched_.push_back(std::move(message));
  }
  return !fetched_.empty();
}

void KafkaSource::Reader::TakeFetched(int max_records, PolledRecords& polled) {
  for (; next_fetched_ < fetched_.size() && final_.ok(); ++next_fetched_) {
    const rd_kafka_message_t& message = *fetched_[next_fetched_];
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      TakeError(message);
      continue;
    }
    if (std::ssize(polled.records) >= max_records || polled_bytes_ >= options_.poll_max_bytes) return;
    Partition* partition = Find(message);
    if (partition == nullptr || !partition->cursor.Accept(message.offset)) continue;
    partition->range_doubts = 0;
    polled_bytes_ += Bytes(message);
    polled.records.push_back(ToRawRecord(partition->cursor.where(), message));
  }
}

void KafkaSource::Reader::TakeError(const rd_kafka_message_t& message) {
  Partition* partition = message.rkt == nullptr ? nullptr : Find(message);
  const std::string text = OneLine(rd_kafka_message_errstr(&message));
  if (partition == nullptr) {
    health_.NoteClientError(text);
  } else if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    partition->cursor.ReachedEnd(message.offset);
  } else if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
             message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    watch_->AskRange(partition->cursor.where());
  } else if (IsDamage(message.err)) {
    final_ = Damaged(partition->cursor.where(), partition->cursor.position().value_or(0), text);
  } else {
    health_.NoteClientError(text);
    watch_->RefreshSoon();
  }
}

KafkaSource::Reader::Partition* KafkaSource::Reader::Find(const rd_kafka_message_t& message) {
  if (last_partition_ != nullptr && message.rkt == last_topic_ &&
      message.partition == last_partition_->cursor.where().partition) {
    return last_partition_;
  }
  const auto found = partitions_.find({rd_kafka_topic_name(message.rkt), message.partition});
  if (found == partitions_.end()) return nullptr;
  last_topic_ = message.rkt;
  last_partition_ = &found->second;
  return last_partition_;
}

void KafkaSource::Reader::CollectChanges(PolledRecords& polled) {
  for (auto& [where, partition] : partitions_) {
    if (partition.cursor.TakeMoved())
      polled.marks[MarkName(where)] = absl::StrCat(partition.cursor.position().value_or(0));
    if (partition.cursor.TakeChanged()) polled.progress.push_back(partition.cursor.Progress());
  }
}

void KafkaSource::Reader::Committed(const SourceMarks& marks) {
  const std::lock_guard lock(watch_mutex_);
  if (watch_) watch_->OfferPositions(marks);
}

KafkaSource::KafkaSource(KafkaSourceOptions options) : reader_(std::make_unique<Reader>(std::move(options))) {}
KafkaSource::~KafkaSource() = default;

absl::Status KafkaSource::Open(const SourceMarks& marks) { return reader_->Open(marks); }

absl::StatusOr<PolledRecords> KafkaSource::Poll(int max_records, milliseconds max_wait) {
  return reader_->Poll(max_records, max_wait);
}

void KafkaSource::Committed(const SourceMarks& marks) { reader_->Committed(marks); }
SourceHealth KafkaSource::Health() const { return reader_->Health(); }

}  // namespace flosync
