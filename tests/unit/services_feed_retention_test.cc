// The feed is kept for so many days and so many MiB; a stream whose place has gone is told so, also after a restart.
#include <gtest/gtest.h>

#include "daemon/feed_trimming.h"
#include "tests/unit/watch_fixture.h"

namespace flosync {
namespace {

class FeedRetentionTest : public WatchTest {
 protected:
  // Steps until there is nothing left to do; gives the number of commits.
  static int Trim(FeedTrimming& trimming) {
    int commits = 0;
    int idle = 0;
    while (idle < 3) {
      const auto stepped = trimming.Step();
      EXPECT_TRUE(stepped.ok()) << stepped.status();
      if (!stepped.ok()) break;
      commits += *stepped ? 1 : 0;
      idle = *stepped ? 0 : idle + 1;
    }
    return commits;
  }
  [[nodiscard]] int64_t OldestFigures() const {
    int64_t oldest = 0;
    const auto first = [&oldest](std::string_view key, std::string_view /*value*/) {
      oldest = KeyReader(key).Number64();
      return false;
    };
    EXPECT_TRUE(View(*store_).Each(Family::kFeed, "", first, FeedKey(0, 0)).ok());
    return oldest;
  }
  [[nodiscard]] grpc::Status EndAfter(int64_t revision) const {
    ResumePosition position = PositionNow();
    position.revision = revision;
    return EndOf(Request(false, WriteResumeToken(TokenKind::kIndicatorWatch, position)));
  }
};

TEST_F(FeedRetentionTest, ChangesOlderThanTheDaysGoAndTheirTokensWithThem) {
  Serve();
  MakeHistory();
  const int64_t old = core_->revision();
  now_.ms += 3 * 86'400'000LL;
  Do({MakeContract(3, "0301")});
  const int64_t young = core_->revision();
  FeedTrimming trimming(core_.get(), {.retention_days = 2, .retention_mib = 0});
  EXPECT_GT(Trim(trimming), 0);
  Publish();
  EXPECT_EQ(OldestFigures(), young);
  const grpc::Status status = EndAfter(old - 1);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ReadErrorDetails(status).reason, "RESUME_TOKEN_EXPIRED");
  EXPECT_EQ(ReadErrorDetails(status).metadata.at("oldest_revision"), std::to_string(young));
  // Everything after the border is still there.
  ResumePosition position = PositionNow();
  position.revision = young - 1;
  Watcher watcher(channel_, Request(false, WriteResumeToken(TokenKind::kIndicatorWatch, position)));
  ASSERT_TRUE(watcher.ReadUpTo(young));
  EXPECT_GT(watcher.seen().back().updates_size(), 0);
}

TEST_F(FeedRetentionTest, WhatWasTrimmedStaysSoAfterARestart) {
  Serve();
  MakeHistory();
  now_.ms += 3 * 86'400'000LL;
  Do({MakeContract(3, "0301")});
  const int64_t young = core_->revision();
  {
    FeedTrimming trimming(core_.get(), {.retention_days = 2, .retention_mib = 0});
    Trim(trimming);
  }
  server_.reset();
  publication_.reset();
  core_.reset();
  store_.reset();
  store_ = Store::Open(directory_.path()).value();
  core_ = Core::Open(store_.get(), &Geography::Shipped(), "epoch-2").value();
  publication_ = std::make_unique<Publication>(store_.get(), &Geography::Shipped());
  Serve();
  EXPECT_EQ(ReadErrorDetails(EndAfter(1)).reason, "RESUME_TOKEN_EXPIRED");
  FeedTrimming again(core_.get(), {.retention_days = 2, .retention_mib = 0});
  EXPECT_EQ(Trim(again), 0) << "nothing is left to do";
  EXPECT_EQ(OldestFigures(), young);
}

TEST_F(FeedRetentionTest, AFeedTooLargeLosesItsOldestRevisionsStepByStep) {
  Serve();
  constexpr int64_t kMib = 1 << 20;
  FeedTrimming counting(core_.get(), {.retention_days = 0, .retention_mib = 1000});
  for (int64_t id = 1000; counting.bytes() < 2 * kMib && id < 100'000; id += 100) {
    Do(ManyContracts(id, 60));
    EXPECT_EQ(Trim(counting), 0);
  }
  ASSERT_GE(counting.bytes(), 2 * kMib);
  FeedTrimming trimming(core_.get(), {.retention_days = 0, .retention_mib = 1}, 1000);
  EXPECT_FALSE(trimming.Step().value()) << "it counts first, a thousand entries a step";
  EXPECT_LT(trimming.bytes(), counting.bytes());
  int idle = 0;
  int commits = 0;
  while (idle < 100) {
    const bool committed = trimming.Step().value();
    commits += committed ? 1 : 0;
    idle = committed ? 0 : idle + 1;
  }
  EXPECT_GT(commits, 1);
  EXPECT_LE(trimming.bytes(), kMib);
  EXPECT_GT(trimming.bytes(), kMib / 4) << "no more than is needed";
  FeedTrimming recount(core_.get(), {.retention_days = 0, .retention_mib = 1000});
  Trim(recount);
  EXPECT_EQ(recount.bytes(), trimming.bytes()) << "what was counted is what is there";
}

TEST_F(FeedRetentionTest, AFeedAtItsLimitIsNotTrimmedAfterEachCommit) {
  constexpr int64_t kMib = 1 << 20;
  FeedTrimming trimming(core_.get(), {.retention_days = 2, .retention_mib = 1});
  int trimmed = 0;
  int64_t id = 1000;
  for (; trimmed == 0 && id < 100'000; id += 100) {
    Commit(ManyContracts(id, 60));
    trimmed = Trim(trimming);
  }
  ASSERT_GT(trimmed, 0);
  EXPECT_LE(trimming.bytes(), kMib - kMib / 8);
  int commits = 0;
  for (; trimming.bytes() < kMib - kMib / 16; id += 100, ++commits) {
    Commit(ManyContracts(id, 1));
    EXPECT_EQ(Trim(trimming), 0);
  }
  EXPECT_GT(commits, 5);
}

TEST_F(FeedRetentionTest, WithoutLimitsEverythingIsKept) {
  Serve();
  MakeHistory();
  now_.ms += 400 * 86'400'000LL;
  Do({MakeContract(3, "0301")});
  FeedTrimming trimming(core_.get(), {.retention_days = 0, .retention_mib = 0});
  EXPECT_EQ(Trim(trimming), 0);
  EXPECT_EQ(OldestFigures(), 1);
}

}  // namespace
}  // namespace flosync
