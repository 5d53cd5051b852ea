// One consumer of a watch method, whatever is watched (docs/architecture.md: the six promises).
//
// Operation: opens with a progress message once the request has been checked; then, if asked, the full state from one
// View that is held until the last page is sent; then the changes after that revision from the stored feed. It keeps
// its place in the feed and nothing else, so a consumer may be as slow as the feed is long. Between revisions, and only
// there, progress goes out when its interval has passed. What can name doctors passes the guard, message by message.
// Concurrency: as PacedStream.
//
// `Watched` (watched_figures.h is one) says what is watched. It is a class of its own for each stream, with
//
//   using Request = …; using Response = …;              // of the method, with the fields of WatchIndicators*
//   static constexpr TokenKind kToken;                  // of the method's resume tokens
//   static constexpr std::string_view kFeedPrefix;      // where its changes are
//   explicit Watched(const ServiceSupport& support);
//   grpc::Status ReadFilter(const Request& request);    // checks and keeps it
//   std::string FilterHash() const;
//   void Begin(const View& view, const StoreMoment& moment);  // the initial state, read from this View alone
//   absl::StatusOr<bool> AddState(const View& view, Response& message);  // its next page; true: it was the last
//   absl::StatusOr<bool> AddUpdate(std::string_view stored, bool look_only, Response& message) const;  // TakeUpdate
//   static SharedMessages* Shared(const ServiceSupport& support);  // only where messages can be shared
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <google/protobuf/duration.pb.h>

#include "daemon/services/feed_reader.h"
#include "daemon/services/paced_stream.h"
#include "daemon/services/shared_messages.h"
#include "daemon/services/store_moment.h"
#include "daemon/services/support.h"
#include "daemon/services/tokens.h"

namespace flosync {

// The parts that do not depend on what is watched.
// `given` absent = nullptr. INVALID_ARGUMENT outside 100 ms..1 h.
[[nodiscard]] grpc::Status ReadProgressInterval(const google::protobuf::Duration* given,
                                                std::chrono::milliseconds& interval);
// The position that a client hands back, if it is one of this store, method and filter.
[[nodiscard]] grpc::Status ReadPosition(const std::string& token, TokenKind kind, const std::string& filter_hash,
                                        const StoreMoment& moment, ResumePosition& position);
// OUT_OF_RANGE if the feed no longer holds what comes after this place.
[[nodiscard]] grpc::Status CheckRetained(const FeedPlace& place, const StoreMoment& moment);
// INVALID_ARGUMENT if there is no such update.
[[nodiscard]] grpc::Status CheckPlace(const View& view, std::string_view prefix, const FeedPlace& place);

template <typename Watched>
class WatchStream final : public PacedStream {
  using Request = typename Watched::Request;
  using Response = typename Watched::Response;
  static constexpr bool kShared = requires(const ServiceSupport& support) { Watched::Shared(support); };

 public:
  WatchStream(const ServiceSupport& support, std::unique_ptr<StreamHub::Place> place, Caller caller, Request request)
      : PacedStream(support.hub, support.streams, std::move(place)),
        support_(support),
        caller_(std::move(caller)),
        request_(std::move(request)),
        watched_(support_) {}

 private:
  // The initial state while it is being sent.
  struct InitialState {
    std::unique_ptr<View> view;
    int64_t revision = 0;
  };

  Step Next(bool may_wait, grpc::ByteBuffer& wire, grpc::Status& status) override {
    const bool opening = !std::exchange(open_, true);
    Response message;
    const Step step = Make(opening, may_wait, message, status);
    if (step != Step::kWrite) return step;
    // Progress and what is shared name nobody; that the stream was let in, with what it asks for, is noted once.
    if (made_) {
      wire = std::exchange(made_, nullptr)->wire;
      return step;
    }
    if (opening || !message.progress()) {
      status = support_.guard->Disclose(caller_, request_, grpc::Status::OK, message);
      if (!status.ok()) return Step::kFinish;
    }
    wire = WireOf(message);
    return step;
  }
  // Whoever shares messages waits for no disk but the feed's.
  [[nodiscard]] bool quick() const override { return kShared; }
  void Release() override {
    workers().Cancel(progress_timer_);
    initial_.reset();
    made_.reset();
  }

  // A stream that opens may wait: it begins on a worker.
  Step Make(bool opening, bool may_wait, Response& message, grpc::Status& status) {
    if (!opening && !initial_) return SendChanges(may_wait, message, status);
    if (!may_wait) return Step::kAgain;
    status = opening ? Open(message) : SendInitialState(message);
    return status.ok() ? Step::kWrite : Step::kFinish;
  }

