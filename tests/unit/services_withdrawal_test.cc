// Withdrawn editions: readable by number, seen everywhere, never the latest; bytes, digest and corrections untouched.
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/watch_fixture.h"

namespace flosync {
namespace {

std::string ReasonOf(const grpc::Status& status) { return ReadErrorDetails(status).reason; }

class WithdrawalTest : public ServicesTest {
 protected:
  using Stream = Connection<v1::SnapshotService, v1::WatchSnapshotsRequest, v1::WatchSnapshotsResponse,
                            &v1::SnapshotService::Stub::WatchSnapshots>;

  // March has two editions, April one.
  void MakeEditions() {
    now_ = *ParseInstant("2025-02-10T10:00:00Z");
    Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
    MakeSnapshots("2025-03-15");
    now_ = *ParseInstant("2025-03-20T10:00:00Z");
    Commit({MakeContract(2, "4601")});
    MakeSnapshots("2025-04-15");
    ASSERT_EQ(ListSnapshots(View(*store_))->size(), 3U);
  }
  void MakeSnapshots(const std::string& day) {
    now_ = *ParseInstant(day + "T10:00:00Z");
    ASSERT_TRUE(MakeDueSnapshots(*core_, now_, true).ok());
    Publish();
  }
  grpc::Status Withdraw(const std::string& date, int32_t edition, v1::WithdrawSnapshotResponse& response,
                        const std::string& by = "kari", const std::string& reason = "wrong counts") const {
    v1::WithdrawSnapshotRequest request;
    request.set_reference_date(date);
    request.set_edition(edition);
    request.set_by(by);
    request.set_reason(reason);
    const auto context = Context();
    return v1::SnapshotService::NewStub(channel_)->WithdrawSnapshot(context.get(), request, &response);
  }
  void Withdraw(const std::string& date, int32_t edition) const {
    v1::WithdrawSnapshotResponse response;
    const grpc::Status status = Withdraw(date, edition, response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  grpc::Status Get(const std::string& date, int32_t edition, v1::Snapshot& snapshot) const {
    v1::GetSnapshotRequest request;
    request.set_reference_date(date);
    request.set_edition(edition);
    v1::GetSnapshotResponse response;
    const auto context = Context();
    grpc::Status status = v1::SnapshotService::NewStub(channel_)->GetSnapshot(context.get(), request, &response);
    snapshot = response.snapshot();
    return status;
  }
  std::string HashOfMarch(int32_t edition) const {
    const View view(*store_);
    return FindSnapshot(view, Day(2025, 3, 1), edition)->content_hash;
  }
};

TEST_F(WithdrawalTest, IsSeenWhereverTheEditionIs) {
  MakeEditions();
  Serve();
  StartWriter();
  v1::WithdrawSnapshotResponse withdrawn;
  ASSERT_TRUE(Withdraw("2025-03-01", 2, withdrawn, "kari", "wrong counts").ok());
  EXPECT_EQ(withdrawn.snapshot().withdrawal().by(), "kari");
  EXPECT_EQ(withdrawn.snapshot().withdrawal().reason(), "wrong counts");
  EXPECT_GT(withdrawn.snapshot().withdrawal().withdrawn_at().seconds(), 1'700'000'000);
  const auto stub = v1::SnapshotService::NewStub(channel_);
  v1::ListSnapshotsResponse list;
  ASSERT_TRUE(stub->ListSnapshots(Context().get(), {}, &list).ok());
  ASSERT_EQ(list.snapshots_size(), 3);
  EXPECT_FALSE(list.snapshots(0).has_withdrawal());
  EXPECT_TRUE(list.snapshots(1).has_withdrawal());
  v1::Snapshot got;
  ASSERT_TRUE(Get("2025-03-01", 2, got).ok());
  EXPECT_TRUE(got.has_withdrawal());
  v1::ReadSnapshotRequest read;
  read.set_reference_date("2025-03-01");
  read.set_edition(2);
  const auto context = Context();
  const auto reader = stub->ReadSnapshot(context.get(), read);
  v1::ReadSnapshotResponse first;
  ASSERT_TRUE(reader->Read(&first));
  EXPECT_TRUE(first.snapshot().has_withdrawal());
  EXPECT_GT(first.rows_size(), 0) << "it stays readable";
  v1::CompareSnapshotsRequest compare;
  compare.mutable_before()->set_reference_date("2025-03-01");
  compare.mutable_before()->set_edition(1);
  *compare.mutable_after() = compare.before();
  compare.mutable_after()->set_edition(2);
  v1::CompareSnapshotsResponse compared;
  ASSERT_TRUE(stub->CompareSnapshots(Context().get(), compare, &compared).ok());
  EXPECT_FALSE(compared.before().has_withdrawal());
  EXPECT_TRUE(compared.after().has_withdrawal());
  v1::ExplainFigureRequest explain;
  *explain.mutable_snapshot() = compare.after();
  *explain.mutable_compared_with() = compare.before();
  explain.set_level(v1::LEVEL_NATION);
  explain.set_area_code("NO");
  explain.set_measure("list_count");
  v1::ExplainFigureResponse explained;
  ASSERT_TRUE(stub->ExplainFigure(Context().get(), explain, &explained).ok());
  EXPECT_TRUE(explained.snapshot().has_withdrawal());
  EXPECT_FALSE(explained.compared_with().has_withdrawal());
}

TEST_F(WithdrawalTest, TheLatestIsTheLatestThatStands) {
  MakeEditions();
  Serve();
  StartWriter();
  v1::Snapshot got;
  ASSERT_TRUE(Get("2025-03-01", 0, got).ok());
  EXPECT_EQ(got.edition(), 2);
  Withdraw("2025-03-01", 2);
  ASSERT_TRUE(Get("2025-03-01", 0, got).ok());
  EXPECT_EQ(got.edition(), 1);
  Withdraw("2025-03-01", 1);
  grpc::Status refused = Get("2025-03-01", 0, got);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(ReasonOf(refused), "SNAPSHOT_WITHDRAWN");
  EXPECT_TRUE(Get("2025-03-01", 2, got).ok()) << "by number always";
  Withdraw("2025-04-01", 1);
  EXPECT_EQ(ReasonOf(Get("", 0, got)), "SNAPSHOT_WITHDRAWN") << "never an older month in its place";
}

TEST_F(WithdrawalTest, WatchersAreToldOldAndNew) {
  MakeEditions();
  Serve();
  v1::WatchSnapshotsRequest request;
  request.mutable_progress_interval()->set_nanos(100'000'000);
  Stream stream(channel_, request);
  ASSERT_TRUE(stream.Read());
  StartWriter();
  Withdraw("2025-03-01", 1);
  EndWriter();
  Publish();
  ASSERT_TRUE(stream.ReadUpTo(core_->revision()));
  const auto& message = stream.seen().back();
  ASSERT_EQ(message.updates_size(), 1);
  EXPECT_TRUE(message.updates(0).new_snapshot().has_withdrawal());
  EXPECT_FALSE(message.updates(0).old_snapshot().has_withdrawal());
  EXPECT_EQ(message.updates(0).old_snapshot().content_hash(), HashOfMarch(1));
  request.set_initial_state(true);
  Stream later(channel_, request);
  ASSERT_TRUE(later.Read(2));
  ASSERT_EQ(later.seen()[1].updates_size(), 3);
  EXPECT_TRUE(later.seen()[1].updates(0).new_snapshot().has_withdrawal());
  EXPECT_FALSE(later.seen()[1].updates(0).has_old_snapshot());
}

TEST_F(WithdrawalTest, BytesAndDigestStayAndCorrectionsAreCountedAsBefore) {
  MakeEditions();
  const std::string digest = StateDigest(View(*store_)).value();
  const std::string csv = SnapshotCsv(View(*store_), *FindSnapshot(View(*store_), Day(2025, 3, 1), 2)).value();
  Serve();
  StartWriter();
  Withdraw("2025-03-01", 2);
  EndWriter();
  EXPECT_EQ(StateDigest(View(*store_)).value(), digest);
  EXPECT_EQ(SnapshotCsv(View(*store_), *FindSnapshot(View(*store_), Day(2025, 3, 1), 2)).value(), csv);
  // Nothing that reaches back to March has come: no edition for the withdrawal's sake.
  MakeSnapshots("2025-05-15");
  EXPECT_FALSE(FindSnapshot(View(*store_), Day(2025, 3, 1), 3).ok());
  now_ = *ParseInstant("2025-05-20T10:00:00Z");
  Commit({MakeContract(3, "4601")});
  v1::WatchSnapshotsRequest request;
  request.mutable_filter()->set_last_reference_date("2025-03-01");
  Stream stream(channel_, request);
  ASSERT_TRUE(stream.Read());
  MakeSnapshots("2025-06-15");
  ASSERT_TRUE(stream.ReadUpTo(core_->revision()));
  ASSERT_EQ(stream.seen().back().updates_size(), 1);
  EXPECT_FALSE(stream.seen().back().updates(0).new_snapshot().has_withdrawal());
  const auto third = FindSnapshot(View(*store_), Day(2025, 3, 1), 3);
  ASSERT_TRUE(third.ok());
  EXPECT_FALSE(third->withdrawal) << "a new edition stands";
  v1::Snapshot got;
  ASSERT_TRUE(Get("2025-03-01", 0, got).ok());
  EXPECT_EQ(got.edition(), 3);
}

TEST_F(WithdrawalTest, RefusalsByName) {
  MakeEditions();
  Serve();
  StartWriter();
  v1::WithdrawSnapshotResponse response;
  EXPECT_EQ(ReasonOf(Withdraw("2025-03-01", 3, response)), "SNAPSHOT_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Withdraw("soon", 1, response)), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(Withdraw("2025-03-01", 0, response)), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(Withdraw("2025-03-01", 1, response, "", "why")), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(Withdraw("2025-03-01", 1, response, "kari", "about 12837520264")), "INVALID_FIELD");
  ASSERT_TRUE(Withdraw("2025-03-01", 1, response).ok());
  EXPECT_EQ(ReasonOf(Withdraw("2025-03-01", 1, response, "ola", "again")), "SNAPSHOT_WITHDRAWN");
  v1::Snapshot got;
  ASSERT_TRUE(Get("2025-03-01", 1, got).ok());
  EXPECT_EQ(got.withdrawal().by(), "kari") << "the first decision stands";
}

}  // namespace
}  // namespace flosync
