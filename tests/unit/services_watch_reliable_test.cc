// WatchIndicators over long feeds, damage, slow consumers, many of them, and everything moving (Reliable).
#include <atomic>
#include <future>

#include <gtest/gtest.h>

#include "state/store/keys.h"
#include "tests/unit/watch_fixture.h"

#include "flosync/store/v1/stored.pb.h"

namespace flosync {
namespace {

using WatchReliableTest = WatchTest;

// The feed is long and little of it matches: the stream reads on, in turns, and finds it.
TEST_F(WatchReliableTest, LongStretchesWithoutAMatchAreReadThrough) {
  Serve();
  Do({MakeContract(1, "0301")});
  v1::IndicatorFilter filter;
  filter.add_measures("list_count");
  const std::string token = TokenNow(filter);
  store::v1::StoredUpdate update;
  update.set_area_code("NO");
  update.set_definition("gp-statistics/1.0");
  update.set_breakdown("all");
  update.mutable_before()->set_numerator(1);
  update.mutable_after()->set_numerator(2);
  constexpr int32_t kUpdates = 25'000;
  Batch batch(*store_);
  for (int32_t i = 1; i <= kUpdates; ++i) {
    // Most are of another measure, one of a measure that is no longer published, the last one is asked for.
    update.set_measure(i == 1 ? "gone" : i == kUpdates ? "list_count" : "persons_listed");
    batch.Put(Family::kFeed, FeedKey(2, i), update.SerializeAsString());
  }
  store::v1::StoredRevision revision;
  revision.set_updates(kUpdates);
  batch.Put(Family::kFeed, FeedKey(2, 0), revision.SerializeAsString());
  batch.Put(Family::kMeta, "revision", KeyBuilder().Number64(2).Take());
  ASSERT_TRUE(store_->Commit(batch).ok());
  Watcher watcher(channel_, Request(false, token, filter));
  ASSERT_TRUE(watcher.ReadUpTo(2));
  EXPECT_EQ(watcher.seen().back().updates_size(), 1);
  EXPECT_TRUE(watcher.seen().back().revision_complete());
}

TEST_F(WatchReliableTest, DamagedFeedEndsTheStream) {
  Serve();
  Do({MakeContract(1, "0301")});
  const std::string token = TokenNow();
  Batch batch(*store_);
  batch.Put(Family::kFeed, FeedKey(2, 1), "\xff\xff");
  batch.Put(Family::kMeta, "revision", KeyBuilder().Number64(2).Take());
  ASSERT_TRUE(store_->Commit(batch).ok());
  EXPECT_EQ(EndOf(Request(false, token)).error_code(), grpc::StatusCode::DATA_LOSS);
}

TEST_F(WatchReliableTest, SlowConsumerHoldsNobodyAndMissesNothing) {
  ServerOptions options;
  options.stream_threads = 1;
  Serve(options);
  Do({MakeContract(1, "0301")});
  Watcher slow(NewChannel(), Request(true));
  ASSERT_TRUE(slow.Read());  // and no more for now: what follows exceeds what the connection buffers
  Watcher quick(channel_, Request());
  ASSERT_TRUE(quick.Read());
  for (int i = 0; i < 6; ++i) {
    const int64_t revision = Do(ManyContracts(1000 + 100 * i, 50));
    ASSERT_TRUE(quick.ReadUpTo(revision)) << "held up by the slow one";
  }
  ExpectAllGuarantees({quick.seen()}, truth_);
  ASSERT_TRUE(slow.ReadUpTo(core_->revision()));
  ExpectAllGuarantees({slow.seen()}, truth_);
}

// Commits go on while consumers come and go and are resumed wherever they were cut.
TEST_F(WatchReliableTest, GuaranteesHoldWhileEverythingMoves) {
  ServerOptions options;
  options.security.max_calls_per_second = 100'000;
  Serve(options);
  Do({MakeContract(1, "0301")});
  constexpr int kConsumers = 40;  // more than one task wakes
  constexpr int64_t kLast = 15;
  std::vector<std::future<SeenHistory>> consumers;
  std::atomic<int> started = 0;
  for (int c = 0; c < kConsumers; ++c) {
    consumers.push_back(std::async(std::launch::async, [&, c] {
      SeenHistory history;
      std::string token;
      int64_t complete = 0;
      while (complete < kLast) {
        Watcher watcher(channel_, Request(false, token));
        for (int i = 0; i < 3 + c % 3 * 4 && complete < kLast && watcher.Read(); ++i) {
          const auto& message = watcher.seen().back();
          if (message.progress() || message.revision_complete()) complete = message.revision();
          if (history.empty() && i == 0) ++started;
        }
        if (watcher.seen().empty()) break;
        token = watcher.token();
        history.push_back(watcher.seen());
      }
      return history;
    }));
  }
  ASSERT_TRUE(Eventually([&] { return started == kConsumers; }));
  while (core_->revision() < kLast) {
    const int64_t next = core_->revision();
    Do(next % 3 == 0 ? ManyContracts(1000 * next, 40) : std::vector<RegisterChange>{MakeContract(next + 10, "1103")});
  }
  for (auto& consumer : consumers) {
    const SeenHistory history = consumer.get();
    ASSERT_FALSE(history.empty());
    EXPECT_GE(history.back().back().revision(), kLast);
    ExpectAllGuarantees(history, truth_);
  }
}

}  // namespace
}  // namespace flosync
