#include "daemon/services/watch_stream.h"

#include "daemon/services/convert.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::chrono::milliseconds kDefaultProgressInterval = std::chrono::seconds(10);
constexpr std::chrono::milliseconds kMinProgressInterval(100);
constexpr std::chrono::milliseconds kMaxProgressInterval = std::chrono::hours(1);

grpc::Status TokenInvalid(const std::string& why) {
  return InvalidFields("RESUME_TOKEN_INVALID",
                       {{"resume_token", why + "; watch again with initial_state and without a token"}});
}

grpc::Status ReadInterval(const v1::WatchIndicatorsRequest& request, std::chrono::milliseconds& interval) {
  interval = kDefaultProgressInterval;
  if (!request.has_progress_interval()) return grpc::Status::OK;
  const auto& given = request.progress_interval();
  // Seconds are compared before they are counted in milliseconds, which might not hold them.
  const bool fits = given.seconds() >= 0 && given.seconds() <= kMaxProgressInterval / std::chrono::seconds(1);
  interval = std::chrono::milliseconds(fits ? given.seconds() * 1000 + given.nanos() / 1'000'000 : -1);
  if (interval < kMinProgressInterval || interval > kMaxProgressInterval) {
    return InvalidField("progress_interval", "must be from 100 ms to 1 h");
  }
  return grpc::Status::OK;
}

}  // namespace

grpc::Status WatchStream::ReadRequest() {
  if (grpc::Status read = ReadInterval(request_, progress_interval_); !read.ok()) return read;
  const auto exists = [this](std::string_view code) { return support_.frames->EverHad(code); };
  if (grpc::Status read = FigureFilter::Read(request_.filter(), support_.publication->definitions(), exists, filter_);
      !read.ok())
    return read;
  filter_hash_ = filter_.Hash();
  return grpc::Status::OK;
}

grpc::Status WatchStream::CheckRetained(const StoreMoment& moment) const {
  const int64_t next_revision = place_in_feed_.index == 0 ? place_in_feed_.revision + 1 : place_in_feed_.revision;
  if (next_revision >= moment.oldest_revision) return grpc::Status::OK;
  return Refusal(grpc::StatusCode::OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED",
                 Join("the changes after this position are no longer kept (oldest revision: ", moment.oldest_revision,
                      "); watch again with initial_state and without a token"),
                 {{"oldest_revision", std::to_string(moment.oldest_revision)}});
}

grpc::Status WatchStream::ReadToken(const View& view, const StoreMoment& moment, bool& initial) {
  const auto token = ReadResumeToken(request_.resume_token());
  if (!token) return TokenInvalid("is not a token of this service");
  if (token->epoch != moment.epoch) {
    return Refusal(
        grpc::StatusCode::FAILED_PRECONDITION, "STORE_EPOCH_CHANGED",
        "the store has been rebuilt since this token was given; watch again with initial_state and without a token",
        {{"store_epoch", moment.epoch}});
  }
  if (token->filter_hash != filter_hash_) {
    return InvalidFields("RESUME_TOKEN_FILTER_MISMATCH",
                         {{"resume_token",
                           "was given for another filter; use the filter of the stream it "
                           "came from"}});
  }
  if (token->revision > moment.revision) return TokenInvalid("is of a revision that the store does not have");
  initial = token->in_initial_state;
  if (initial) return grpc::Status::OK;
  place_in_feed_ = {token->revision, token->index};
  if (grpc::Status retained = CheckRetained(moment); !retained.ok()) return retained;
  if (token->index > 0) {
    const auto updates = CountUpdates(view, token->revision);
    if (!updates.ok()) return FromStatus(updates.status());
    if (token->index > *updates) return TokenInvalid("is of a place that the store does not have");
  }
  mid_revision_ = token->index > 0;
  return grpc::Status::OK;
}

grpc::Status WatchStream::BeginInitialState(std::unique_ptr<View> view, const StoreMoment& moment) {
  if (!moment.clock) return NotReady();
  const Day today = OsloDay(*moment.clock);
  initial_ = std::make_unique<InitialState>();
  InitialState& initial = *initial_;
  initial.view = std::move(view);
  initial.frame = support_.frames->Of(today);
  initial.figures.emplace(initial.view.get(), initial.frame.get(), &support_.publication->live_plan(), filter_);
  initial.reference_date = today.ToString();
  initial.revision = moment.revision;
  // Nothing has been sent: a progress message may promise nothing.
  place_in_feed_ = {};
  return grpc::Status::OK;
}

