// Reads what changed from the stored feed, a message's worth at a time. Pure but for the View it reads; any thread.
#pragma once

#include <cstdint>

#include <absl/status/statusor.h>

#include "daemon/services/figure_filter.h"
#include "state/store/store.h"

#include "flosync/v1/indicator_service.pb.h"

namespace flosync {

// A place in the feed: after all of `revision` if `index` is 0, else after the update of that index in it.
struct FeedPlace {
  int64_t revision = 0;
  int32_t index = 0;
  bool operator==(const FeedPlace&) const = default;
};

struct FeedRead {
  FeedPlace reached;
  // The updates are the last of their revision that match.
  bool revision_complete = false;
  // There is nothing after `reached`.
  bool at_end = false;
};

inline constexpr int kMaxUpdatesPerMessage = 100;

// Adds the next updates after `from` that match to `message`: at most kMaxUpdatesPerMessage, all of one revision, which
// it sets. None if nothing was found up to the end of the feed or among so many entries that others should have a turn.
// `head` is the revision of the View.
[[nodiscard]] absl::StatusOr<FeedRead> ReadFeed(const View& view, const FeedPlace& from, int64_t head,
                                                const FigureFilter& filter, v1::WatchIndicatorsResponse& message);

// The number of updates of a revision; 0 if the feed has none.
[[nodiscard]] absl::StatusOr<int32_t> CountUpdates(const View& view, int64_t revision);

}  // namespace flosync
