// Backups: what they hold, how many are kept, what restoring refuses, and that a restored state is the same one under
// another name.
#include "daemon/backups.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/snapshots/snapshot.h"
#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

namespace fs = std::filesystem;

class BackupsTest : public ServicesTest {
 protected:
  std::string Place(const std::string& name) const { return directory_.path() + "/" + name; }
  BackupOutcome Make(int32_t kept = 7) {
    Backups backups(store_.get(), {.directory = Place("backups"), .kept = kept});
    const auto made = backups.Create(now_);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.value_or(BackupOutcome());
  }
  std::vector<int64_t> Ids() const {
    std::vector<int64_t> ids;
    const auto backups = ListBackups(Place("backups"));
    EXPECT_TRUE(backups.ok()) << backups.status();
    for (size_t i = 0; backups.ok() && i < backups->size(); ++i) ids.push_back((*backups)[i].id);
    return ids;
  }
  absl::StatusOr<RestoredState> Restore(const std::string& to, int64_t id = 0) const {
    return RestoreBackup(Place("backups"), id, Place(to), "epoch-of-restored");
  }
  void WriteLetters(const std::string& letters, const std::string& sent) const {
    std::ofstream(Place("deadletter.ndjson"), std::ios::binary) << letters;
    std::ofstream(Place("deadletter.sent"), std::ios::binary) << sent;
  }
  static std::string ReadFile(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

TEST_F(BackupsTest, ARestoredStateIsTheSameUnderANewEpoch) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
  WriteLetters("{\"key\":\"a\"}\n", "10\n");
  const BackupOutcome made = Make();
  EXPECT_EQ(made.id, 1);
  EXPECT_EQ(made.revision, 1);
  EXPECT_EQ(made.epoch, "epoch-1");
  EXPECT_GT(made.size_bytes, 0);
  const std::string digest = StateDigest(View(*store_)).value();
  Commit({MakeContract(2, "0301")});
  const auto restored = Restore("new/state");
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->backup.revision, 1);
  EXPECT_EQ(restored->partitions.all().at({"flo.contract", 0}).next_offset, 1);
  const auto store = Store::Open(Place("new/state")).value();
  EXPECT_EQ(StateDigest(View(*store)).value(), digest);
  const auto core = Core::Open(store.get(), &Geography::Shipped(), "unused").value();
  EXPECT_EQ(core->epoch(), "epoch-of-restored") << "tokens from after the backup must not hold";
  EXPECT_EQ(core->revision(), 1);
  EXPECT_EQ(ReadFile(Place("new/state/deadletter.ndjson")), "{\"key\":\"a\"}\n");
  EXPECT_EQ(ReadFile(Place("new/state/deadletter.sent")), "10\n");
  EXPECT_FALSE(fs::exists(Place("new/state/restoring")));
}

TEST_F(BackupsTest, SoManyAreKeptAndEachCanBeRestored) {
  std::vector<std::string> digests;
  for (int64_t i = 1; i <= 4; ++i) {
    Commit({MakeContract(i, "0301")});
    digests.push_back(StateDigest(View(*store_)).value());
    Make(/*kept=*/2);
  }
  EXPECT_EQ(Ids(), (std::vector<int64_t>{3, 4}));
  for (const int64_t id : {3, 4}) {
    const std::string to = "state-" + std::to_string(id);
    ASSERT_TRUE(Restore(to, id).ok());
    const auto store = Store::Open(Place(to)).value();
    EXPECT_EQ(StateDigest(View(*store)).value(), digests[static_cast<size_t>(id - 1)]);
  }
  EXPECT_TRUE(absl::IsNotFound(Restore("other", 1).status()));
}

TEST_F(BackupsTest, OnlyAnEmptyDirectoryIsRestoredInto) {
  Commit({MakeContract(1, "0301")});
  Make();
  fs::create_directories(Place("used"));
  std::ofstream(Place("used/notes.txt")) << "mine";
  const auto refused = Restore("used");
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
  EXPECT_NE(refused.status().message().find("notes.txt"), std::string::npos);
  EXPECT_EQ(std::distance(fs::directory_iterator(Place("used")), {}), 1) << "nothing was written";
  // What an attempt that was cut off has left is no obstacle.
  fs::create_directories(Place("cut/restoring/db"));
  std::ofstream(Place("cut/restoring/db/half.sst")) << "half";
  EXPECT_TRUE(Restore("cut").ok());
}

TEST_F(BackupsTest, ADamagedBackupIsRefusedBeforeAnythingIsWritten) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
  WriteLetters("{\"key\":\"a\"}\n", "0\n");
  Make();
  const std::string letters = Place("backups/1/deadletter.ndjson");
  fs::permissions(letters, fs::perms::owner_all);
  std::ofstream(letters, std::ios::binary) << "{\"key\":\"b\"}\n";
  EXPECT_TRUE(absl::IsDataLoss(Restore("state").status()));
  std::ofstream(letters, std::ios::binary) << "{\"key\":\"a\"}\n";
  fs::path file;
  for (const auto& entry : fs::recursive_directory_iterator(Place("backups/store"))) {
    if (entry.path().extension() == ".sst") file = entry.path();
  }
  ASSERT_FALSE(file.empty());
  std::string bytes = ReadFile(file);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(file, std::ios::binary) << bytes;
  const auto refused = Restore("state");
  EXPECT_TRUE(absl::IsDataLoss(refused.status())) << refused.status();
  EXPECT_FALSE(fs::exists(Place("state")));
}

TEST_F(BackupsTest, WhatWasCutOffIsNoBackupAndGoesWithTheNext) {
  Commit({MakeContract(1, "0301")});
  Make();
  fs::remove(Place("backups/1/backup"));
  EXPECT_TRUE(Ids().empty());
  EXPECT_TRUE(absl::IsNotFound(Restore("state").status()));
  EXPECT_EQ(Make().id, 2);
  EXPECT_EQ(Ids(), std::vector<int64_t>{2});
  EXPECT_FALSE(fs::exists(Place("backups/1")));
}

TEST_F(BackupsTest, OthersCannotReadThem) {
  Commit({MakeContract(1, "0301")});
  Make();
  EXPECT_EQ(fs::status(Place("backups")).permissions(), fs::perms::owner_all);
}

TEST_F(BackupsTest, AfterStopNoneIsMade) {
  Backups backups(store_.get(), {.directory = Place("backups")});
  backups.Stop();
  EXPECT_TRUE(absl::IsCancelled(backups.Create(now_).status()));
}

}  // namespace
}  // namespace flosync