  // The first step: checks the request against the store and says where the stream begins.
  [[nodiscard]] grpc::Status Open(Response& message) {
    const auto* interval = request_.has_progress_interval() ? &request_.progress_interval() : nullptr;
    if (grpc::Status read = ReadProgressInterval(interval, progress_interval_); !read.ok()) return read;
    if (grpc::Status read = watched_.ReadFilter(request_); !read.ok()) return read;
    filter_hash_ = watched_.FilterHash();
    auto view = std::make_unique<View>(support_.publication->store());
    const auto moment = ReadStoreMoment(*view);
    if (!moment.ok()) return FromStatus(moment.status());
    epoch_ = moment->epoch;
    opened_at_ = moment->revision;
    place_in_feed_ = {moment->revision, 0};
    bool initial = request_.initial_state();
    if (!request_.resume_token().empty()) {
      if (grpc::Status read = ReadToken(*view, *moment, initial); !read.ok()) return read;
    }
    if (initial) {
      if (grpc::Status begun = BeginInitialState(std::move(view), *moment); !begun.ok()) return begun;
    }
    SendProgress(message);
    return grpc::Status::OK;
  }

  // Where the token says to go on; `initial` if it says to send the initial state again.
  [[nodiscard]] grpc::Status ReadToken(const View& view, const StoreMoment& moment, bool& initial) {
    ResumePosition position;
    if (grpc::Status read = ReadPosition(request_.resume_token(), Watched::kToken, filter_hash_, moment, position);
        !read.ok()) {
      return read;
    }
    initial = position.in_initial_state;
    if (initial) return grpc::Status::OK;
    place_in_feed_ = {position.revision, position.index};
    mid_revision_ = position.index > 0;
    if (grpc::Status retained = CheckRetained(place_in_feed_, moment); !retained.ok()) return retained;
    return mid_revision_ ? CheckPlace(view, Watched::kFeedPrefix, place_in_feed_) : grpc::Status::OK;
  }

  [[nodiscard]] grpc::Status BeginInitialState(std::unique_ptr<View> view, const StoreMoment& moment) {
    if (!moment.clock) return NotReady();
    watched_.Begin(*view, moment);
    initial_ = std::make_unique<InitialState>(InitialState{std::move(view), moment.revision});
    // Nothing has been sent: a progress message may promise nothing.
    place_in_feed_ = {};
    return grpc::Status::OK;
  }

  [[nodiscard]] grpc::Status SendInitialState(Response& message) {
    const auto done = watched_.AddState(*initial_->view, message);
    if (!done.ok()) return FromStatus(done.status());
    message.set_revision(initial_->revision);
    message.set_initial_state(true);
    if (*done) {
      message.set_revision_complete(true);
      place_in_feed_ = {initial_->revision, 0};
      initial_.reset();
    }
    message.set_resume_token(Token());
    return grpc::Status::OK;
  }

  Step SendChanges(bool may_wait, Response& message, grpc::Status& status) {
    if (Between() && !Behind()) return RestOrProgress(message);
    made_ = FindMade();
    if (made_) return SendMade(message);
    if (!may_wait) return Step::kAgain;
    const View view(support_.publication->store());
    const auto moment = ReadStoreMoment(view);
    // A consumer that was too slow is told so; it must not miss anything unknowingly.
    status = moment.ok() ? CheckRetained(place_in_feed_, *moment) : FromStatus(moment.status());
    if (!status.ok()) return Step::kFinish;
    if (progress_due_ && Between()) return RestOrProgress(message);
    if constexpr (kShared) {
      const auto read = Read(view, moment->revision, message);
      if (!read.ok()) return Failed(read.status(), status);
      made_ = std::make_shared<const SharedMessages::Made>(SharedMessages::Made{*read, WireOf(message)});
      Watched::Shared(support_)->Keep(filter_hash_, place_in_feed_, made_);
      return SendMade(message);
    } else {
      const auto read = Read(view, moment->revision, message);
      return read.ok() ? Advance(*read, message) : Failed(read.status(), status);
    }
  }

  static Step Failed(const absl::Status& failed, grpc::Status& status) {
    status = FromStatus(failed);
    return Step::kFinish;
  }

  // All of the revisions told of so far has been sent, and nothing of the next.
  [[nodiscard]] bool Between() const { return !mid_revision_ && place_in_feed_.index == 0; }

