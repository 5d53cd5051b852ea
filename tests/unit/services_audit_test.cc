// The self-audit in the daemon: in the background after a complete sync, and on demand; shown in the status.
#include <chrono>

#include "daemon/auditor.h"
#include "state/store/keys.h"
#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

class AuditTest : public ServicesTest {
 protected:
  AuditTest() { Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)}); }

  void SpoilAFigure() {
    Batch batch(*store_);
    batch.Delete(Family::kCells, CellKey(0, "NO", "gp_count", "all.all", "gp-statistics/1.0"));
    ASSERT_TRUE(store_->Commit(batch).ok());
  }
  void CompleteSync() {
    DaemonStatus status = *publication_->status();
    status.last_complete_sync = now_;
    publication_->Publish(std::move(status));
  }
  v1::AuditStateResponse AuditState() const {
    v1::AuditStateResponse response;
    const auto context = Context();
    const grpc::Status status = v1::SyncService::NewStub(channel_)->AuditState(context.get(), {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  v1::GetSyncStatusResponse SyncStatus() const {
    v1::GetSyncStatusResponse response;
    const auto context = Context();
    EXPECT_TRUE(v1::SyncService::NewStub(channel_)->GetSyncStatus(context.get(), {}, &response).ok());
    return response;
  }
};

TEST_F(AuditTest, OnDemandFindsNothingInWhatIsRight) {
  Serve();
  EXPECT_FALSE(SyncStatus().has_latest_audit());
  const v1::AuditStateResponse report = AuditState();
  EXPECT_EQ(report.difference_count(), 0);
  EXPECT_EQ(report.reference_date(), "2025-06-01");
  EXPECT_EQ(report.revision(), core_->revision());
  EXPECT_GT(report.figures_compared(), 0);
  EXPECT_EQ(report.states_compared(), 3);
  EXPECT_TRUE(SyncStatus().latest_audit().ok());
}

TEST_F(AuditTest, OnDemandNamesTheFigureAndTheStatusTells) {
  SpoilAFigure();
  Serve();
  const v1::AuditStateResponse report = AuditState();
  ASSERT_EQ(report.figures_size(), 1);
  EXPECT_EQ(report.figures(0).level(), v1::LEVEL_NATION);
  EXPECT_EQ(report.figures(0).measure(), "gp_count");
  EXPECT_FALSE(report.figures(0).has_stored());
  EXPECT_EQ(report.figures(0).recomputed().numerator(), 1);
  const v1::Audit audit = SyncStatus().latest_audit();
  EXPECT_FALSE(audit.ok());
  EXPECT_EQ(audit.difference_count(), 1);
  EXPECT_EQ(audit.revision(), core_->revision());
}

TEST_F(AuditTest, RunsInTheBackgroundAfterACompleteSync) {
  SpoilAFigure();
  const Auditor auditor(publication_.get(), std::chrono::minutes(60));
  CompleteSync();
  ASSERT_TRUE(Eventually([&] { return publication_->audit().has_value(); }));
  EXPECT_EQ(publication_->audit()->differences, 1);
  EXPECT_EQ(publication_->audit()->error, "");
}

TEST_F(AuditTest, WaitsForACompleteSyncAndKeepsTheInterval) {
  const Auditor off(publication_.get(), std::chrono::minutes(0));
  const Auditor auditor(publication_.get(), std::chrono::minutes(60));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  EXPECT_FALSE(publication_->audit());
  CompleteSync();
  ASSERT_TRUE(Eventually([&] { return publication_->audit().has_value(); }));
  const Instant first = publication_->audit()->finished_at;
  now_.ms += 1000;
  CompleteSync();
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  EXPECT_EQ(publication_->audit()->finished_at, first);
}

}  // namespace
}  // namespace flosync
