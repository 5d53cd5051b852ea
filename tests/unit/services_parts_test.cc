// What the services are made of: errors, tokens, workers; and that the validators of watch streams see what they are to
// see.
#include <atomic>
#include <future>
#include <thread>

#include <google/protobuf/any.pb.h>
#include <gtest/gtest.h>

#include "daemon/services/errors.h"
#include "daemon/services/frames.h"
#include "daemon/services/paging.h"
#include "daemon/services/tokens.h"
#include "daemon/services/workers.h"
#include "tests/support/watch_validators.h"

namespace flosync {
namespace {

using std::chrono::milliseconds;

TEST(Errors, DetailsSurviveTheWay) {
  const grpc::Status status = MakeStatus(grpc::StatusCode::OUT_OF_RANGE, "text",
                                         {.reason = "RESUME_TOKEN_EXPIRED",
                                          .metadata = {{"a", "1"}, {"b", ""}},
                                          .violations = {{"filter.measures[0]", "no"}, {"page_size", "negative"}},
                                          .retry_after = milliseconds(1500)});
  const ErrorDetails details = ReadErrorDetails(status);
  EXPECT_EQ(details.reason, "RESUME_TOKEN_EXPIRED");
  EXPECT_EQ(details.metadata, (std::map<std::string, std::string>{{"a", "1"}, {"b", ""}}));
  EXPECT_EQ(details.violations, (std::vector<FieldViolation>{{"filter.measures[0]", "no"}, {"page_size", "negative"}}));
  EXPECT_EQ(details.retry_after, milliseconds(1500));
}

// The bytes that google.rpc.Status{code: 3, message: "m", details: [ErrorInfo{reason: "R", domain: "flosync"}]} has.
TEST(Errors, BytesAreThoseOfGoogleRpc) {
  const std::string info = std::string("\x0a\x01R\x12\x07") + "flosync";
  const std::string type = "type.googleapis.com/google.rpc.ErrorInfo";
  const std::string any =
      std::string("\x0a") + static_cast<char>(type.size()) + type + "\x12" + static_cast<char>(info.size()) + info;
  const std::string status = std::string("\x08\x03\x12\x01m\x1a") + static_cast<char>(any.size()) + any;
  EXPECT_EQ(MakeStatus(grpc::StatusCode::INVALID_ARGUMENT, "m",
                       {.reason = "R", .metadata = {}, .violations = {}, .retry_after = {}})
                .error_details(),
            status);
}

TEST(Errors, GarbageHasNoDetails) {
  EXPECT_EQ(ReadErrorDetails(grpc::Status(grpc::StatusCode::INTERNAL, "x", "\xff\xff\xff")).reason, "");
  EXPECT_EQ(ReadErrorDetails(grpc::Status::OK).reason, "");
}

TEST(Errors, StatusOfTheStoreKeepsCodeAndText) {
  const grpc::Status status = FromStatus(absl::DataLossError("restore a backup"));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(status.error_message(), "restore a backup");
  EXPECT_TRUE(FromStatus(absl::OkStatus()).ok());
}

TEST(Tokens, ResumeTokenSurvives) {
  const ResumePosition position{"epoch", "hash", 123456789012, 77, true};
  const std::string token = WriteResumeToken(TokenKind::kIndicatorWatch, position);
  EXPECT_EQ(ReadResumeToken(TokenKind::kIndicatorWatch, token), position);
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
}

TEST(Tokens, EveryDamagedTokenIsRefused) {
  const std::string token = WriteResumeToken(TokenKind::kIndicatorWatch, {"epoch", "hash", 5, 1, false});
  for (size_t i = 0; i < token.size(); ++i) {
    std::string damaged = token;
    // The last character may have bits that stand for nothing.
    damaged[i] = damaged[i] == 'A' ? 'z' : 'A';
    const auto read = ReadResumeToken(TokenKind::kIndicatorWatch, damaged);
    EXPECT_TRUE(!read || (i + 1 == token.size() && read == ReadResumeToken(TokenKind::kIndicatorWatch, token))) << i;
    EXPECT_FALSE(ReadResumeToken(TokenKind::kIndicatorWatch, token.substr(0, i))) << i;
  }
  EXPECT_FALSE(ReadResumeToken(TokenKind::kIndicatorWatch, ""));
  EXPECT_FALSE(ReadResumeToken(TokenKind::kIndicatorWatch, "%%%"));
  EXPECT_FALSE(ReadResumeToken(TokenKind::kIndicatorWatch,
                               WriteResumeToken(TokenKind::kIndicatorWatch, {"epoch", "hash", -5, 1, false})));
}

TEST(Tokens, PageTokenBelongsToItsRequest) {
  const std::string token = WritePageToken(TokenKind::kIndicatorPage, "hash", std::string("k\0y", 3));
  EXPECT_EQ(ReadPageToken(TokenKind::kIndicatorPage, "hash", token), std::string("k\0y", 3));
  EXPECT_FALSE(ReadPageToken(TokenKind::kIndicatorPage, "other", token));
  EXPECT_FALSE(ReadPageToken(TokenKind::kSnapshotPage, "hash", token));
}

TEST(Frames, KnowAreasOfEveryDay) {
  Frames frames(&Geography::Shipped());
  EXPECT_TRUE(frames.EverHad("NO"));
  EXPECT_TRUE(frames.EverHad("3805"));  // until 2024
  EXPECT_TRUE(frames.EverHad("39"));    // since
  EXPECT_FALSE(frames.EverHad("9999"));
  EXPECT_FALSE(frames.EverHad(""));
  EXPECT_EQ(frames.Of(Day(2025, 6, 1)), frames.Of(Day(2025, 6, 1)));
  EXPECT_EQ(frames.Of(Day(1999, 6, 1))->structure_date(), Day(2015, 1, 1));
}

TEST(Workers, RunTasksAndTimers) {
  Workers workers(2, 10);
  std::promise<int> task;
  workers.Post([&] { task.set_value(1); });
  EXPECT_EQ(task.get_future().get(), 1);
  const auto begun = Workers::Clock::now();
  std::promise<void> timer;
  EXPECT_NE(workers.At(begun + milliseconds(50), [&] { timer.set_value(); }), 0);
  timer.get_future().get();
  EXPECT_GE(Workers::Clock::now() - begun, milliseconds(50));
}

TEST(Workers, CancelledTimerDoesNotRun) {
  Workers workers(1, 10);
  std::atomic<bool> ran = false;
  const auto id = workers.At(Workers::Clock::now() + milliseconds(50), [&] { ran = true; });
  workers.Cancel(id);
  workers.Cancel(id);
  workers.Cancel(0);
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_FALSE(ran);
}

TEST(Workers, QueueIsBounded) {
  Workers workers(1, 2);
  std::promise<void> go;
  std::promise<void> begun;
  workers.Post([&, wait = go.get_future().share()] {
    begun.set_value();
    wait.wait();
  });
  begun.get_future().wait();
  EXPECT_TRUE(workers.TryPost([] {}));
  EXPECT_TRUE(workers.TryPost([] {}));
  EXPECT_FALSE(workers.TryPost([] {}));
  go.set_value();
}

TEST(Workers, NothingRunsAfterStop) {
  Workers workers(1, 2);
  workers.Stop();
  std::atomic<bool> ran = false;
  workers.Post([&] { ran = true; });
  EXPECT_FALSE(workers.TryPost([&] { ran = true; }));
  EXPECT_EQ(workers.At(Workers::Clock::now(), [&] { ran = true; }), 0);
  workers.Stop();
  EXPECT_FALSE(ran);
}

// A small truth and the history of a consumer that saw it as it should be; each test breaks one thing.
class ValidatorTest : public ::testing::Test {
 protected:
  ValidatorTest() {
    truth_.Note(1, Rows("a1", "b1"));
    truth_.Note(2, Rows("a2", "b2"));
    truth_.Note(3, Rows("a2", "b3"));
    SeenConnection first;
    first.push_back(Message(1, {}));
    first.back().set_progress(true);
    first.push_back(Message(2, {{"a", "a1", "a2"}}));
    SeenConnection second;
    second.push_back(Message(1, {}));
    second.back().set_progress(true);
    second.push_back(Message(2, {{"b", "b1", "b2"}}));
    second.back().set_revision_complete(true);
    second.push_back(Message(3, {{"b", "b2", "b3"}}));
    second.back().set_revision_complete(true);
    history_ = {first, second};
  }
  static v1::IndicatorRow Row(const std::string& measure, const std::string& value) {
    v1::IndicatorRow row;
    row.set_measure(measure);
    row.set_value(value);
    return row;
  }
  static google::protobuf::RepeatedPtrField<v1::IndicatorRow> Rows(const std::string& a, const std::string& b) {
    google::protobuf::RepeatedPtrField<v1::IndicatorRow> rows;
    *rows.Add() = Row("a", a);
    *rows.Add() = Row("b", b);
    return rows;
  }
  struct Change {
    std::string measure;
    std::string before;
    std::string after;
  };
  static v1::WatchIndicatorsResponse Message(int64_t revision, const std::vector<Change>& changes) {
    v1::WatchIndicatorsResponse message;
    message.set_resume_token("t");
    message.set_revision(revision);
    for (const Change& change : changes) {
      auto* update = message.add_updates();
      *update->mutable_old_row() = Row(change.measure, change.before);
      *update->mutable_new_row() = Row(change.measure, change.after);
    }
    return message;
  }

