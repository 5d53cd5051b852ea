// WatchIndicators goes on from every token, and says by name why it cannot (Resumable).
#include <gtest/gtest.h>

#include "state/store/keys.h"
#include "tests/unit/watch_fixture.h"

namespace flosync {
namespace {

using WatchResumeTest = WatchTest;

TEST_F(WatchResumeTest, TokenFromWithinTheInitialStateStartsItAgain) {
  Serve();
  MakeHistory();
  Watcher first(channel_, Request(true));
  ASSERT_TRUE(first.Read(7));
  Do({MakeContract(3, "5001")});
  Watcher second(channel_, Request(false, first.token()));
  ASSERT_TRUE(second.ReadUpTo(core_->revision()));
  EXPECT_TRUE(second.seen()[1].initial_state());
  EXPECT_EQ(second.seen()[1].revision(), core_->revision());
  ExpectAllGuarantees({first.seen(), second.seen()}, truth_);
}

// Every message boundary, those within a revision included.
TEST_F(WatchResumeTest, ResumesAtEveryMessage) {
  Serve();
  const std::string start = TokenNow();
  MakeHistory();
  Watcher whole(channel_, Request(false, start));
  ASSERT_TRUE(whole.ReadUpTo(core_->revision()));
  truth_.revisions[1].clear();  // there were no figures before it; its updates are those of the stream
  for (const auto& message : whole.seen()) {
    if (message.revision() != 1) continue;
    for (const auto& update : message.updates()) {
      truth_.revisions[1].push_back(
          {FigureName(update.new_row()), update.old_row().SerializeAsString(), update.new_row().SerializeAsString()});
    }
  }
  ExpectAllGuarantees({whole.seen()}, truth_);
  size_t mid_revision = 0;
  for (size_t cut = 0; cut < whole.seen().size(); ++cut) {
    SCOPED_TRACE(cut);
    const SeenConnection before(whole.seen().begin(), whole.seen().begin() + static_cast<std::ptrdiff_t>(cut) + 1);
    mid_revision += before.back().updates_size() > 0 && !before.back().revision_complete();
    Watcher rest(channel_, Request(false, before.back().resume_token()));
    ASSERT_TRUE(rest.ReadUpTo(core_->revision()));
    ExpectAllGuarantees({before, rest.seen()}, truth_);
  }
  EXPECT_GT(mid_revision, 3U);
}

TEST_F(WatchResumeTest, ResumesAfterEachMessageInTurn) {
  Serve();
  Do({MakeContract(1, "0301")});
  const std::string start = TokenNow();
  MakeHistory();
  SeenHistory history;
  std::string token = start;
  int64_t complete = 0;
  while (complete < core_->revision()) {
    Watcher one(channel_, Request(false, token));
    ASSERT_TRUE(one.Read(2));
    token = one.token();
    if (one.seen().back().progress() || one.seen().back().revision_complete()) complete = one.seen().back().revision();
    history.push_back(one.seen());
  }
  EXPECT_GT(history.size(), 8U);
  ExpectAllGuarantees(history, truth_);
}

TEST_F(WatchResumeTest, ResumesAfterARestartOfTheServer) {
  Serve();
  Do({MakeContract(1, "0301")});
  Watcher before(channel_, Request());
  ASSERT_TRUE(before.Read());
  Do(ManyContracts(100, 40));
  ASSERT_TRUE(before.Read());
  server_.reset();
  EXPECT_EQ(before.End().error_code(), grpc::StatusCode::UNAVAILABLE);
  Serve();
  Do({MakeContract(2, "4601")});
  Watcher after(channel_, Request(false, before.token()));
  ASSERT_TRUE(after.ReadUpTo(core_->revision()));
  ExpectAllGuarantees({before.seen(), after.seen()}, truth_);
}

TEST_F(WatchResumeTest, RefusalsByName) {
  Serve();
  EXPECT_EQ(ReasonOf(Request(true), grpc::StatusCode::UNAVAILABLE), "NOT_READY") << "before the first commit";
  MakeHistory();
  const auto kInvalid = grpc::StatusCode::INVALID_ARGUMENT;
  EXPECT_EQ(ReasonOf(Request(false, "garbage"), kInvalid), "RESUME_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Request(false, TokenNow() + "AAAA"), kInvalid), "RESUME_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Request(false, std::string(5000, 'A')), kInvalid), "RESUME_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(Request(false, WritePageToken(TokenKind::kIndicatorPage, "", "x")), kInvalid),
            "RESUME_TOKEN_INVALID");
  v1::IndicatorFilter other;
  other.add_measures("list_count");
  EXPECT_EQ(ReasonOf(Request(false, TokenNow(other)), kInvalid), "RESUME_TOKEN_FILTER_MISMATCH");

