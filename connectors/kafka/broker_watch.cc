#include "connectors/kafka/broker_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "spdlog/spdlog.h"

namespace flosync {
namespace {

using MetadataHandle = std::unique_ptr<const rd_kafka_metadata_t, Releaser<rd_kafka_metadata_destroy>>;

// ListOffsets takes this in place of a timestamp and answers with the last stable offset.
constexpr int64_t kLatest = RD_KAFKA_OFFSET_END;
constexpr std::chrono::milliseconds kLastPositionsWait{1000};

const rd_kafka_metadata_topic_t* FindTopic(const rd_kafka_metadata_t& metadata, const std::string& name) {
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    if (name == metadata.topics[i].topic) return &metadata.topics[i];
  }
  return nullptr;
}

// librdkafka's own errors are negative: nobody answered. The others are a broker's answers.
bool ComesFromBroker(rd_kafka_resp_err_t error) { return error > RD_KAFKA_RESP_ERR_NO_ERROR; }

bool IsMissing(const rd_kafka_metadata_topic_t* described) {
  return described == nullptr || described->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
         described->err == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
}

std::string MissingProblem(const std::string& name, bool was_read) {
  if (!was_read) {
    return absl::StrCat("topic ", name, " does not exist: waiting for it; create it, or correct the configured name");
  }
  return absl::StrCat(
      "topic ", name,
      " no longer exists: waiting for it; if it was deleted, its records so far stay in the state, and the state "
      "must be rebuilt from a full load once the topic is created again");
}

std::string LostProblem(const std::string& name, const std::vector<int32_t>& lost) {
  return absl::StrCat("topic ", name, " no longer has partition ", absl::StrJoin(lost, ", "),
                      ": it was deleted and created again with fewer; rebuild the state from a full load");
}

}  // namespace

BrokerWatch::BrokerWatch(rd_kafka_t* client, ClientHandle group_client, const KafkaSourceOptions& options,
                         const std::set<TopicPartition>& marked, KafkaHealth* health)
    : client_(client), options_(options), health_(health), group_positions_(std::move(group_client), options.group_id) {
  for (const std::string& name : options_.topics) {
    topics_[name].handle.reset(rd_kafka_topic_new(client_, name.c_str(), nullptr));
  }
  for (const TopicPartition& where : marked) topics_[where.topic].known.insert(where.partition);
}

BrokerWatch::~BrokerWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void BrokerWatch::Start() {
  thread_ = std::thread([this] { Run(); });
}

BrokerNews BrokerWatch::TakeNews() {
  const std::lock_guard lock(mutex_);
  return std::exchange(news_, {});
}

void BrokerWatch::AskRange(const TopicPartition& where) {
  {
    const std::lock_guard lock(mutex_);
    ranges_wanted_.insert(where);
  }
  wake_.notify_all();
}

void BrokerWatch::RefreshSoon() {
  const std::lock_guard lock(mutex_);
  refresh_soon_ = true;
}

void BrokerWatch::Run() {
  do {
    Round();
  } while (WaitForNextRound());
  if (health_->Get().connected) group_positions_.Flush(kLastPositionsWait);
}

bool BrokerWatch::WaitForNextRound() {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, std::chrono::milliseconds(options_.end_check_interval_ms), [this] { return stopping_; });
  return !stopping_;
}

void BrokerWatch::Round() {
  const Instant begun = WallClock();
  bool refresh = std::chrono::steady_clock::now() >= next_refresh_;
  {
    const std::lock_guard lock(mutex_);
    refresh = refresh || refresh_soon_;
    refresh_soon_ = false;
  }
  std::string unanswered = refresh ? RefreshPartitions() : "";
  if (unanswered.empty()) unanswered = AskEnds();
  if (unanswered.empty()) AnswerRanges();
  if (!unanswered.empty()) RefreshSoon();
  health_->ReportRound(begun, !unanswered.empty(), unanswered.empty() ? TopicProblems() : unanswered);
  group_positions_.Serve();
}

std::string BrokerWatch::RefreshPartitions() {
  const rd_kafka_metadata_t* received = nullptr;
  // The topics asked for are those with a handle: ours, and no others of a large cluster.
  const rd_kafka_resp_err_t error =
      rd_kafka_metadata(client_, 0, nullptr, &received, options_.broker_answer_timeout_ms);
  const MetadataHandle metadata(received);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return rd_kafka_err2str(error);
  for (auto& [name, view] : topics_) TakeTopic(name, view, FindTopic(*metadata, name));
  next_refresh_ = std::chrono::steady_clock::now() +
                  std::chrono::milliseconds(AnyTopicIncomplete() ? std::min(options_.missing_topic_refresh_interval_ms,
                                                                            options_.metadata_refresh_interval_ms)
                                                                 : options_.metadata_refresh_interval_ms);
  return {};
}

