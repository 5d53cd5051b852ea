// How far one partition has been read, and where its end was when the brokers were last asked.
#pragma once

#include <cstdint>
#include <optional>

#include "connectors/kafka/topic_partition.h"
#include "connectors/record.h"

namespace flosync {

// What the leader of a partition answered to a question sent at `asked_at`: every record it held then is below `end`
// (the last stable offset: records of transactions still open are not there yet).
struct EndAnswer {
  int64_t end = 0;
  Instant asked_at;
};

// Operation: Accept and ReachedEnd move the position, never back; HeardEnd takes the brokers' answers. The partition is
// at its end as of `asked_at` once the position has reached that answer's `end`. Under steady traffic the newest answer
// is always a little ahead, so the oldest unreached answer is kept as a target beside it; otherwise the end would never
// be seen as reached.
//
// Concurrency: none; belongs to the polling thread.
//
//   PartitionCursor cursor({"hpr.person", 0}, 17);
//   cursor.Accept(17);                     // true: position 18
//   cursor.Accept(17);                     // false: it has been delivered
//   cursor.HeardEnd({.end = 18, .asked_at = t});
//   cursor.Progress().at_end;              // true, checked_at == t
class PartitionCursor {
 public:
  // `mark` is the next offset to read; nothing means from the beginning, wherever the log begins.
  PartitionCursor(TopicPartition where, std::optional<int64_t> mark);

  // Takes the record at `offset`; false if it lies below the position and must not be delivered again.
  [[nodiscard]] bool Accept(int64_t offset);
  // The consumer has come to the end at `offset`: gaps and control records before it count as read.
  void ReachedEnd(int64_t offset);
  void HeardEnd(const EndAnswer& answer);
  // The brokers could not tell: neither an end nor "at end" is claimed until they do.
  void LostEnd();

  [[nodiscard]] const TopicPartition& where() const { return where_; }
  // Nothing until the beginning of a partition without a mark is known.
  [[nodiscard]] std::optional<int64_t> position() const { return position_; }
  [[nodiscard]] PartitionProgress Progress() const;

  // Whether position or progress have changed since the last call.
  [[nodiscard]] bool TakeMoved();
  [[nodiscard]] bool TakeChanged();

 private:
  void MoveTo(int64_t position);
  [[nodiscard]] bool Reached(const std::optional<EndAnswer>& answer) const;

  TopicPartition where_;
  std::optional<int64_t> position_;
  // The log was at least this long once; a shorter answer means that it is not the same log any more.
  int64_t longest_end_ = 0;
  std::optional<EndAnswer> newest_;
  std::optional<EndAnswer> target_;
  bool moved_ = false;
  bool changed_ = false;
};

}  // namespace flosync
