// SnapshotService: what it lists, describes, reads and refuses.
#include <gtest/gtest.h>

#include "state/store/keys.h"
#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

std::string ReasonOf(const grpc::Status& status) { return ReadErrorDetails(status).reason; }

class SnapshotServiceTest : public ServicesTest {
 protected:
  grpc::Status Get(const v1::GetSnapshotRequest& request, v1::GetSnapshotResponse& response) const {
    const auto context = Context();
    return v1::SnapshotService::NewStub(channel_)->GetSnapshot(context.get(), request, &response);
  }
  void MakeSnapshots() {
    now_ = *ParseInstant("2025-02-10T10:00:00Z");
    Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
    ASSERT_EQ(MakeDueSnapshots(*core_, *ParseInstant("2025-05-15T00:00:00Z"), true)->size(), 3U);
  }
};

TEST_F(SnapshotServiceTest, SnapshotsAreListedInPages) {
  MakeSnapshots();
  Serve();
  const auto stub = v1::SnapshotService::NewStub(channel_);
  v1::ListSnapshotsRequest request;
  request.set_page_size(2);
  v1::ListSnapshotsResponse response;
  auto context = Context();
  ASSERT_TRUE(stub->ListSnapshots(context.get(), request, &response).ok());
  ASSERT_EQ(response.snapshots_size(), 2);
  EXPECT_EQ(response.snapshots(0).reference_date(), "2025-03-01");
  request.set_page_token(response.next_page_token());
  response.Clear();
  context = Context();
  ASSERT_TRUE(stub->ListSnapshots(context.get(), request, &response).ok());
  ASSERT_EQ(response.snapshots_size(), 1);
  EXPECT_EQ(response.snapshots(0).reference_date(), "2025-05-01");
  EXPECT_TRUE(response.next_page_token().empty());
  request.set_page_token("garbage");
  context = Context();
  EXPECT_EQ(ReasonOf(stub->ListSnapshots(context.get(), request, &response)), "PAGE_TOKEN_INVALID");
}

TEST_F(SnapshotServiceTest, SnapshotIsDescribed) {
  MakeSnapshots();
  Serve();
  v1::GetSnapshotRequest request;
  v1::GetSnapshotResponse response;
  ASSERT_TRUE(Get(request, response).ok());
  EXPECT_EQ(response.snapshot().reference_date(), "2025-05-01") << "the latest";
  request.set_reference_date("2025-04-01");
  request.set_edition(1);
  ASSERT_TRUE(Get(request, response).ok());
  const auto& snapshot = response.snapshot();
  EXPECT_EQ(snapshot.reference_date(), "2025-04-01");
  EXPECT_EQ(snapshot.edition(), 1);
  EXPECT_EQ(snapshot.content_hash().size(), 64U);
  EXPECT_EQ(snapshot.reference_instant().seconds(), ParseInstant("2025-04-01T04:00:00Z")->ms / 1000);
  EXPECT_EQ(snapshot.positions_size(), 3);
  EXPECT_EQ(snapshot.definitions_size(), 3);
  EXPECT_EQ(snapshot.population_year(), 2025);
}

TEST_F(SnapshotServiceTest, SnapshotRefusalsByName) {
  Serve();
  v1::GetSnapshotRequest request;
  v1::GetSnapshotResponse response;
  EXPECT_EQ(Get(request, response).error_code(), grpc::StatusCode::NOT_FOUND) << "there is none yet";
  MakeSnapshots();
  request.set_reference_date("2020-01-01");
  EXPECT_EQ(Get(request, response).error_code(), grpc::StatusCode::NOT_FOUND);
  request.set_reference_date("1 May");
  EXPECT_EQ(ReasonOf(Get(request, response)), "INVALID_FIELD");
  request.set_reference_date("2025-05-01");
  request.set_edition(-1);
  EXPECT_EQ(ReasonOf(Get(request, response)), "INVALID_FIELD");
  request.set_edition(2);
  EXPECT_EQ(ReasonOf(Get(request, response)), "SNAPSHOT_NOT_FOUND");
}

TEST_F(SnapshotServiceTest, ADateThatNoSnapshotCanBeOfIsOutOfRange) {
  MakeSnapshots();
  Serve();
  v1::GetSnapshotRequest request;
  v1::GetSnapshotResponse response;
  for (const std::string date : {"2014-12-01", "0001-01-01", "2037-01-01", "9999-12-01"}) {
    request.set_reference_date(date);
    const grpc::Status status = Get(request, response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE) << date;
    const ErrorDetails details = ReadErrorDetails(status);
    EXPECT_EQ(details.reason, "DATE_OUT_OF_RANGE");
    EXPECT_EQ(details.metadata, (std::map<std::string, std::string>{{"first", "2015-01-01"}, {"last", "2036-12-31"}}));
  }
  for (const std::string date : {"2015-01-01", "2036-12-01"}) {
    request.set_reference_date(date);
    EXPECT_EQ(ReasonOf(Get(request, response)), "SNAPSHOT_NOT_FOUND") << date;
  }
}

TEST_F(SnapshotServiceTest, SnapshotIsRead) {
  MakeSnapshots();
  Serve();
  const auto context = Context();
  const auto stream = v1::SnapshotService::NewStub(channel_)->ReadSnapshot(context.get(), {});
  v1::ReadSnapshotResponse message;
  std::vector<v1::IndicatorRow> rows;
  int64_t promised = 0;
  bool first = true;
  while (stream->Read(&message)) {
    EXPECT_EQ(message.has_snapshot(), std::exchange(first, false));
    EXPECT_LE(message.rows_size(), 500);
    if (message.has_snapshot()) promised = message.snapshot().row_count();
    rows.insert(rows.end(), message.rows().begin(), message.rows().end());
  }
  ASSERT_TRUE(stream->Finish().ok());
  EXPECT_GT(rows.size(), 5000U);
  EXPECT_EQ(static_cast<int64_t>(rows.size()), promised);
  EXPECT_EQ(rows.front().area().code(), "NO");
  EXPECT_TRUE(Eventually([&] { return server_->open_streams() == 0; }));
}

TEST_F(SnapshotServiceTest, ReadSnapshotRefusesAsGetSnapshot) {
  MakeSnapshots();
  Serve();
  v1::ReadSnapshotRequest request;
  request.set_edition(2);
  const auto context = Context();
  const auto stream = v1::SnapshotService::NewStub(channel_)->ReadSnapshot(context.get(), request);
  v1::ReadSnapshotResponse message;
  EXPECT_FALSE(stream->Read(&message));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "SNAPSHOT_NOT_FOUND");
}

TEST_F(SnapshotServiceTest, SnapshotThatLacksRowsIsNotTakenForWhole) {
  MakeSnapshots();
  Batch batch(*store_);
  batch.Delete(Family::kSnapshots, SnapshotRowsKey(Day(2025, 5, 1), 1, 3));
  ASSERT_TRUE(store_->Commit(batch).ok());
  Serve();
  const auto context = Context();
  const auto stream = v1::SnapshotService::NewStub(channel_)->ReadSnapshot(context.get(), {});
  v1::ReadSnapshotResponse message;
  while (stream->Read(&message)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::DATA_LOSS);
}

}  // namespace
}  // namespace flosync
