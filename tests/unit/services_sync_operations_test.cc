// SyncService: pausing, resuming, syncing now, backups; who and why are asked for.
#include <string>

#include <gtest/gtest.h>

#include "daemon/backups.h"
#include "state/core/pause.h"
#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

std::string ReasonOf(const grpc::Status& status) { return ReadErrorDetails(status).reason; }

class SyncOperationsTest : public ServicesTest {
 protected:
  template <typename Request, typename Response>
  grpc::Status Ask(grpc::Status (v1::SyncService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   Response& response, const std::string& by = "kari", const std::string& reason = "a test") const {
    Request request;
    request.set_by(by);
    request.set_reason(reason);
    const auto context = Context();
    return (v1::SyncService::NewStub(channel_).get()->*method)(context.get(), request, &response);
  }
  grpc::Status PauseSync(const std::string& by = "kari", const std::string& reason = "a test") const {
    v1::PauseSyncResponse response;
    return Ask(&v1::SyncService::Stub::PauseSync, response, by, reason);
  }
};

TEST_F(SyncOperationsTest, APauseIsOnDiskUntilItIsResumed) {
  Commit({MakeContract(1, "0301")});
  Serve();
  StartWriter();
  v1::PauseSyncResponse paused;
  ASSERT_TRUE(Ask(&v1::SyncService::Stub::PauseSync, paused, "kari", "ticket 4711").ok());
  EXPECT_EQ(paused.paused().by(), "kari");
  EXPECT_EQ(paused.paused().reason(), "ticket 4711");
  EXPECT_GT(paused.paused().since().seconds(), 1'700'000'000);
  const auto stored = ReadPause(View(*store_));
  ASSERT_TRUE(stored.ok() && stored->has_value());
  EXPECT_EQ((*stored)->reason, "ticket 4711");
  EXPECT_EQ(ReasonOf(PauseSync("ola", "me too")), "SYNC_PAUSED");
  EXPECT_EQ((*ReadPause(View(*store_)))->by, "kari") << "the first one stands";
  v1::TriggerSyncResponse triggered;
  EXPECT_EQ(ReasonOf(Ask(&v1::SyncService::Stub::TriggerSync, triggered)), "SYNC_PAUSED");
  v1::ResumeSyncResponse resumed;
  ASSERT_TRUE(Ask(&v1::SyncService::Stub::ResumeSync, resumed, "ola", "done").ok());
  EXPECT_EQ(resumed.paused().by(), "kari") << "of the pause that has ended";
  EXPECT_FALSE(ReadPause(View(*store_))->has_value());
  EXPECT_EQ(ReasonOf(Ask(&v1::SyncService::Stub::ResumeSync, resumed)), "SYNC_NOT_PAUSED");
}

TEST_F(SyncOperationsTest, SyncNowTellsWhatCameOfIt) {
  Commit({MakeContract(1, "0301")});
  SyncStart next = SyncStart::kStarted;
  ServerOptions options;
  options.operations.start_sync = [&next] { return next; };
  Serve(options);
  StartWriter();
  v1::TriggerSyncResponse response;
  for (const SyncStart outcome : {SyncStart::kStarted, SyncStart::kRunning, SyncStart::kContinuous}) {
    next = outcome;
    ASSERT_TRUE(Ask(&v1::SyncService::Stub::TriggerSync, response).ok());
    EXPECT_EQ(response.outcome(), static_cast<int>(outcome));
  }
}

TEST_F(SyncOperationsTest, WhoAndWhyAreAskedForAndHoldNoIdentityNumber) {
  Commit({MakeContract(1, "0301")});
  Serve();
  StartWriter();
  v1::TriggerSyncResponse triggered;
  v1::CreateBackupResponse backup;
  EXPECT_EQ(ReasonOf(PauseSync("", "why")), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(PauseSync("kari", " ")), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(PauseSync("kari", std::string(1001, 'x'))), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(PauseSync("kari", "about 12837520264")), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(Ask(&v1::SyncService::Stub::TriggerSync, triggered, "", "")), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(Ask(&v1::SyncService::Stub::CreateBackup, backup, "", "")), "INVALID_FIELD");
  EXPECT_FALSE(ReadPause(View(*store_))->has_value());
}

TEST_F(SyncOperationsTest, StatusTellsOfPauseAndBackup) {
  Serve();
  DaemonStatus status;
  status.paused = Pause{{1'000'000}, "kari", "ticket 4711"};
  publication_->Publish(status);
  const auto ask = [this] {
    v1::GetSyncStatusResponse response;
    const auto context = Context();
    EXPECT_TRUE(v1::SyncService::NewStub(channel_)->GetSyncStatus(context.get(), {}, &response).ok());
    return response;
  };
  v1::GetSyncStatusResponse told = ask();
  EXPECT_EQ(told.paused().since().seconds(), 1000);
  EXPECT_EQ(told.paused().by(), "kari");
  EXPECT_EQ(told.paused().reason(), "ticket 4711");
  EXPECT_FALSE(told.has_latest_backup());
  publication_->ShowBackup({.id = 3, .created_at = {5000}, .revision = 7, .epoch = "e", .size_bytes = 9});
  publication_->Publish({});
  told = ask();
  EXPECT_FALSE(told.has_paused());
  EXPECT_EQ(told.latest_backup().id(), 3);
  EXPECT_EQ(told.latest_backup().revision(), 7);
  EXPECT_EQ(told.latest_backup().size_bytes(), 9);
}

TEST_F(SyncOperationsTest, ABackupIsMadeWhereOneIsConfigured) {
  Commit({MakeContract(1, "0301")});
  v1::CreateBackupResponse response;
  Serve();
  EXPECT_EQ(ReasonOf(Ask(&v1::SyncService::Stub::CreateBackup, response)), "BACKUP_NOT_CONFIGURED");
  server_.reset();
  Backups backups(store_.get(), {.directory = directory_.path() + "/backups"});
  ServerOptions options;
  options.operations.backups = &backups;
  Serve(options);
  ASSERT_TRUE(Ask(&v1::SyncService::Stub::CreateBackup, response).ok());
  EXPECT_EQ(response.backup().id(), 1);
  EXPECT_EQ(response.backup().revision(), 1);
  EXPECT_EQ(response.backup().store_epoch(), "epoch-1");
  EXPECT_EQ(publication_->backup()->id, 1);
  server_.reset();  // the backups go before the fixture does
}

}  // namespace
}  // namespace flosync
