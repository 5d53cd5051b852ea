// Reads what changed from the stored feed, a message's worth at a time. Pure but for the View it reads; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include <absl/status/statusor.h>

#include "state/store/store.h"

namespace flosync {

// A place in the feed: after all of `revision` if `index` is 0, else after the update of that index in it.
struct FeedPlace {
  int64_t revision = 0;
  int32_t index = 0;
  bool operator==(const FeedPlace&) const = default;
};

struct FeedRead {
  FeedPlace reached;
  // The updates taken, all of `revision`; 0 = none was found up to the end, or among so many entries that others should
  // have a turn.
  int32_t updates = 0;
  int64_t revision = 0;
  // They are the last of their revision that match.
  bool revision_complete = false;
  // There is nothing after `reached`.
  bool at_end = false;
};

inline constexpr int32_t kMaxUpdatesPerMessage = 100;

// Takes a stored update if it matches and says something new: true if it does. With `look_only` nothing is taken.
using TakeUpdate = std::function<absl::StatusOr<bool>(std::string_view stored, bool look_only)>;

// Hands the updates after `from` under `prefix` (state/store/keys.h) to `take`: at most kMaxUpdatesPerMessage, all of
// one revision. `head` is the revision of the View. Errors are those of the store and of `take`.
[[nodiscard]] absl::StatusOr<FeedRead> ReadFeed(const View& view, std::string_view prefix, const FeedPlace& from,
                                                int64_t head, const TakeUpdate& take);

// Whether there is an update at this place.
[[nodiscard]] absl::StatusOr<bool> HasUpdate(const View& view, std::string_view prefix, const FeedPlace& place);

// The oldest revision of which the feed has figures; nothing if it has none.
[[nodiscard]] absl::StatusOr<std::optional<int64_t>> OldestFeedRevision(const View& view);

}  // namespace flosync