void BrokerWatch::TakeTopic(const std::string& name, TopicView& view, const rd_kafka_metadata_topic_t* described) {
  view.led.clear();
  view.problem.clear();
  std::set<int32_t> present;
  if (IsMissing(described)) {
    view.problem = MissingProblem(name, !view.known.empty());
  } else if (described->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    view.problem = absl::StrCat("topic ", name, ": ", rd_kafka_err2str(described->err));
    present = view.present;  // the brokers say nothing of its partitions
  } else {
    for (int i = 0; i < described->partition_cnt; ++i) {
      const rd_kafka_metadata_partition_t& partition = described->partitions[i];
      present.insert(partition.id);
      if (partition.leader >= 0) {
        view.led.insert(partition.id);
      } else if (view.problem.empty()) {
        view.problem =
            absl::StrCat("topic ", name, " partition ", partition.id, " has no leader: waiting for its broker");
      }
    }
    std::vector<int32_t> lost;
    std::ranges::set_difference(view.known, present, std::back_inserter(lost));
    if (!lost.empty()) view.problem = LostProblem(name, lost);
  }
  TakePartitions(name, view, present);
}

void BrokerWatch::TakePartitions(const std::string& name, TopicView& view, const std::set<int32_t>& present) {
  const std::lock_guard lock(mutex_);
  for (const int32_t partition : view.present) {
    if (!view.led.contains(partition)) news_.ends[{name, partition}] = std::nullopt;
    if (!present.contains(partition)) news_.changes[{name, partition}] = {.lost = true, .exists = false};
  }
  for (const int32_t partition : present) {
    if (!view.present.contains(partition)) news_.changes[{name, partition}].exists = true;
  }
  view.present = present;
  view.known.insert(present.begin(), present.end());
}

PartitionListHandle BrokerWatch::LedPartitions() const {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(16));
  for (const auto& [name, view] : topics_) {
    for (const int32_t partition : view.led) {
      rd_kafka_topic_partition_list_add(list.get(), name.c_str(), partition)->offset = kLatest;
    }
  }
  return list;
}

std::string BrokerWatch::AskEnds() {
  end_problem_.clear();
  const PartitionListHandle list = LedPartitions();
  if (list->cnt == 0) return {};
  // Taken before the question leaves: whatever the leader held at this instant is below the end it answers with.
  const Instant asked_at = WallClock();
  const rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(client_, list.get(), options_.broker_answer_timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    RefreshSoon();
    if (!ComesFromBroker(error)) return rd_kafka_err2str(error);
    // A single partition that has gone or moved spoils the whole answer until the next look at the topics.
    end_problem_ = absl::StrCat("the ends of the partitions are not known: ", rd_kafka_err2str(error));
    ForgetEnds(*list);
    return {};
  }
  const std::lock_guard lock(mutex_);
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& answer = list->elems[i];
    const bool known = answer.err == RD_KAFKA_RESP_ERR_NO_ERROR && answer.offset >= 0;
    news_.ends[{answer.topic, answer.partition}] =
        known ? std::optional(EndAnswer{.end = answer.offset, .asked_at = asked_at}) : std::nullopt;
    if (!known) {
      refresh_soon_ = true;
      end_problem_ = absl::StrCat("topic ", answer.topic, " partition ", answer.partition,
                                  ": its end is not known: ", rd_kafka_err2str(answer.err));
    }
  }
  return {};
}

void BrokerWatch::ForgetEnds(const rd_kafka_topic_partition_list_t& list) {
  const std::lock_guard lock(mutex_);
  for (int i = 0; i < list.cnt; ++i) news_.ends[{list.elems[i].topic, list.elems[i].partition}] = std::nullopt;
}

void BrokerWatch::AnswerRanges() {
  std::set<TopicPartition> wanted;
  {
    const std::lock_guard lock(mutex_);
    wanted = ranges_wanted_;
  }
  for (const TopicPartition& where : wanted) {
    LogRange range;
    const rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
        client_, where.topic.c_str(), where.partition, &range.first, &range.end, options_.broker_answer_timeout_ms);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      spdlog::debug("kafka: range of {}/{}: {}", where.topic, where.partition, rd_kafka_err2str(error));
      return;  // asked again in the next round
    }
    const std::lock_guard lock(mutex_);
    news_.ranges[where] = range;
    ranges_wanted_.erase(where);
  }
}

std::string BrokerWatch::TopicProblems() const {
  std::vector<std::string> problems;
  for (const auto& [name, view] : topics_) {
    if (!view.problem.empty()) problems.push_back(view.problem);
  }
  if (problems.empty()) return end_problem_;
  if (problems.size() <= 2) return absl::StrJoin(problems, "; ");
  return absl::StrCat(problems[0], "; and ", problems.size() - 1, " more topics");
}

bool BrokerWatch::AnyTopicIncomplete() const {
  return std::ranges::any_of(topics_, [](const auto& entry) { return !entry.second.problem.empty(); });
}

}  // namespace flosync
