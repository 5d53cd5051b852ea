// How far every partition has been read, and from when its next record counts as known (B1, B4, B9).
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <absl/status/status.h>

#include "domain/oslo.h"
#include "state/store/store.h"

namespace flosync {

struct PartitionState {
  int64_t first_offset = 0;            // of the first record applied
  int64_t next_offset = 0;             // of the records applied
  int64_t position = 0;                // where the source stands; beyond next_offset over gaps and control records
  Instant effective = Instant::Min();  // the greatest timestamp read (B9)
  std::optional<int64_t> end;
  bool at_end = false;
  Instant checked_at = Instant::Min();
  Instant next_cutoff = Instant::Min();  // the next t(d) of any day after `effective`
};

// One writer; not thread-safe.
class Partitions {
 public:
  using Key = std::pair<std::string, int32_t>;

  // `cutoff_delay`: how long after midnight a day is closed; where offsets pass that instant is kept.
  explicit Partitions(std::chrono::milliseconds cutoff_delay = std::chrono::hours(6)) : cutoff_delay_(cutoff_delay) {}

  [[nodiscard]] absl::Status Load(const View& view);
  // Takes the next record of a partition and gives the instant it is known from; nothing if its offset was read before
  // (E4).
  std::optional<Instant> Take(const std::string& topic, int32_t partition, int64_t offset, Instant timestamp);
  void Report(const std::string& topic, int32_t partition, int64_t position, std::optional<int64_t> end, bool at_end,
              Instant checked_at);
  void RaiseFloor(Instant floor, Batch& batch);
  // Writes what changed since the last call.
  void Write(Batch& batch);

  [[nodiscard]] const std::map<Key, PartitionState>& all() const { return partitions_; }
  // Everything there was up to `t` has been read from every partition: a record beyond it, or the end reached at or
  // after it.
  [[nodiscard]] bool ReadPast(Instant t) const;
  // Some partition is known, and every one has been read to its end.
  [[nodiscard]] bool AllAtEnd() const;
  // Least and greatest timestamp read (B2); nothing before the first record.
  [[nodiscard]] std::optional<Instant> first() const { return first_; }
  [[nodiscard]] std::optional<Instant> greatest() const { return greatest_; }
  [[nodiscard]] Instant floor() const { return floor_; }

 private:
  // Moves a partition's time on; `not_included` is the first offset that a cutoff passed now leaves out.
  void Advance(const Key& key, PartitionState& state, Instant timestamp, int64_t not_included);

  std::chrono::milliseconds cutoff_delay_;
  std::map<Key, PartitionState> partitions_;
  std::set<Key> changed_;
  // Offsets at which a partition's effective timestamp passed a t(d): where a snapshot's position is looked up (R18).
  std::map<std::pair<Key, int64_t>, int64_t> new_cuts_;
  std::optional<Instant> first_;
  std::optional<Instant> greatest_;
  Instant floor_ = Instant::Min();
};

// The first offset of the partition that is not known before `t` (R18); nothing if no record of it is.
[[nodiscard]] absl::StatusOr<std::optional<int64_t>> FirstOffsetNotIncluded(const View& view,
                                                                            const Partitions::Key& key,
                                                                            const PartitionState& partition, Instant t);

}  // namespace flosync