grpc::Status WatchStream::Open(v1::WatchIndicatorsResponse& message) {
  if (grpc::Status read = ReadRequest(); !read.ok()) return read;
  auto view = std::make_unique<View>(support_.publication->store());
  const auto moment = ReadStoreMoment(*view);
  if (!moment.ok()) return FromStatus(moment.status());
  epoch_ = moment->epoch;
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

WatchStream::Step WatchStream::Next(v1::WatchIndicatorsResponse& message, grpc::Status& status) {
  if (!open_) {
    open_ = true;
    status = Open(message);
    return status.ok() ? Step::kWrite : Step::kFinish;
  }
  if (initial_) {
    status = SendInitialState(message);
    return status.ok() ? Step::kWrite : Step::kFinish;
  }
  return SendChanges(message, status);
}

grpc::Status WatchStream::SendInitialState(v1::WatchIndicatorsResponse& message) {
  const auto figures = initial_->figures->Next(kMaxUpdatesPerMessage);
  if (!figures.ok()) return FromStatus(figures.status());
  for (const LiveFigure& figure : *figures) {
    v1::IndicatorUpdate* update = message.add_updates();
    Convert(MakeRow(*figure.area, *figure.entry, figure.figure), update->mutable_new_row());
    update->set_reference_date(initial_->reference_date);
  }
  message.set_revision(initial_->revision);
  message.set_initial_state(true);
  if (initial_->figures->done()) {
    message.set_revision_complete(true);
    place_in_feed_ = {initial_->revision, 0};
    initial_.reset();
  }
  message.set_resume_token(Token());
  return grpc::Status::OK;
}

WatchStream::Step WatchStream::SendChanges(v1::WatchIndicatorsResponse& message, grpc::Status& status) {
  const View view(support_.publication->store());
  const auto moment = ReadStoreMoment(view);
  if (!moment.ok()) {
    status = FromStatus(moment.status());
    return Step::kFinish;
  }
  // A consumer that was too slow is told so; it must not miss anything unknowingly.
  status = CheckRetained(*moment);
  if (!status.ok()) return Step::kFinish;
  if (progress_due_ && !mid_revision_ && place_in_feed_.index == 0) {
    SendProgress(message);
    return Step::kWrite;
  }
  const auto read = ReadFeed(view, place_in_feed_, moment->revision, filter_, message);
  if (!read.ok()) {
    status = FromStatus(read.status());
    return Step::kFinish;
  }
  place_in_feed_ = read->reached;
  if (!message.updates().empty()) {
    mid_revision_ = !read->revision_complete;
    message.set_revision_complete(read->revision_complete);
    message.set_resume_token(Token());
    return Step::kWrite;
  }
  if (place_in_feed_.index == 0) mid_revision_ = false;
  if (!read->at_end) return Step::kAgain;
  if (!progress_due_) return Step::kRest;
  SendProgress(message);
  return Step::kWrite;
}

void WatchStream::SendProgress(v1::WatchIndicatorsResponse& message) {
  message.set_progress(true);
  message.set_revision(place_in_feed_.index == 0 ? place_in_feed_.revision : place_in_feed_.revision - 1);
  message.set_resume_token(Token());
  progress_due_ = false;
  workers().Cancel(progress_timer_);
  const std::weak_ptr<PacedStream> weak = weak_from_this();
  progress_timer_ = workers().At(Workers::Clock::now() + progress_interval_, [weak] {
    const auto stream = std::static_pointer_cast<WatchStream>(weak.lock());
    if (!stream) return;
    stream->progress_due_ = true;
    stream->Wake();
  });
}

std::string WatchStream::Token() const {
  ResumePosition position{.epoch = epoch_,
                          .filter_hash = filter_hash_,
                          .revision = place_in_feed_.revision,
                          .index = place_in_feed_.index,
                          .in_initial_state = initial_ != nullptr};
  if (initial_) position.revision = initial_->revision;
  return WriteResumeToken(position);
}

void WatchStream::Release() {
  workers().Cancel(progress_timer_);
  initial_.reset();
}

}  // namespace flosync
