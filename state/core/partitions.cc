#include "state/core/partitions.h"

#include <algorithm>

#include "state/snapshots/schedule.h"
#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

constexpr std::string_view kBoundsKey = "bounds";
constexpr std::string_view kFloorKey = "floor";
constexpr std::string_view kPartitionPrefix = "partition/";

std::string CutKey(const Partitions::Key& key, int64_t ms) {
  return KeyBuilder().Raw(CutPrefix(key.first, key.second)).Number64(ms).Take();
}

}  // namespace

absl::Status Partitions::Load(const View& view) {
  absl::Status failed;
  const absl::Status walked =
      view.Each(Family::kMeta, kPartitionPrefix, [&](std::string_view key, std::string_view value) {
        const auto stored = ParseStored<store::v1::StoredPartition>(value);
        if (!stored.ok()) {
          failed = stored.status();
          return false;
        }
        KeyReader reader(key.substr(kPartitionPrefix.size()));
        const std::string topic = reader.Text();
        PartitionState& state = partitions_[{topic, reader.Number32()}];
        state.first_offset = stored->first_offset();
        state.next_offset = stored->next_offset();
        state.position = stored->position();
        state.effective = {stored->effective_ms()};
        if (stored->has_end()) state.end = stored->end();
        // `at_end` is left false: only the source knows after a restart.
        state.checked_at = {stored->checked_at_ms()};
        if (state.effective != Instant::Min()) state.next_cutoff = NextCutoff(state.effective, cutoff_delay_);
        return true;
      });
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  const auto bounds = view.Get(Family::kMeta, kBoundsKey);
  if (!bounds.ok()) return bounds.status();
  if (bounds->has_value()) {
    const auto stored = ParseStored<store::v1::StoredBounds>(**bounds);
    if (!stored.ok()) return stored.status();
    first_ = Instant{stored->first_ms()};
    greatest_ = Instant{stored->greatest_ms()};
  }
  const auto floor = view.Get(Family::kMeta, kFloorKey);
  if (!floor.ok()) return floor.status();
  if (floor->has_value()) floor_ = {KeyReader(**floor).Number64()};
  return absl::OkStatus();
}

std::optional<Instant> Partitions::Take(const std::string& topic, int32_t partition, int64_t offset,
                                        Instant timestamp) {
  const Key key{topic, partition};
  const auto [it, fresh] = partitions_.try_emplace(key);
  PartitionState& state = it->second;
  const bool read_before = !fresh && offset < state.next_offset;
  // Read is read: a repeated offset moves the partition's time on as well (B9).
  if (read_before) {
    Advance(key, state, timestamp, state.next_offset);
    return std::nullopt;
  }
  if (state.effective == Instant::Min()) state.first_offset = state.next_offset = offset;
  const int64_t not_included =
      state.next_offset;  // if this record is beyond a cutoff; gaps name no offset of their own
  state.next_offset = offset + 1;
  state.position = std::max(state.position, offset + 1);
  Advance(key, state, timestamp, not_included);
  return state.effective;
}

void Partitions::Advance(const Key& key, PartitionState& state, Instant timestamp, int64_t not_included) {
  state.effective = std::max({state.effective, timestamp, floor_});
  if (state.effective >= state.next_cutoff) {
    new_cuts_.try_emplace({key, state.effective.ms}, not_included);
    state.next_cutoff = NextCutoff(state.effective, cutoff_delay_);
  }
  first_ = first_ ? std::min(*first_, state.effective) : state.effective;
  greatest_ = greatest_ ? std::max(*greatest_, state.effective) : state.effective;
  changed_.insert(key);
}

void Partitions::Report(const std::string& topic, int32_t partition, int64_t position, std::optional<int64_t> end,
                        bool at_end, Instant checked_at) {
  const Key key{topic, partition};
  PartitionState& state = partitions_[key];
  state.position = std::max(state.position, position);
  state.end = end;
  state.at_end = at_end;
  state.checked_at = checked_at;
  changed_.insert(key);
}

void Partitions::RaiseFloor(Instant floor, Batch& batch) {
  floor_ = std::max(floor_, floor);
  batch.Put(Family::kMeta, kFloorKey, KeyBuilder().Number64(floor_.ms).Take());
}

void Partitions::Write(Batch& batch) {
  for (const Key& key : changed_) {
    const PartitionState& state = partitions_[key];
    store::v1::StoredPartition stored;
    stored.set_first_offset(state.first_offset);
    stored.set_next_offset(state.next_offset);
    stored.set_position(state.position);
    stored.set_effective_ms(state.effective.ms);
    if (state.end) stored.set_end(*state.end);
    stored.set_checked_at_ms(state.checked_at.ms);
    batch.Put(Family::kMeta, PartitionKey(key.first, key.second), stored.SerializeAsString());
  }
  for (const auto& [cut, offset] : new_cuts_) {
    batch.Put(Family::kMeta, CutKey(cut.first, cut.second), KeyBuilder().Number64(offset).Take());
  }
  if (!changed_.empty() && first_) {
    store::v1::StoredBounds bounds;
    bounds.set_first_ms(first_->ms);
    bounds.set_greatest_ms(greatest_->ms);
    batch.Put(Family::kMeta, kBoundsKey, bounds.SerializeAsString());
  }
  changed_.clear();
  new_cuts_.clear();
}

bool Partitions::ReadPast(Instant t) const {
  return !partitions_.empty() && std::all_of(partitions_.begin(), partitions_.end(), [t](const auto& entry) {
    return entry.second.effective >= t || (entry.second.at_end && entry.second.checked_at >= t);
  });
}

bool Partitions::AllAtEnd() const {
  return !partitions_.empty() &&
         std::all_of(partitions_.begin(), partitions_.end(), [](const auto& entry) { return entry.second.at_end; });
}

absl::StatusOr<std::optional<int64_t>> FirstOffsetNotIncluded(const View& view, const Partitions::Key& key,
                                                              const PartitionState& partition, Instant t) {
  std::optional<int64_t> offset;
  const absl::Status walked = view.Each(
      Family::kMeta, CutPrefix(key.first, key.second),
      [&](std::string_view, std::string_view value) {
        offset = KeyReader(value).Number64();
        return false;
      },
      CutKey(key, t.ms));
  if (!walked.ok()) return walked;
  if (!offset) offset = partition.next_offset;
  return *offset > partition.first_offset ? offset : std::nullopt;
}

}  // namespace flosync
