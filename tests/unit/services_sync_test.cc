// SyncService: how the daemon stands.
#include <gtest/gtest.h>

#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

class SyncServiceTest : public ServicesTest {
 protected:
  v1::GetSyncStatusResponse SyncStatus() const {
    v1::GetSyncStatusResponse response;
    const auto context = Context();
    EXPECT_TRUE(v1::SyncService::NewStub(channel_)->GetSyncStatus(context.get(), {}, &response).ok());
    return response;
  }
  void MakeSnapshots() {
    now_ = *ParseInstant("2025-02-10T10:00:00Z");
    Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
    ASSERT_EQ(MakeDueSnapshots(*core_, *ParseInstant("2025-05-15T00:00:00Z"), true)->size(), 3U);
  }
};

TEST_F(SyncServiceTest, SyncStatusTellsAll) {
  MakeSnapshots();
  CommitInput input;
  DecodedRecord bad;
  bad.outcome = RecordOutcome::kRefused;
  bad.topic = Topic::kPerson;
  bad.offset = 1000;
  bad.timestamp = now_;
  bad.notes.push_back({DeviationCode::kMalformedRecord, "", "", "is no JSON"});
  input.records.push_back(bad);
  ASSERT_TRUE(core_->Commit(std::move(input)).ok());
  Serve();
  DaemonStatus status;
  status.epoch = "epoch-1";
  status.revision = 2;
  status.started_at = {1'000'500};
  status.synced_at = Instant{2'000'000};
  status.sources.push_back({"hpr.person", 3, 40, 50, Instant{1}, false});
  status.sources.push_back({"hpr.event", 0, 7, std::nullopt, std::nullopt, true});
  status.records.read = 9;
  status.source.connected = false;
  status.source.last_error = "no broker";
  status.commits = 5;
  status.persons = 6;
  publication_->Publish(status);
  const auto told = SyncStatus();
  EXPECT_FALSE(told.version().empty());
  EXPECT_EQ(told.store_epoch(), "epoch-1");
  EXPECT_EQ(told.started_at().seconds(), 1000);
  EXPECT_EQ(told.started_at().nanos(), 500'000'000);
  EXPECT_FALSE(told.has_last_complete_sync());
  ASSERT_EQ(told.sources_size(), 2);
  EXPECT_EQ(told.sources(0).lag_records(), 10);
  EXPECT_GT(told.sources(0).age_seconds(), 1'000'000);
  EXPECT_FALSE(told.sources(1).has_end());
  EXPECT_FALSE(told.sources(1).has_age_seconds());
  EXPECT_TRUE(told.sources(1).caught_up());
  EXPECT_EQ(told.records().read(), 9);
  EXPECT_FALSE(told.connection().connected());
  EXPECT_EQ(told.connection().error(), "no broker");
  EXPECT_EQ(told.work().commits(), 5);
  EXPECT_EQ(told.holdings().persons(), 6);
  EXPECT_EQ(told.latest_snapshot().reference_date(), "2025-05-01");
  ASSERT_EQ(told.deviations_size(), 1);
  EXPECT_EQ(told.deviations(0).code(), "MALFORMED_RECORD");
  EXPECT_EQ(told.deviations(0).count(), 1);
}

TEST_F(SyncServiceTest, SyncStatusWaitsBehindNoOtherCalls) {
  ServerOptions options;
  options.max_queued_calls = 0;
  Serve(options);
  v1::ListDefinitionsResponse none;
  const auto context = Context();
  EXPECT_EQ(v1::IndicatorService::NewStub(channel_)->ListDefinitions(context.get(), {}, &none).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_FALSE(SyncStatus().version().empty());
}

}  // namespace
}  // namespace flosync
