#include "connectors/kafka/group_positions.h"

#include <utility>

#include "connectors/kafka/kafka_health.h"
#include "connectors/kafka/topic_partition.h"
#include "spdlog/spdlog.h"

namespace flosync {
namespace {

using AlterHandle =
    std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t, Releaser<rd_kafka_AlterConsumerGroupOffsets_destroy>>;
using AdminOptionsHandle = std::unique_ptr<rd_kafka_AdminOptions_t, Releaser<rd_kafka_AdminOptions_destroy>>;

// A group that a foreign consumer has taken refuses every request: no need to ask it twice a second.
constexpr std::chrono::seconds kPauseAfterFailure{10};

// The first thing that went wrong, empty if nothing did.
std::string ErrorOf(rd_kafka_event_t* answer) {
  if (rd_kafka_event_error(answer) != RD_KAFKA_RESP_ERR_NO_ERROR) return rd_kafka_event_error_string(answer);
  const auto* result = rd_kafka_event_AlterConsumerGroupOffsets_result(answer);
  if (result == nullptr) return {};
  size_t count = 0;
  const rd_kafka_group_result_t** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &count);
  for (size_t i = 0; i < count; ++i) {
    if (const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[i])) return rd_kafka_error_string(error);
    const rd_kafka_topic_partition_list_t* list = rd_kafka_group_result_partitions(groups[i]);
    for (int k = 0; list != nullptr && k < list->cnt; ++k) {
      if (list->elems[k].err != RD_KAFKA_RESP_ERR_NO_ERROR) return rd_kafka_err2str(list->elems[k].err);
    }
  }
  return {};
}

}  // namespace

GroupPositions::GroupPositions(rd_kafka_t* client, std::string group_id, int timeout_ms)
    : client_(client), group_id_(std::move(group_id)), timeout_ms_(timeout_ms), answers_(rd_kafka_queue_new(client)) {}

GroupPositions::~GroupPositions() = default;

void GroupPositions::Offer(const SourceMarks& marks) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, text] : marks) waiting_.insert_or_assign(name, text);
}

void GroupPositions::Serve() {
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
  AlterHandle alter(rd_kafka_AlterConsumerGroupOffsets_new(group_id_.c_str(), list.get()));
  AdminOptionsHandle options(rd_kafka_AdminOptions_new(client_, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS));
  char error[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms_, error, sizeof error);
  rd_kafka_AlterConsumerGroupOffsets_t* requests[] = {alter.get()};
  rd_kafka_AlterConsumerGroupOffsets(client_, requests, 1, options.get(), answers_.get());
  under_way_ = true;
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
