// The keys of the feed, whatever it tells: each kind under a prefix of its own, so that a reader of one never meets the
// others (state/FORMAT.md). Indexes from 1; of figures 0 holds the revision itself.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "state/store/keys.h"

namespace flosync {

inline constexpr std::string_view kFigureFeedPrefix;  // the empty one
inline constexpr std::string_view kSnapshotFeedPrefix = "\x02";
inline constexpr std::string_view kDoctorFeedPrefix = "\x03";
inline constexpr std::array<std::string_view, 4> kFeedPrefixes = {kFigureFeedPrefix, kAlertFeedPrefix,
                                                                  kSnapshotFeedPrefix, kDoctorFeedPrefix};
// Where the store says which revision is the oldest that the feed still holds.
inline constexpr std::string_view kFeedOldestKey = "feed_oldest";

// `prefix` is one of these or kAlertFeedPrefix.
[[nodiscard]] inline std::string FeedKey(std::string_view prefix, int64_t revision, int32_t index) {
  return KeyBuilder().Raw(prefix).Number64(revision).Number32(index).Take();
}

}  // namespace flosync
