// WatchIndicators: the limits of streams, their cancellation and the shutdown.
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/watch_fixture.h"

namespace flosync {
namespace {

using WatchStreamsTest = WatchTest;

TEST_F(WatchStreamsTest, StreamsBeyondTheLimitsAreRefused) {
  ServerOptions options;
  options.max_streams_per_client = 2;
  Serve(options);
  Do({MakeContract(1, "0301")});
  Watcher first(channel_, Request());
  ASSERT_TRUE(first.Read());
  {
    Watcher second(channel_, Request());
    ASSERT_TRUE(second.Read());
    const grpc::Status status = EndOf(Request());
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(ReadErrorDetails(status).reason, "TOO_MANY_STREAMS");
    EXPECT_TRUE(ReadErrorDetails(status).retry_after.has_value());
  }
  ASSERT_TRUE(Eventually([&] { return server_->open_streams() == 1; })) << "a place is given back";
  Watcher third(channel_, Request());
  EXPECT_TRUE(third.Read());
}

TEST_F(WatchStreamsTest, AllStreamsTogetherAreLimited) {
  ServerOptions options;
  options.max_streams = 1;
  Serve(options);
  Do({MakeContract(1, "0301")});
  Watcher first(channel_, Request());
  ASSERT_TRUE(first.Read());
  EXPECT_EQ(ReasonOf(Request(), grpc::StatusCode::RESOURCE_EXHAUSTED), "TOO_MANY_STREAMS");
}

TEST_F(WatchStreamsTest, CancelledStreamsFreeEverything) {
  Serve();
  MakeHistory();
  for (int round = 0; round < 8; ++round) {
    std::vector<std::unique_ptr<Watcher>> watchers;
    for (int i = 0; i < 10; ++i) {
      watchers.push_back(std::make_unique<Watcher>(channel_, Request(i % 2 == 0)));
      // Some before their first message, some within the initial state, some with a message in flight.
      if (i % 5 != 0) {
        EXPECT_TRUE(watchers.back()->Read(static_cast<size_t>(i % 5)));
      }
      if (i % 3 == 0) watchers.back()->Cancel();
    }
    if (round % 4 == 0) Commit({MakeContract(1000 + round, "0301")});
  }
  EXPECT_TRUE(Eventually([&] { return server_->open_streams() == 0; }));
}

TEST_F(WatchStreamsTest, ShutdownEndsStreamsWithUnavailable) {
  Serve();
  MakeHistory();
  Watcher idle(channel_, Request());
  ASSERT_TRUE(idle.Read());
  Watcher within(channel_, Request(true));
  ASSERT_TRUE(within.Read(3));
  std::thread stopper([&] { server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(20)); });
  for (Watcher* watcher : {&idle, &within}) {
    const grpc::Status status = watcher->End();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(ReadErrorDetails(status).reason, "DAEMON_STOPPING");
    EXPECT_TRUE(ReadResumeToken(TokenKind::kIndicatorWatch, watcher->token()).has_value());
  }
  stopper.join();
}

TEST_F(WatchStreamsTest, ShutdownKeepsItsDeadlineWithAStalledConsumer) {
  Serve();
  MakeHistory();
  Watcher stalled(channel_, Request(true));
  ASSERT_TRUE(stalled.Read());
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // until the connection's buffers are full
  const auto begun = std::chrono::steady_clock::now();
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(500));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(450)) << "the consumer was not stalled";
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
  EXPECT_EQ(server_->open_streams(), 0);
}

}  // namespace
}  // namespace flosync