  ResumePosition position = PositionNow();
  position.revision += 1;
  EXPECT_EQ(ReasonOf(Request(false, WriteResumeToken(TokenKind::kIndicatorWatch, position)), kInvalid),
            "RESUME_TOKEN_INVALID")
      << "the future";
  position = PositionNow();
  position.index = 100'000;
  EXPECT_EQ(ReasonOf(Request(false, WriteResumeToken(TokenKind::kIndicatorWatch, position)), kInvalid),
            "RESUME_TOKEN_INVALID")
      << "no such update";
  position = PositionNow();
  position.epoch = "epoch-0";
  EXPECT_EQ(ReasonOf(Request(false, WriteResumeToken(TokenKind::kIndicatorWatch, position)),
                     grpc::StatusCode::FAILED_PRECONDITION),
            "STORE_EPOCH_CHANGED");

  v1::WatchIndicatorsRequest request = Request();
  request.mutable_filter()->add_area_codes("9999");
  request.mutable_filter()->add_measures("nonsense");
  const grpc::Status status = EndOf(request);
  EXPECT_EQ(ReadErrorDetails(status).reason, "FILTER_INVALID");
  ASSERT_EQ(ReadErrorDetails(status).violations.size(), 2U);
  EXPECT_EQ(ReadErrorDetails(status).violations[0].field, "filter.measures[0]");
  EXPECT_EQ(ReadErrorDetails(status).violations[1].field, "filter.area_codes[0]");
  for (const int64_t seconds : {int64_t{-1}, int64_t{0}, int64_t{3601}, INT64_MAX}) {
    request = Request();
    request.mutable_progress_interval()->set_seconds(seconds);
    request.mutable_progress_interval()->set_nanos(0);
    EXPECT_EQ(ReasonOf(request, kInvalid), "INVALID_FIELD");
  }
}

TEST_F(WatchResumeTest, FilterMayNameTheSameInAnotherOrder) {
  Serve();
  MakeHistory();
  v1::IndicatorFilter one;
  one.add_measures("list_count");
  one.add_measures("gp_count");
  v1::IndicatorFilter same;
  same.add_measures("gp_count");
  same.add_measures("list_count");
  same.add_measures("gp_count");
  Watcher watcher(channel_, Request(false, TokenNow(one), same));
  EXPECT_TRUE(watcher.Read());
}

TEST_F(WatchResumeTest, PositionNoLongerRetainedIsRefused) {
  Serve();
  MakeHistory();
  ResumePosition position = PositionNow();
  Batch batch(*store_);
  batch.Put(Family::kMeta, "feed_oldest", KeyBuilder().Number64(4).Take());
  batch.DeleteRange(Family::kFeed, FeedKey(0, 0), FeedKey(4, 0));
  ASSERT_TRUE(store_->Commit(batch).ok());
  position.revision = 3;  // all after it is there
  Watcher watcher(channel_, Request(false, WriteResumeToken(TokenKind::kIndicatorWatch, position)));
  EXPECT_TRUE(watcher.ReadUpTo(core_->revision()));
  position.index = 1;  // something of revision 3 is missing
  EXPECT_EQ(
      ReasonOf(Request(false, WriteResumeToken(TokenKind::kIndicatorWatch, position)), grpc::StatusCode::OUT_OF_RANGE),
      "RESUME_TOKEN_EXPIRED");
  position = {position.epoch, position.filter_hash, 2, 0, false};
  const grpc::Status status = EndOf(Request(false, WriteResumeToken(TokenKind::kIndicatorWatch, position)));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ReadErrorDetails(status).metadata.at("oldest_revision"), "4");
}

}  // namespace
}  // namespace flosync
