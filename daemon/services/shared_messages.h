// Messages of streams that are the same for all who ask the same: made once, sent to each.
//
// Operation: what comes after a place in the feed, as one filter sees it, is kept for the streams that arrive at that
// place soon after; the oldest goes where there are too many. Only for methods whose messages depend on filter and
// place alone, and name nobody. Concurrency: any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>

#include <absl/container/flat_hash_map.h>
#include <grpcpp/support/byte_buffer.h>

#include "daemon/services/feed_reader.h"

namespace flosync {

class SharedMessages {
 public:
  // Of at most kMaxUpdatesPerMessage updates each, some 25 KB: 6 MB. A thousand who catch up with 200 revisions are
  // that far apart at most; whoever arrives too late makes his own.
  static constexpr size_t kMostMessages = 256;

  struct Made {
    FeedRead read;
    grpc::ByteBuffer wire;  // to be sent if there are updates in it; copies share its bytes
  };

  // What comes after `place`; nullptr if it is not at hand.
  [[nodiscard]] std::shared_ptr<const Made> Find(const std::string& filter_hash, const FeedPlace& place) const {
    const std::lock_guard lock(mutex_);
    const auto found = made_.find(Key(filter_hash, place.revision, place.index));
    return found == made_.end() ? nullptr : found->second;
  }

  void Keep(const std::string& filter_hash, const FeedPlace& place, std::shared_ptr<const Made> made) {
    Key key(filter_hash, place.revision, place.index);
    const std::lock_guard lock(mutex_);
    if (!made_.emplace(key, std::move(made)).second) return;
    order_.push_back(std::move(key));
    if (order_.size() <= kMostMessages) return;
    made_.erase(order_.front());
    order_.pop_front();
  }

 private:
  using Key = std::tuple<std::string, int64_t, int32_t>;

  mutable std::mutex mutex_;
  absl::flat_hash_map<Key, std::shared_ptr<const Made>> made_;
  std::deque<Key> order_;
};

}  // namespace flosync
