#include "connectors/kafka/partition_cursor.h"

#include <algorithm>
#include <utility>

namespace flosync {

PartitionCursor::PartitionCursor(TopicPartition where, std::optional<int64_t> mark)
    : where_(std::move(where)), position_(mark), longest_end_(mark.value_or(0)) {}

void PartitionCursor::MoveTo(int64_t position) {
  position_ = position;
  moved_ = true;
  changed_ = true;
}

bool PartitionCursor::Accept(int64_t offset) {
  if (position_ && offset < *position_) return false;
  MoveTo(offset + 1);
  return true;
}

void PartitionCursor::ReachedEnd(int64_t offset) {
  // The first end of an unread partition moves even from nothing to 0: from then on a mark guards against records that
  // come and are deleted again while flosync is away.
  if (!position_ || offset > *position_) MoveTo(offset);
}

void PartitionCursor::HeardEnd(const EndAnswer& answer) {
  if (answer.end < longest_end_) {
    LostEnd();
    return;
  }
  longest_end_ = answer.end;
  if (!target_ || Reached(target_)) target_ = answer;
  newest_ = answer;
  changed_ = true;
}

void PartitionCursor::LostEnd() {
  if (!newest_) return;
  newest_.reset();
  target_.reset();
  changed_ = true;
}

bool PartitionCursor::Reached(const std::optional<EndAnswer>& answer) const {
  return answer && position_.value_or(0) >= answer->end;
}

PartitionProgress PartitionCursor::Progress() const {
  PartitionProgress progress;
  progress.topic = where_.topic;
  progress.partition = where_.partition;
  progress.position = position_.value_or(0);
  if (!newest_) return progress;
  const bool newest_reached = Reached(newest_);
  progress.end = std::max(newest_->end, progress.position);
  progress.at_end = newest_reached || Reached(target_);
  progress.checked_at = newest_reached || !progress.at_end ? newest_->asked_at : target_->asked_at;
  return progress;
}

bool PartitionCursor::TakeMoved() { return std::exchange(moved_, false); }
bool PartitionCursor::TakeChanged() { return std::exchange(changed_, false); }

}  // namespace flosync
