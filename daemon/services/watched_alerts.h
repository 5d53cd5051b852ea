// Alerts as WatchStream watches them (WatchAlerts, R23). One stream's; not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "daemon/services/alert_filter.h"
#include "daemon/services/store_moment.h"
#include "daemon/services/support.h"
#include "daemon/services/tokens.h"
#include "state/store/feed_keys.h"

namespace flosync {

class WatchedAlerts {
 public:
  using Request = v1::WatchAlertsRequest;
  using Response = v1::WatchAlertsResponse;
  static constexpr TokenKind kToken = TokenKind::kAlertWatch;
  static constexpr std::string_view kFeedPrefix = kAlertFeedPrefix;

  explicit WatchedAlerts(const ServiceSupport& support) : support_(support) {}
  [[nodiscard]] grpc::Status ReadFilter(const Request& request);
  [[nodiscard]] std::string FilterHash() const { return HashOf(filter_); }
  void Begin(const View& /*view*/, const StoreMoment& /*moment*/) { last_id_ = 0; }
  [[nodiscard]] absl::StatusOr<bool> AddState(const View& view, Response& message);
  [[nodiscard]] absl::StatusOr<bool> AddUpdate(std::string_view stored, bool look_only, Response& message) const;

 private:
  const ServiceSupport& support_;
  v1::AlertFilter filter_;
  int64_t last_id_ = 0;  // of the initial state, the alert sent last
};

}  // namespace flosync
