// WatchSnapshots tells every edition that is made, as the other watches tell theirs.
#include <gtest/gtest.h>

#include "tests/unit/watch_fixture.h"

namespace flosync {
namespace {

class WatchSnapshotsTest : public ServicesTest {
 protected:
  using Stream = Connection<v1::SnapshotService, v1::WatchSnapshotsRequest, v1::WatchSnapshotsResponse,
                            &v1::SnapshotService::Stub::WatchSnapshots>;

  using Names = std::vector<std::string>;

  static v1::WatchSnapshotsRequest Request(bool initial_state, const std::string& token = "") {
    v1::WatchSnapshotsRequest request;
    request.set_initial_state(initial_state);
    request.set_resume_token(token);
    request.mutable_progress_interval()->set_nanos(100'000'000);
    return request;
  }
  // Makes those that are due at noon of that day; gives the revision.
  int64_t MakeSnapshots(const std::string& day, size_t made) {
    now_ = *ParseInstant(day + "T10:00:00Z");
    EXPECT_EQ(MakeDueSnapshots(*core_, now_, true)->size(), made);
    Publish();
    return core_->revision();
  }
  // "2025-03-01.1" of each edition told, in order.
  static Names Told(const v1::WatchSnapshotsResponse& message) {
    Names told;
    for (const v1::SnapshotUpdate& update : message.updates()) {
      told.push_back(Join(update.new_snapshot().reference_date(), ".", update.new_snapshot().edition()));
    }
    return told;
  }
  static Names AllTold(const Stream& stream) {
    Names all;
    for (const auto& message : stream.seen()) {
      for (const std::string& name : Told(message)) all.push_back(name);
    }
    return all;
  }
};

TEST_F(WatchSnapshotsTest, TellsTheStateAndThenEachEditionAsARevision) {
  now_ = *ParseInstant("2025-02-10T10:00:00Z");
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
  MakeSnapshots("2025-03-15", 1);
  Serve();
  Stream stream(channel_, Request(true));
  ASSERT_TRUE(stream.Read(2));
  EXPECT_TRUE(stream.seen()[0].progress());
  EXPECT_TRUE(stream.seen()[1].initial_state() && stream.seen()[1].revision_complete());
  EXPECT_EQ(Told(stream.seen()[1]), Names{"2025-03-01.1"});
  // A list that was there in March all along, but is told of in April only.
  now_ = *ParseInstant("2025-03-20T10:00:00Z");
  Commit({MakeContract(2, "4601")});
  const int64_t revision = MakeSnapshots("2025-04-15", 2);
  ASSERT_TRUE(stream.ReadUpTo(revision));
  EXPECT_EQ(Told(stream.seen().back()), (Names{"2025-04-01.1", "2025-03-01.2"}));
  const v1::Snapshot told = stream.seen().back().updates(1).new_snapshot();
  v1::GetSnapshotRequest get;
  get.set_reference_date("2025-03-01");
  v1::GetSnapshotResponse got;
  const auto context = Context();
  ASSERT_TRUE(v1::SnapshotService::NewStub(channel_)->GetSnapshot(context.get(), get, &got).ok());
  EXPECT_EQ(told.SerializeAsString(), got.snapshot().SerializeAsString());
}

TEST_F(WatchSnapshotsTest, ResumesAfterARestartWithoutGapOrRepeat) {
  now_ = *ParseInstant("2025-02-10T10:00:00Z");
  Commit({MakeContract(1, "0301")});
  Serve();
  std::string token;
  {
    Stream stream(channel_, Request(false));
    ASSERT_TRUE(stream.ReadUpTo(core_->revision()));
    ASSERT_TRUE(stream.ReadUpTo(MakeSnapshots("2025-03-15", 1)));
    token = stream.token();
  }
  server_.reset();
  core_.reset();
  core_ = Core::Open(store_.get(), &Geography::Shipped(), "epoch-2").value();
  EXPECT_EQ(core_->revision(), 2) << "a run that made something is a revision";
  const int64_t last = MakeSnapshots("2025-05-15", 2);
  EXPECT_EQ(last, 4);
  Serve();
  Stream stream(channel_, Request(false, token));
  ASSERT_TRUE(stream.ReadUpTo(last));
  EXPECT_EQ(AllTold(stream), (Names{"2025-04-01.1", "2025-05-01.1"}));
  EXPECT_EQ(stream.seen().back().revision(), last);
}

TEST_F(WatchSnapshotsTest, FiltersByReferenceDateAndRefusesWhatIsNone) {
  now_ = *ParseInstant("2025-02-10T10:00:00Z");
  Commit({MakeContract(1, "0301")});
  Serve();
  v1::WatchSnapshotsRequest request = Request(false);
  request.mutable_filter()->set_first_reference_date("2025-04-01");
  request.mutable_filter()->set_last_reference_date("2025-04-01");
  Stream stream(channel_, request);
  ASSERT_TRUE(stream.Read());
  ASSERT_TRUE(stream.ReadUpTo(MakeSnapshots("2025-05-15", 3)));
  EXPECT_EQ(AllTold(stream), Names{"2025-04-01.1"});
  const auto reason_of = [this](const v1::WatchSnapshotsRequest& wrong) {
    return ReadErrorDetails(Stream(channel_, wrong).End()).reason;
  };
  EXPECT_EQ(reason_of(Request(false, stream.token())), "RESUME_TOKEN_FILTER_MISMATCH");
  const auto position = ReadResumeToken(TokenKind::kSnapshotWatch, stream.token());
  ASSERT_TRUE(position);
  request.set_resume_token(WriteResumeToken(TokenKind::kAlertWatch, *position));
  EXPECT_EQ(reason_of(request), "RESUME_TOKEN_INVALID");
  request = Request(false);
  request.mutable_filter()->set_first_reference_date("2025-13-01");
  EXPECT_EQ(reason_of(request), "INVALID_FIELD");
  request.mutable_filter()->set_first_reference_date("2025-05-01");
  request.mutable_filter()->set_last_reference_date("2025-04-01");
  EXPECT_EQ(reason_of(request), "INVALID_FIELD");
}

}  // namespace
}  // namespace flosync
