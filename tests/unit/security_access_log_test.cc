// The access log: what a line holds, that a change is found, and what a crash leaves.
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "daemon/security/access_log.h"
#include "daemon/security/access_log_check.h"
#include "domain/text.h"
#include "state/store/sha256.h"
#include "tests/unit/temp_directory.h"

namespace flosync {
namespace {

constexpr Instant kThen{1'772'355'600'000};

class AccessLogTest : public ::testing::Test {
 protected:
  AccessLogTest() {
    caller_.who = "report \"a\"";
    caller_.organisation = "974760673";
    caller_.purpose = "case 17";
    caller_.correlation_id = "a-1";
    caller_.address = "ipv4:192.0.2.7";
  }
  void Append(int entries) {
    auto log = AccessLog::Open(path_, kThen);
    ASSERT_TRUE(log.ok()) << log.status();
    for (int i = 0; i < entries; ++i) {
      ASSERT_TRUE((*log)->Append(caller_, "flosync.v1.DoctorService/GetDoctor", {999000011 + i}, kThen).ok());
    }
  }
  [[nodiscard]] std::string Text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Write(const std::string& text) const { std::ofstream(path_) << text; }
  static AccessLogReport Verify(const std::string& text, const std::string& wanted = "") {
    std::istringstream file(text);
    return VerifyAccessLog(file, wanted);
  }

  TempDirectory directory_;
  const std::string path_ = directory_.path() + "/access_log.ndjson";
  Caller caller_;
};

TEST_F(AccessLogTest, ALineSaysWhoWhatWhenAndWhatFor) {
  Append(1);
  const std::string zeros(64, '0');
  const std::string expected =
      Join(R"({"n":1,"at":"2026-03-01T09:00:00.000Z","event":"read","who":"report \"a\"","organisation":"974760673",)",
           R"("method":"flosync.v1.DoctorService/GetDoctor","purpose":"case 17","correlation_id":"a-1",)",
           R"("address":"ipv4:192.0.2.7","doctors":[999000011],"previous":")", zeros, R"("})");
  // As anybody can count it again.
  Sha256 sha;
  sha.Add(zeros);
  sha.Add(expected);
  EXPECT_EQ(Text(), Join(expected.substr(0, expected.size() - 1), ",\"hash\":\"", sha.Hex(), "\"}\n"));
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
}

TEST_F(AccessLogTest, TheChainGoesOnAfterARestart) {
  Append(2);
  Append(2);
  const AccessLogReport report = Verify(Text());
  EXPECT_EQ(report.end.entries, 4);
  EXPECT_EQ(report.first_bad_line, 0);
}

TEST_F(AccessLogTest, EveryChangeIsFound) {
  Append(4);
  const std::string good = Text();
  std::vector<std::string> lines;
  for (const std::string_view line : Split(good, '\n')) lines.push_back(Join(line, "\n"));
  const auto bad_line = [](const std::string& text) { return Verify(text).first_bad_line; };
  EXPECT_EQ(bad_line(good), 0);
  for (size_t i = 0; i + 1 < good.size(); ++i) {
    std::string changed = good;
    changed[i] = changed[i] == '7' ? '8' : '7';
    EXPECT_NE(bad_line(changed), 0) << "byte " << i;
  }
  EXPECT_EQ(bad_line(lines[0] + lines[2] + lines[3]), 2) << "taken out";
  EXPECT_EQ(bad_line(lines[1] + lines[2] + lines[3]), 1) << "taken out at the beginning";
  EXPECT_EQ(bad_line(lines[0] + lines[0] + lines[1]), 2) << "put in";
  EXPECT_EQ(bad_line(lines[0] + lines[2] + lines[1]), 2) << "in another order";
}

TEST_F(AccessLogTest, ALineRewrittenWithAHashOfItsOwnIsFoundByTheNext) {
  Append(3);
  const std::string good = Text();
  const auto lines = Split(good, '\n');
  AccessLogEnd end;
  ASSERT_TRUE(FollowsInAccessLog(lines[0], end));
  const std::string forged = LinkAccessLine("\"at\":\"2026-03-01T09:00:00.000Z\",\"doctors\":[]", end);
  EXPECT_EQ(Verify(Join(lines[0], "\n", forged, "\n", lines[2], "\n")).first_bad_line, 3);
}

TEST_F(AccessLogTest, WhatIsCutOffAtTheEndIsFoundByAHashNotedBefore) {
  Append(3);
  const std::string good = Text();
  const std::string last = Verify(good).end.hash;
  EXPECT_TRUE(Verify(good, last).contains_wanted);
  const std::string cut = good.substr(0, good.rfind('\n', good.size() - 2) + 1);
  EXPECT_EQ(Verify(cut, last).first_bad_line, 0);
  EXPECT_FALSE(Verify(cut, last).contains_wanted);
}

TEST_F(AccessLogTest, ATornLineIsTakenOffAndSaidSo) {
  Append(2);
  const std::string good = Text();
  const size_t second = good.find('\n') + 1;
  for (const size_t length : {second + 1, second + 100, good.size() - 1}) {
    Write(good.substr(0, length));
    EXPECT_TRUE(Verify(Text()).torn) << length;
    Append(1);
    const std::string text = Text();
    EXPECT_EQ(text.substr(0, second), good.substr(0, second));
    EXPECT_NE(text.find(Join("\"event\":\"recovered\",\"torn_bytes\":", length - second, ",")), std::string::npos)
        << text;
    const AccessLogReport report = Verify(text);
    EXPECT_EQ(report.first_bad_line, 0);
    EXPECT_EQ(report.end.entries, 3);
  }
  Write("{\"n\":1,\"at");
  Append(1);
  EXPECT_EQ(Verify(Text()).end.entries, 2);
}

TEST_F(AccessLogTest, AnAlteredEndIsNotBuiltOn) {
  Append(2);
  std::string text = Text();
  text[text.size() - 10] = text[text.size() - 10] == '7' ? '8' : '7';
  Write(text);
  const auto log = AccessLog::Open(path_, kThen);
  EXPECT_EQ(log.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Text(), text) << "evidence stays";
}

TEST_F(AccessLogTest, OneProcessWritesIt) {
  const auto first = AccessLog::Open(path_, kThen);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(AccessLog::Open(path_, kThen).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(AccessLogTest, AfterAFailedWriteNothingOfTheEntryIsLeft) {
  auto log = AccessLog::Open(path_, kThen);
  ASSERT_TRUE(log.ok());
  ASSERT_TRUE((*log)->Append(caller_, "a", {1}, kThen).ok());
  const std::string before = Text();
  // A disk that is full: the file may grow by less than a line.
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  rlimit limit = old_limit;
  limit.rlim_cur = before.size() + 50;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  const absl::Status refused = (*log)->Append(caller_, "a", {2}, kThen);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Text(), before);
  ASSERT_TRUE((*log)->Append(caller_, "a", {3}, kThen).ok());
  EXPECT_EQ(Verify(Text()).end.entries, 2);
  EXPECT_EQ(Verify(Text()).first_bad_line, 0);
}

// A disk whose next sync ends when the test says so, and how.
class SlowDisk {
 public:
  [[nodiscard]] AccessLog::Sync Sync() {
    return [this](int file) {
      std::unique_lock lock(mutex_);
      ++begun_;
      changed_.notify_all();
      changed_.wait(lock, [this] { return ended_ >= begun_; });
      if (fails_) errno = EIO;
      return !fails_ && fdatasync(file) == 0;
    };
  }
  void AwaitSync(int number) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return begun_ >= number; });
  }
  // Lets the syncs up to this one end.
  void End(int number, bool fails = false) {
    const std::lock_guard lock(mutex_);
    ended_ = number;
    fails_ = fails;
    changed_.notify_all();
  }
  [[nodiscard]] int begun() {
    const std::lock_guard lock(mutex_);
    return begun_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0;
  int ended_ = 0;
  bool fails_ = false;
};

