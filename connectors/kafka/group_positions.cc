#include "connectors/kafka/group_positions.h"

#include <utility>

#include "spdlog/spdlog.h"

#include "connectors/kafka/kafka_health.h"
#include "connectors/kafka/topic_partition.h"

namespace flosync {
namespace {

// A group that a foreign consumer has taken refuses every request: no need to ask it twice a second.
constexpr std::chrono::seconds kPauseAfterFailure{10};
constexpr int kMaxReports = 100;

// The first thing that went wrong, empty if nothing did.
std::string ErrorOf(rd_kafka_event_t* answer) {
  if (rd_kafka_event_error(answer) != RD_KAFKA_RESP_ERR_NO_ERROR) return rd_kafka_event_error_string(answer);
  const rd_kafka_topic_partition_list_t* list = rd_kafka_event_topic_partition_list(answer);
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return rd_kafka_err2str(list->elems[i].err);
  }
  return {};
}

}  // namespace

GroupPositions::GroupPositions(ClientHandle client, std::string group_id)
    : client_(std::move(client)), group_id_(std::move(group_id)), answers_(rd_kafka_queue_new(client_.get())) {
  rd_kafka_poll_set_consumer(client_.get());
}

GroupPositions::~GroupPositions() = default;

void GroupPositions::Offer(const SourceMarks& marks) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, text] : marks) waiting_.insert_or_assign(name, text);
}

void GroupPositions::Serve() {
  // What the client reports of itself must not pile up; it matters to nobody.
  for (int i = 0; i < kMaxReports; ++i) {
    if (!MessageHandle(rd_kafka_consumer_poll(client_.get(), 0))) break;
  }
  TakeAnswer(0);
  if (under_way_ || std::chrono::steady_clock::now() < next_try_) return;
  {
    const std::lock_guard lock(mutex_);
    sent_ = std::exchange(waiting_, {});
  }
  if (!sent_.empty()) Send(sent_);
}

void GroupPositions::Flush(std::chrono::milliseconds max_wait) {
  const int half_ms = static_cast<int>(max_wait.count() / 2);
  if (under_way_ && !TakeAnswer(half_ms)) return;
  Serve();
  if (under_way_) TakeAnswer(half_ms);
}

void GroupPositions::Send(const SourceMarks& marks) {
  const auto positions = ReadMarks(marks);
  if (!positions.ok() || positions->empty()) return;
  PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(positions->size())));
  for (const auto& [where, position] : *positions) {
    rd_kafka_topic_partition_list_add(list.get(), where.topic.c_str(), where.partition)->offset = position;
  }
  const rd_kafka_resp_err_t error = rd_kafka_commit_queue(client_.get(), list.get(), answers_.get(), nullptr, nullptr);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
    under_way_ = true;
  } else {
    NoteOutcome(rd_kafka_err2str(error));
  }
}

bool GroupPositions::TakeAnswer(int max_wait_ms) {
  const EventHandle answer(rd_kafka_queue_poll(answers_.get(), max_wait_ms));
  if (!answer) return false;
  under_way_ = false;
  NoteOutcome(ErrorOf(answer.get()));
  return true;
}

void GroupPositions::PutBack() {
  next_try_ = std::chrono::steady_clock::now() + kPauseAfterFailure;
  const std::lock_guard lock(mutex_);
  waiting_.insert(sent_.begin(), sent_.end());
}

void GroupPositions::NoteOutcome(const std::string& error) {
  if (!error.empty()) PutBack();
  if (error == last_error_) return;
  if (error.empty()) {
    spdlog::info("kafka: group {} shows flosync's positions again", group_id_);
  } else {
    spdlog::warn(
        "kafka: flosync's positions could not be written to group {} ({}): lag tools show old figures, reading is not "
        "affected; if a foreign consumer has joined the group, it must leave",
        group_id_, OneLine(error));
  }
  last_error_ = error;
}

}  // namespace flosync
