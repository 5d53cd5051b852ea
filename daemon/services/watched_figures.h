// Live figures as WatchStream watches them (WatchIndicators). One stream's; not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "daemon/services/figure_filter.h"
#include "daemon/services/live_figures.h"
#include "daemon/services/store_moment.h"
#include "daemon/services/support.h"
#include "daemon/services/tokens.h"
#include "state/store/feed_keys.h"

#include "flosync/v1/indicator_service.pb.h"

namespace flosync {

class WatchedFigures {
 public:
  using Request = v1::WatchIndicatorsRequest;
  using Response = v1::WatchIndicatorsResponse;
  static constexpr TokenKind kToken = TokenKind::kIndicatorWatch;
  static constexpr std::string_view kFeedPrefix = kFigureFeedPrefix;
  static SharedMessages* Shared(const ServiceSupport& support) { return support.shared_figures; }

  explicit WatchedFigures(const ServiceSupport& support) : support_(support) {}
  [[nodiscard]] grpc::Status ReadFilter(const Request& request);
  [[nodiscard]] std::string FilterHash() const { return filter_.Hash(); }
  void Begin(const View& view, const StoreMoment& moment);
  [[nodiscard]] absl::StatusOr<bool> AddState(const View& view, Response& message);
  [[nodiscard]] absl::StatusOr<bool> AddUpdate(std::string_view stored, bool look_only, Response& message) const;

 private:
  const ServiceSupport& support_;
  FigureFilter filter_;
  // Of the initial state while it is being sent.
  std::shared_ptr<const AreaFrame> frame_;
  std::optional<LiveFigures> figures_;
  std::string reference_date_;
};

}  // namespace flosync
