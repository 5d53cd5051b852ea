// One consumer of WatchIndicators (docs: the six guarantees).
//
// Operation: opens with a progress message once the request has been checked; then, if asked, the full state from one
// View that is held until the last page is sent; then the changes after that revision from the stored feed. It keeps
// its place in the feed and nothing else, so a consumer may be as slow as the feed is long. Between revisions, and only
// there, progress goes out when its interval has passed. Concurrency: as PacedStream.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/services/feed_reader.h"
#include "daemon/services/figure_filter.h"
#include "daemon/services/live_figures.h"
#include "daemon/services/paced_stream.h"
#include "daemon/services/store_moment.h"
#include "daemon/services/support.h"
#include "daemon/services/tokens.h"

namespace flosync {

class WatchStream final : public PacedStream<v1::WatchIndicatorsResponse> {
 public:
  WatchStream(const ServiceSupport& support, std::unique_ptr<StreamHub::Place> place,
              v1::WatchIndicatorsRequest request)
      : PacedStream(support.hub, support.streams, std::move(place)), support_(support), request_(std::move(request)) {}

 private:
  // The initial state while it is being sent.
  struct InitialState {
    std::unique_ptr<View> view;
    std::shared_ptr<const AreaFrame> frame;
    std::optional<LiveFigures> figures;
    std::string reference_date;
    int64_t revision = 0;
  };

  Step Next(v1::WatchIndicatorsResponse& message, grpc::Status& status) override;
  void Release() override;

  // The first step: checks the request against the store and says where the stream begins.
  [[nodiscard]] grpc::Status Open(v1::WatchIndicatorsResponse& message);
  [[nodiscard]] grpc::Status ReadRequest();
  // Where the token says to go on; `initial` if it says to send the initial state again.
  [[nodiscard]] grpc::Status ReadToken(const View& view, const StoreMoment& moment, bool& initial);
  [[nodiscard]] grpc::Status BeginInitialState(std::unique_ptr<View> view, const StoreMoment& moment);
  [[nodiscard]] grpc::Status SendInitialState(v1::WatchIndicatorsResponse& message);
  Step SendChanges(v1::WatchIndicatorsResponse& message, grpc::Status& status);
  void SendProgress(v1::WatchIndicatorsResponse& message);
  // OUT_OF_RANGE if the feed no longer holds what comes after this stream's place.
  [[nodiscard]] grpc::Status CheckRetained(const StoreMoment& moment) const;
  [[nodiscard]] std::string Token() const;

  const ServiceSupport support_;
  const v1::WatchIndicatorsRequest request_;
  bool open_ = false;
  FigureFilter filter_;
  std::string filter_hash_;
  std::string epoch_;
  std::chrono::milliseconds progress_interval_{};
  FeedPlace place_in_feed_;
  // Updates of a revision have been sent, but not its last.
  bool mid_revision_ = false;
  std::unique_ptr<InitialState> initial_;  // nothing = it has been sent, or was not asked for
  std::atomic<bool> progress_due_ = false;
  Workers::TimerId progress_timer_ = 0;
};

}  // namespace flosync