class AccessLogGroupTest : public AccessLogTest {
 protected:
  ~AccessLogGroupTest() override { disk_.End(INT_MAX); }
  void Open() { log_ = AccessLog::Open(path_, kThen, disk_.Sync()).value(); }
  // One that waits; its outcome once it is told.
  std::future<absl::Status> Ask(int64_t doctor) {
    const auto told = std::make_shared<std::promise<absl::Status>>();
    log_->Append(caller_, "a", {doctor}, kThen, [told](const absl::Status& outcome) { told->set_value(outcome); });
    return told->get_future();
  }
  static bool IsTold(const std::future<absl::Status>& outcome) {
    return outcome.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  SlowDisk disk_;
  std::unique_ptr<AccessLog> log_;
};

TEST_F(AccessLogGroupTest, NobodyIsToldBeforeTheDiskHasIt) {
  Open();
  auto first = Ask(1);
  disk_.AwaitSync(1);
  EXPECT_EQ(Verify(Text()).end.entries, 1) << "what is synced is the entry";
  EXPECT_EQ(log_->end().entries, 0);
  // An entry that comes while the disk is busy is not part of what it makes sure of.
  auto second = Ask(2);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_FALSE(IsTold(first));
  disk_.End(1);
  EXPECT_TRUE(first.get().ok());
  disk_.AwaitSync(2);
  EXPECT_EQ(log_->end().entries, 1);
  EXPECT_FALSE(IsTold(second));
  disk_.End(2);
  EXPECT_TRUE(second.get().ok());
  EXPECT_EQ(log_->end().entries, 2);
}

TEST_F(AccessLogGroupTest, ThoseWhoWaitTogetherWaitForOneSync) {
  Open();
  std::vector<std::future<absl::Status>> told;
  told.push_back(Ask(1));
  disk_.AwaitSync(1);
  for (int64_t doctor = 2; doctor <= 100; ++doctor) told.push_back(Ask(doctor));
  disk_.End(2);
  for (auto& outcome : told) EXPECT_TRUE(outcome.get().ok());
  EXPECT_EQ(disk_.begun(), 2);
  const std::string text = Text();
  EXPECT_EQ(Verify(text).end.entries, 100);
  EXPECT_EQ(Verify(text).end.hash, log_->end().hash);
  size_t at = 0;
  for (int64_t doctor = 1; doctor <= 100; ++doctor) {
    at = text.find(Join("\"doctors\":[", doctor, "]"), at);
    ASSERT_NE(at, std::string::npos) << doctor << " is not in its order";
  }
}

TEST_F(AccessLogGroupTest, AFailedSyncIsToldToAllWhoWaitedForItAndToNobodyElse) {
  Open();
  auto before = Ask(1);
  disk_.AwaitSync(1);
  auto one = Ask(2);
  auto other = Ask(3);
  disk_.End(1);
  EXPECT_TRUE(before.get().ok());
  const std::string good = Text().substr(0, Text().find('\n') + 1);
  disk_.AwaitSync(2);
  auto after = Ask(4);
  disk_.End(2, true);
  EXPECT_EQ(one.get().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(other.get().code(), absl::StatusCode::kUnavailable);
  disk_.AwaitSync(3);
  const std::string now = Text();
  EXPECT_EQ(now.substr(0, good.size()), good) << "what came before stays";
  EXPECT_EQ(now.find("\"doctors\":[2]"), std::string::npos);
  EXPECT_EQ(now.find("\"doctors\":[3]"), std::string::npos);
  disk_.End(INT_MAX);
  EXPECT_TRUE(after.get().ok());
  EXPECT_EQ(Verify(Text()).end.entries, 2);
  EXPECT_EQ(Verify(Text()).first_bad_line, 0);
}

TEST_F(AccessLogGroupTest, AnEntryTooLongFailsAlone) {
  Open();
  auto first = Ask(1);
  disk_.AwaitSync(1);
  std::set<int64_t> many;
  for (int64_t doctor = 0; doctor < 120'000; ++doctor) many.insert(999'000'000 + doctor);
  const auto told = std::make_shared<std::promise<absl::Status>>();
  log_->Append(caller_, "a", many, kThen, [told](const absl::Status& outcome) { told->set_value(outcome); });
  // Too long to have anything wait beside it: taken once that has been written.
  std::future<absl::Status> last;
  std::thread behind([&] { last = Ask(2); });
  disk_.End(INT_MAX);
  behind.join();
  EXPECT_EQ(told->get_future().get().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(last.get().ok());
  EXPECT_EQ(Verify(Text()).end.entries, 2);
  EXPECT_EQ(Verify(Text()).first_bad_line, 0);
}

TEST_F(AccessLogGroupTest, WhatWaitsIsBounded) {
  Open();
  auto first = Ask(1);
  disk_.AwaitSync(1);
  constexpr int kMany = 10'000;  // of some 250 bytes each
  std::atomic<int> taken = 0;
  std::vector<std::future<absl::Status>> told(kMany);
  std::thread asking([&] {
    for (auto& outcome : told) {
      outcome = Ask(2);
      ++taken;
    }
  });
  int before = -1;
  while (before != taken) {
    before = taken;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  }
  EXPECT_GT(before, 1000);
  EXPECT_LT(before, 8000) << "a mebibyte waits, and no more";
  disk_.End(INT_MAX);
  asking.join();
  for (auto& outcome : told) EXPECT_TRUE(outcome.get().ok());
  EXPECT_EQ(Verify(Text()).end.entries, kMany + 1);
}

TEST_F(AccessLogGroupTest, WhatWaitsIsWrittenWhenTheLogIsClosed) {
  Open();
  auto first = Ask(1);
  disk_.AwaitSync(1);
  auto second = Ask(2);
  disk_.End(INT_MAX);
  log_.reset();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
  EXPECT_EQ(Verify(Text()).end.entries, 2);
}

TEST_F(AccessLogTest, ManyThreadsMakeOneChain) {
  constexpr int kThreads = 16;
  constexpr int kEach = 50;
  {
    const auto log = AccessLog::Open(path_, kThen).value();
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kEach; ++i) {
          EXPECT_TRUE(log->Append(caller_, "a", {1000 * (thread + 1) + i}, kThen).ok());
          EXPECT_GE(log->end().entries, i + 1) << "told before it was on disk";
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const std::string text = Text();
  EXPECT_EQ(Verify(text).end.entries, kThreads * kEach);
  EXPECT_EQ(Verify(text).first_bad_line, 0);
  for (int thread = 0; thread < kThreads; ++thread) {
    size_t at = 0;
    for (int i = 0; i < kEach; ++i) {
      at = text.find(Join("\"doctors\":[", 1000 * (thread + 1) + i, "]"), at);
      ASSERT_NE(at, std::string::npos) << "a thread's entries are in its order";
    }
  }
}

}  // namespace
}  // namespace flosync