  WatchTruth truth_;
  SeenHistory history_;
};

TEST_F(ValidatorTest, PassWhatIsRight) { ExpectAllGuarantees(history_, truth_); }

TEST_F(ValidatorTest, OrderedSeesSwappedRevisions) {
  std::swap(history_[1][1], history_[1][2]);
  EXPECT_FALSE(Ordered::Check(history_, truth_));
}

TEST_F(ValidatorTest, OrderedSeesSwappedUpdates) {
  history_[0][1] = Message(2, {{"b", "b1", "b2"}, {"a", "a1", "a2"}});
  EXPECT_FALSE(Ordered::Check(history_, truth_));
}

TEST_F(ValidatorTest, UniqueSeesARepeat) {
  history_[1].insert(history_[1].begin() + 1, history_[0][1]);
  EXPECT_FALSE(Unique::Check(history_, truth_));
}

TEST_F(ValidatorTest, ReliableSeesALossAndAnInvention) {
  SeenHistory lossy = history_;
  lossy[0].pop_back();
  EXPECT_FALSE(Reliable::Check(lossy, truth_));
  history_[1][2] = Message(3, {{"b", "b2", "b4"}});
  EXPECT_FALSE(Reliable::Check(history_, truth_));
}

TEST_F(ValidatorTest, ReliableSeesAnIncompleteInitialState) {
  SeenConnection connection{Message(0, {})};
  connection.back().set_progress(true);
  connection.push_back(Message(2, {}));
  *connection.back().add_updates()->mutable_new_row() = Row("a", "a2");
  connection.back().set_initial_state(true);
  EXPECT_TRUE(Reliable::Check({connection}, truth_));
  connection.back().set_revision_complete(true);
  EXPECT_FALSE(Reliable::Check({connection}, truth_));
}

TEST_F(ValidatorTest, AtomicSeesAFalseEndAndProgressWithin) {
  SeenHistory early = history_;
  early[0][1].set_revision_complete(true);
  EXPECT_FALSE(Atomic::Check(early, truth_));
  SeenHistory never = history_;
  never[1][1].set_revision_complete(false);
  EXPECT_FALSE(Atomic::Check(never, truth_));
  history_[0].push_back(history_[0][0]);
  EXPECT_FALSE(Atomic::Check(history_, truth_));
}

TEST_F(ValidatorTest, ResumableSeesAGapAndALackOfTokens) {
  SeenHistory gap = history_;
  gap[1].erase(gap[1].begin() + 1);
  EXPECT_FALSE(Resumable::Check(gap, truth_));
  history_[0][0].clear_resume_token();
  EXPECT_FALSE(Resumable::Check(history_, truth_));
}

TEST_F(ValidatorTest, BookmarkableSeesAFalsePromiseAndAMissingBeginning) {
  SeenHistory promise = history_;
  promise[1][0].set_revision(2);
  EXPECT_FALSE(Bookmarkable::Check(promise, truth_));
  history_[1].erase(history_[1].begin());
  EXPECT_FALSE(Bookmarkable::Check(history_, truth_));
}

}  // namespace
}  // namespace flosync
