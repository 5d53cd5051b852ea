// Commands that have a daemon do something which done twice is not done once.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli_testing.h"

namespace flosync {
namespace {

// Does what it is told, and its answers are lost on the way.
class DaemonOutOfReach final : public FakeDaemon {
 public:
  grpc::Status TriggerSync(grpc::ServerContext*, const v1::TriggerSyncRequest*, v1::TriggerSyncResponse*) override {
    return Lost("now");
  }
  grpc::Status PauseSync(grpc::ServerContext*, const v1::PauseSyncRequest*, v1::PauseSyncResponse*) override {
    return Lost("pause");
  }
  grpc::Status ResumeSync(grpc::ServerContext*, const v1::ResumeSyncRequest*, v1::ResumeSyncResponse*) override {
    return Lost("resume");
  }
  grpc::Status CreateBackup(grpc::ServerContext*, const v1::CreateBackupRequest*, v1::CreateBackupResponse*) override {
    return Lost("backup");
  }
  grpc::Status WithdrawSnapshot(grpc::ServerContext*, const v1::WithdrawSnapshotRequest*,
                                v1::WithdrawSnapshotResponse*) override {
    return Lost("withdraw");
  }
  grpc::Status RedriveDeviations(grpc::ServerContext*, const v1::RedriveDeviationsRequest*,
                                 v1::RedriveDeviationsResponse*) override {
    return Lost("redrive");
  }

  std::vector<std::string> done;

 private:
  grpc::Status Lost(const std::string& what) {
    done.push_back(what);
    return {grpc::StatusCode::UNAVAILABLE, "connection reset"};
  }
};

TEST(OperationCommands, AreNotRepeatedWhereTheAnswerIsLost) {
  DaemonOutOfReach daemon;
  const std::vector<std::vector<std::string>> commands = {
      {"sync", "now"},
      {"sync", "pause"},
      {"sync", "resume"},
      {"backup"},
      {"snapshot", "withdraw", "--reference-date", "2024-01-01", "--edition", "1"},
      {"deviations", "redrive"}};
  for (std::vector<std::string> command : commands) {
    command.insert(command.end(), {"--by", "kari", "--reason", "ticket 4711"});
    EXPECT_EQ(daemon.Ask(command).code, 1) << command[0];
  }
  EXPECT_THAT(daemon.done, testing::ElementsAre("now", "pause", "resume", "backup", "withdraw", "redrive"));
}

}  // namespace
}  // namespace flosync
