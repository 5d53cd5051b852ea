#include "daemon/services/watch_stream.h"

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

}  // namespace

grpc::Status ReadProgressInterval(const google::protobuf::Duration* given, std::chrono::milliseconds& interval) {
  interval = kDefaultProgressInterval;
  if (given == nullptr) return grpc::Status::OK;
  // Seconds are compared before they are counted in milliseconds, which might not hold them.
  const bool fits = given->seconds() >= 0 && given->seconds() <= kMaxProgressInterval / std::chrono::seconds(1);
  interval = std::chrono::milliseconds(fits ? given->seconds() * 1000 + given->nanos() / 1'000'000 : -1);
  if (interval < kMinProgressInterval || interval > kMaxProgressInterval) {
    return InvalidField("progress_interval", "must be from 100 ms to 1 h");
  }
  return grpc::Status::OK;
}

grpc::Status ReadPosition(const std::string& token, TokenKind kind, const std::string& filter_hash,
                          const StoreMoment& moment, ResumePosition& position) {
  auto read = ReadResumeToken(kind, token);
  if (!read) return TokenInvalid("is not a token of this method");
  if (read->epoch != moment.epoch) {
    return Refusal(
        grpc::StatusCode::FAILED_PRECONDITION, "STORE_EPOCH_CHANGED",
        "the store has been rebuilt since this token was given; watch again with initial_state and without a token",
        {{"store_epoch", moment.epoch}});
  }
  if (read->filter_hash != filter_hash) {
    return InvalidFields("RESUME_TOKEN_FILTER_MISMATCH",
                         {{"resume_token", "was given for another filter; use the filter of the stream it came from"}});
  }
  if (read->revision > moment.revision) return TokenInvalid("is of a revision that the store does not have");
  position = *std::move(read);
  return grpc::Status::OK;
}

grpc::Status CheckRetained(const FeedPlace& place, const StoreMoment& moment) {
  const int64_t next_revision = place.index == 0 ? place.revision + 1 : place.revision;
  if (next_revision >= moment.oldest_revision) return grpc::Status::OK;
  return Refusal(grpc::StatusCode::OUT_OF_RANGE, "RESUME_TOKEN_EXPIRED",
                 Join("the changes after this position are no longer kept (oldest revision: ", moment.oldest_revision,
                      "); watch again with initial_state and without a token"),
                 {{"oldest_revision", std::to_string(moment.oldest_revision)}});
}

grpc::Status CheckPlace(const View& view, std::string_view prefix, const FeedPlace& place) {
  const auto there = HasUpdate(view, prefix, place);
  if (!there.ok()) return FromStatus(there.status());
  return *there ? grpc::Status::OK : TokenInvalid("is of a place that the store does not have");
}

}  // namespace flosync
