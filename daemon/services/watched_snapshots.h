// Snapshots as WatchStream watches them (WatchSnapshots). One stream's; not thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "daemon/services/store_moment.h"
#include "daemon/services/support.h"
#include "daemon/services/tokens.h"
#include "domain/day.h"
#include "state/snapshots/snapshot_feed.h"
#include "state/store/feed_keys.h"

#include "flosync/v1/snapshot_service.pb.h"

namespace flosync {

class WatchedSnapshots {
 public:
  using Request = v1::WatchSnapshotsRequest;
  using Response = v1::WatchSnapshotsResponse;
  static constexpr TokenKind kToken = TokenKind::kSnapshotWatch;
  static constexpr std::string_view kFeedPrefix = kSnapshotFeedPrefix;

  explicit WatchedSnapshots(const ServiceSupport& /*support*/) {}
  [[nodiscard]] grpc::Status ReadFilter(const Request& request);
  [[nodiscard]] std::string FilterHash() const { return first_.ToString() + last_.ToString(); }
  void Begin(const View& /*view*/, const StoreMoment& /*moment*/) { last_key_.clear(); }
  [[nodiscard]] absl::StatusOr<bool> AddState(const View& view, Response& message);
  [[nodiscard]] absl::StatusOr<bool> AddUpdate(std::string_view stored, bool look_only, Response& message) const;

 private:
  [[nodiscard]] bool Matches(const SnapshotHeader& header) const {
    return first_ <= header.reference_date && header.reference_date <= last_;
  }

  // Reference dates asked for, both included.
  Day first_ = Day::Min();
  Day last_ = Day::Max();
  std::string last_key_;  // of the initial state, the header sent last
};

}  // namespace flosync
