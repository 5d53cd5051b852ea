// The self-audit in the daemon: in the background after a complete sync, and on demand; shown in the status.
#include <algorithm>
#include <chrono>

#include "daemon/auditor.h"
#include "daemon/daemon.h"
#include "state/store/keys.h"
#include "tests/support/core_harness.h"
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

TEST_F(AuditTest, BeginsWithTheStateAsItWasOpenedWhateverIsCommittedMeanwhile) {
  SpoilAFigure();
  core_ = Core::Open(store_.get(), &Geography::Shipped(), "epoch-1").value();
  auto opened = std::make_unique<const View>(*store_);
  Commit({MakeContract(2, "0301"), MakePeriod(12, 2, 101)});  // tells the spoilt figure anew
  EXPECT_TRUE(AuditAndShow(*publication_, View(*store_), [] { return true; })->ok());
  const Auditor auditor(publication_.get(), std::chrono::minutes(60), std::move(opened));
  ASSERT_TRUE(Eventually([&] { return publication_->audit()->differences == 1; }));
}

TEST_F(AuditTest, ADaemonNamesAndAlarmsWhatItsOwnStartPutsRight) {
  SpoilAFigure();
  core_.reset();
  publication_.reset();
  store_.reset();
  const ScratchDirectory no_files;
  Config config;
  config.state.directory = directory_.path();
  config.listen.grpc = "127.0.0.1:0";
  config.source.kind = SourceKind::kFiles;
  config.source.files.path = no_files.path();
  const auto daemon = Daemon::Start(config);
  ASSERT_TRUE(daemon.ok()) << daemon.status();
  channel_ = grpc::CreateChannel((*daemon)->address(), grpc::InsecureChannelCredentials());
  ASSERT_TRUE(Eventually([&] { return SyncStatus().latest_audit().difference_count() == 1; }));
  const auto alarmed = [&] {
    v1::ListAlertsResponse listed;
    const auto context = Context();
    EXPECT_TRUE(v1::AlertService::NewStub(channel_)->ListAlerts(context.get(), {}, &listed).ok());
    return std::ranges::any_of(listed.alerts(), [](const auto& a) { return a.kind() == "STATE_AUDIT_FAILED"; });
  };
  EXPECT_TRUE(Eventually(alarmed));
  EXPECT_EQ(AuditState().difference_count(), 0) << "the first commit has told the figure anew";
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