  // What comes next, if another stream has made it, and no progress is to go before it.
  [[nodiscard]] std::shared_ptr<const SharedMessages::Made> FindMade() const {
    if constexpr (kShared) {
      if (!progress_due_ || !Between()) return Watched::Shared(support_)->Find(filter_hash_, place_in_feed_);
    }
    return nullptr;
  }

  // Something has been published that was not looked at yet. What is committed is published soon after, and wakes.
  [[nodiscard]] bool Behind() const {
    return place_in_feed_.revision < std::max(opened_at_, support_.publication->status()->revision);
  }

  // The next changes, with their message made whole.
  [[nodiscard]] absl::StatusOr<FeedRead> Read(const View& view, int64_t head, Response& message) const {
    const auto take = [&](std::string_view stored, bool look_only) {
      return watched_.AddUpdate(stored, look_only, message);
    };
    auto read = ReadFeed(view, Watched::kFeedPrefix, place_in_feed_, head, take);
    if (!read.ok() || read->updates == 0) return read;
    message.set_revision(read->revision);
    message.set_revision_complete(read->revision_complete);
    message.set_resume_token(TokenOf(read->reached));
    return read;
  }

  // `made_` goes out if there are updates in it. That it reached the end may not be true any more.
  Step SendMade(Response& message) {
    const FeedRead read = made_->read;
    if (read.updates == 0) made_.reset();
    return Advance(read, message);
  }

  Step Advance(const FeedRead& read, Response& message) {
    place_in_feed_ = read.reached;
    if (read.updates > 0) {
      mid_revision_ = !read.revision_complete;
      return Step::kWrite;
    }
    if (place_in_feed_.index == 0) mid_revision_ = false;
    return !read.at_end || Behind() ? Step::kAgain : RestOrProgress(message);
  }

  // All that there is has been sent.
  Step RestOrProgress(Response& message) {
    if (!progress_due_) return Step::kRest;
    SendProgress(message);
    return Step::kWrite;
  }

  void SendProgress(Response& message) {
    message.set_progress(true);
    message.set_revision(place_in_feed_.index == 0 ? place_in_feed_.revision : place_in_feed_.revision - 1);
    message.set_resume_token(Token());
    progress_due_ = false;
    workers().Cancel(progress_timer_);
    progress_timer_ = workers().At(Workers::Clock::now() + progress_interval_, [weak = weak_from_this()] {
      const auto stream = std::static_pointer_cast<WatchStream>(weak.lock());
      if (!stream) return;
      stream->progress_due_ = true;
      stream->Wake();
    });
  }

  [[nodiscard]] std::string Token() const {
    return TokenOf(initial_ ? FeedPlace{initial_->revision, 0} : place_in_feed_);
  }

  [[nodiscard]] std::string TokenOf(const FeedPlace& place) const {
    return WriteResumeToken(Watched::kToken, {.epoch = epoch_,
                                              .filter_hash = filter_hash_,
                                              .revision = place.revision,
                                              .index = place.index,
                                              .in_initial_state = initial_ != nullptr});
  }

  const ServiceSupport support_;
  const Caller caller_;
  const Request request_;
  Watched watched_;
  bool open_ = false;
  std::string filter_hash_;
  std::string epoch_;
  std::chrono::milliseconds progress_interval_{};
  int64_t opened_at_ = 0;  // the last revision there was
  FeedPlace place_in_feed_;
  // Updates of a revision have been sent, but not its last.
  bool mid_revision_ = false;
  std::unique_ptr<InitialState> initial_;  // nothing = it has been sent, or was not asked for
  // What goes out now, as other streams send it too; only within a call of Next.
  std::shared_ptr<const SharedMessages::Made> made_;
  std::atomic<bool> progress_due_ = false;
  Workers::TimerId progress_timer_ = 0;
};

// Answers a watch method.
template <typename Watched>
grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(const ServiceSupport& support,
                                                  const grpc::CallbackServerContext& context,
                                                  const grpc::ByteBuffer& wire) {
  grpc::Status refusal;
  Caller caller;
  typename Watched::Request request;
  auto place = AdmitStream(support, context, wire, request, caller, refusal);
  // gRPC owns what is returned: both kinds of stream let go of themselves in OnDone.
  if (!place) return new RefusedStream(refusal);
  const auto stream = std::make_shared<WatchStream<Watched>>(support, std::move(place), caller, std::move(request));
  stream->Start(caller.expires);
  return stream.get();
}

}  // namespace flosync
