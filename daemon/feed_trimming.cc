#include "daemon/feed_trimming.h"

#include <string>

#include <spdlog/spdlog.h>

#include "state/store/codec.h"

namespace flosync {
namespace {

constexpr int64_t kMillisPerHour = 3'600'000;
constexpr int64_t kMillisPerDay = 24 * kMillisPerHour;
constexpr int64_t kBytesPerMib = 1 << 20;

int64_t SizeOf(std::string_view key, std::string_view value) { return static_cast<int64_t>(key.size() + value.size()); }

}  // namespace

absl::StatusOr<bool> FeedTrimming::Step() {
  if ((limits_.retention_days == 0 && limits_.retention_mib == 0) || looked_at_ == core_->revision()) return false;
  const View view(core_->store());
  const auto counted = Count(view);
  if (!counted.ok() || !*counted) return counted.ok() ? absl::StatusOr<bool>(false) : counted.status();
  const auto border = FindBorder(view);
  if (!border.ok()) return border.status();
  if (*border == 0) {
    looked_at_ = core_->revision();
    return false;
  }
  if (absl::Status trimmed = Trim(view, *border); !trimmed.ok()) return trimmed;
  return true;
}

absl::StatusOr<bool> FeedTrimming::Count(const View& view) {
  size_t left = entries_per_step_;
  for (size_t i = 0; i < kFeedPrefixes.size(); ++i) {
    const auto count = [&](std::string_view key, std::string_view value) {
      if (key == counted_[i]) return true;
      if (left == 0) return false;
      --left;
      counted_[i] = std::string(key);
      bytes_ += SizeOf(key, value);
      return true;
    };
    const std::string start = counted_[i].empty() ? FeedKey(kFeedPrefixes[i], 0, 0) : counted_[i];
    if (absl::Status walked = view.Each(Family::kFeed, kFeedPrefixes[i], count, start); !walked.ok()) return walked;
  }
  return left > 0;
}

absl::StatusOr<int64_t> FeedTrimming::FindBorder(const View& view) const {
  // By the hour, and down to less than is allowed: else every commit would be followed by one that trims.
  const int64_t oldest_ms = core_->clock().ms - limits_.retention_days * kMillisPerDay;
  const Instant old{limits_.retention_days == 0 ? Instant::Min().ms : oldest_ms - oldest_ms % kMillisPerHour};
  const int64_t most = limits_.retention_mib == 0 ? INT64_MAX : limits_.retention_mib * kBytesPerMib;
  const int64_t wanted = bytes_ > most ? most - most / 8 : most;
  int64_t border = 0;
  int64_t passed_bytes = 0;
  size_t passed = 0;
  bool goes = false;  // the revision passed last
  absl::Status failed;
  const auto visit = [&](std::string_view key, std::string_view value) {
    KeyReader reader(key);
    const int64_t revision = reader.Number64();
    if (reader.Number32() == 0) {
      if (goes) border = revision;
      const auto header = ParseStored<store::v1::StoredRevision>(value);
      failed = header.status();
      if (!failed.ok()) return false;
      goes = header->instant_ms() < old.ms || bytes_ - passed_bytes > wanted;
      if (!goes || passed >= entries_per_step_) return false;
    }
    ++passed;
    passed_bytes += SizeOf(key, value);
    return true;
  };
  const absl::Status walked = view.Each(Family::kFeed, kFigureFeedPrefix, visit, FeedKey(kFigureFeedPrefix, 0, 0));
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  return border;
}

absl::Status FeedTrimming::Trim(const View& view, int64_t border) {
  int64_t freed = 0;
  for (const std::string_view prefix : kFeedPrefixes) {
    const std::string end = FeedKey(prefix, border, 0);
    const auto visit = [&](std::string_view key, std::string_view value) {
      if (key >= end) return false;
      freed += SizeOf(key, value);
      return true;
    };
    if (absl::Status walked = view.Each(Family::kFeed, prefix, visit, FeedKey(prefix, 0, 0)); !walked.ok())
      return walked;
  }
  const auto change = [border](Core& /*core*/, const View& /*view*/, Batch& batch) {
    for (const std::string_view prefix : kFeedPrefixes) {
      batch.DeleteRange(Family::kFeed, FeedKey(prefix, 0, 0), FeedKey(prefix, border, 0));
    }
    batch.Put(Family::kMeta, kFeedOldestKey, KeyBuilder().Number64(border).Take());
    return absl::OkStatus();
  };
  absl::Status refused;
  if (absl::Status committed = core_->CommitChange(change, refused); !committed.ok()) return committed;
  bytes_ -= freed;
  spdlog::debug("feed: {} bytes before revision {} trimmed", freed, border);
  return absl::OkStatus();
}

}  // namespace flosync
