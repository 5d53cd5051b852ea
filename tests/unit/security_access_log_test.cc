// The access log: what a line holds, that a change is found, and what a crash leaves.
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
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

}  // namespace
}  // namespace flosync
