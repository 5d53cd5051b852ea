// A watch of the client library hands out every revision once, whole and in order, whatever breaks between it and the
// daemon; against a real server.
#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "client/watch.h"
#include "state/store/keys.h"
#include "tests/support/tcp_relay.h"
#include "tests/unit/watch_fixture.h"

namespace flosync {
namespace {

using client::IndicatorWatch;
using client::WatchEventKind;
using client::WatchOptions;
using Event = IndicatorWatch::Event;
using std::chrono::milliseconds;

class ClientWatch : public WatchTest {
 protected:
  ClientWatch() { filter_.add_measures("list_count"); }

  [[nodiscard]] IndicatorWatch MakeWatch(const std::string& address, const v1::WatchIndicatorsRequest& request,
                                         const WatchOptions& options = {}) const {
    const client::Options connection{.address = address, .timeout_ms = 20'000};
    return {client::Connect(connection), connection, request, options};
  }
  [[nodiscard]] v1::WatchIndicatorsRequest Ask(bool initial_state, const std::string& token = "") const {
    return Request(initial_state, token, filter_);
  }
  // What the watch says until all up to the revision has been handed out, or it ends.
  static std::vector<Event> ReadUpTo(int64_t revision, IndicatorWatch& watch) {
    std::vector<Event> events;
    while (auto event = watch.Next()) {
      events.push_back(*std::move(event));
      if (events.back().revision >= revision) return events;
    }
    return events;
  }
  // A real server on the port that `port` says.
  void ServeOn(int port) {
    ServerOptions options;
    options.address = Join("127.0.0.1:", port);
    Serve(options);
  }
  // Another store, as after a rebuild from the sources.
  void Rebuild(const std::string& epoch) {
    publication_.reset();
    core_.reset();
    store_ = Store::Open(other_directory_.path()).value();
    core_ = Core::Open(store_.get(), &Geography::Shipped(), epoch).value();
    publication_ = std::make_unique<Publication>(store_.get(), &Geography::Shipped());
  }
  // Removes the feed up to the revision before this one.
  void ForgetBefore(int64_t revision) {
    Batch batch(*store_);
    batch.Put(Family::kMeta, "feed_oldest", KeyBuilder().Number64(revision).Take());
    batch.DeleteRange(Family::kFeed, FeedKey(0, 0), FeedKey(revision, 0));
    ASSERT_TRUE(store_->Commit(batch).ok());
  }
  // The events are the truth: initial states whole, then each revision that changed something once, with all it
  // changed.
  void ExpectTruth(const std::vector<Event>& events, int64_t after = 0) const {
    int64_t reached = after;
    for (const Event& event : events) {
      if (event.kind == WatchEventKind::kInitialState) {
        EXPECT_EQ(StateOf(event), truth_.states.at(event.revision));
        reached = event.revision;
      } else if (event.kind == WatchEventKind::kChanges) {
        const auto expected = NextChange(reached);
        ASSERT_NE(expected, truth_.revisions.end());
        EXPECT_EQ(event.revision, expected->first);
        EXPECT_EQ(ChangesOf(event), expected->second);
        reached = event.revision;
      } else if (event.kind == WatchEventKind::kProgress && event.revision > 0) {
        const auto missing = NextChange(reached);
        EXPECT_TRUE(missing == truth_.revisions.end() || missing->first > event.revision);
      }
    }
  }
  static std::vector<WatchEventKind> KindsOf(const std::vector<Event>& events) {
    std::vector<WatchEventKind> kinds;
    for (const Event& event : events) kinds.push_back(event.kind);
    return kinds;
  }

  TempDirectory other_directory_;

 private:
  static std::map<std::string, std::string> StateOf(const Event& event) {
    std::map<std::string, std::string> state;
    for (const auto& update : event.updates) state[FigureName(update.new_row())] = update.new_row().SerializeAsString();
    EXPECT_EQ(state.size(), static_cast<size_t>(event.updates.size()));
    return state;
  }
  static std::vector<FigureUpdate> ChangesOf(const Event& event) {
    std::vector<FigureUpdate> changes;
    for (const auto& update : event.updates) {
      changes.push_back({FigureName(update.has_new_row() ? update.new_row() : update.old_row()),
                         update.has_old_row() ? update.old_row().SerializeAsString() : "",
                         update.has_new_row() ? update.new_row().SerializeAsString() : ""});
    }
    return changes;
  }
  [[nodiscard]] std::map<int64_t, std::vector<FigureUpdate>>::const_iterator NextChange(int64_t after) const {
    auto next = truth_.revisions.upper_bound(after);
    while (next != truth_.revisions.end() && next->second.empty()) ++next;
    return next;
  }
};

TEST_F(ClientWatch, HandsOutWholeRevisionsInOrder) {
  Serve();
  Do({MakeContract(1, "0301")});
  IndicatorWatch watch = MakeWatch(server_->address(), Ask(true));
  std::vector<Event> events = ReadUpTo(core_->revision(), watch);
  ASSERT_EQ(KindsOf(events), (std::vector{WatchEventKind::kProgress, WatchEventKind::kInitialState}));
  Do(ManyContracts(100, 200));
  Do({MakePerson(999, false)});  // changes no figure
  Do({Deletion{{EntityKind::kContract, 1}}});
  const std::vector<Event> changes = ReadUpTo(core_->revision(), watch);
  events.insert(events.end(), changes.begin(), changes.end());
  ExpectTruth(events);
  EXPECT_TRUE(std::ranges::any_of(changes, [](const Event& event) { return event.updates.size() > 100; }))
      << "one of several messages";
}

// Every connection breaks after a random number of bytes, also within revisions and initial states.
TEST_F(ClientWatch, GoesOnOverBrokenConnections) {
  Serve();
  Do({MakeContract(1, "0301")});
  TcpRelay relay(server_->port());
  std::minstd_rand random(17);
  const auto at_most = [&random](size_t bytes) {
    return [&random, bytes] { return std::uniform_int_distribution<size_t>(500, bytes)(random); };
  };
  relay.CutEachAfter(at_most(200'000));
  IndicatorWatch watch = MakeWatch(relay.address(), Ask(true), {.wait_for_daemon = true});
  std::vector<Event> events = ReadUpTo(core_->revision(), watch);
  // An initial state has to come over one connection; of revisions a message has to, which has 30 KB at most.
  relay.CutEachAfter(at_most(60'000));
  relay.Cut();
  for (int64_t round = 0; round < 12; ++round) {
    Do(ManyContracts(1000 * (round + 1), 60 + static_cast<size_t>(round) * 20));
    const std::vector<Event> more = ReadUpTo(core_->revision(), watch);
    events.insert(events.end(), more.begin(), more.end());
  }
  ASSERT_TRUE(watch.status().ok()) << watch.status().error_message();
  EXPECT_EQ(events.back().revision, core_->revision());
  EXPECT_GE(relay.cuts(), 8);
  ExpectTruth(events);
}

TEST_F(ClientWatch, GoesOnAfterARestartOnTheSamePort) {
  Serve();
  Do({MakeContract(1, "0301")});
  const int port = server_->port();
  IndicatorWatch watch = MakeWatch(server_->address(), Ask(false));
  ASSERT_TRUE(watch.Next().has_value());
  const int64_t begun = core_->revision();
  server_.reset();
  const auto broken = watch.Next();
  ASSERT_TRUE(broken.has_value());
  EXPECT_EQ(broken->kind, WatchEventKind::kInterrupted);
  EXPECT_EQ(broken->why.error_code(), grpc::StatusCode::UNAVAILABLE);
  const int64_t changed = Commit({MakeContract(2, "4601")});
  ServeOn(port);
  const std::vector<Event> events = ReadUpTo(changed, watch);
  ASSERT_FALSE(events.empty()) << watch.status().error_message();
  EXPECT_EQ(events.back().kind, WatchEventKind::kChanges);
  EXPECT_EQ(events.back().revision, begun + 1);
}

TEST_F(ClientWatch, AnExpiredTokenEndsItUnlessItMayBeginAnew) {
  Serve();
  MakeHistory();
  ResumePosition position = *ReadResumeToken(TokenKind::kIndicatorWatch, TokenNow(filter_));
  position.revision = 2;
  const std::string old = WriteResumeToken(TokenKind::kIndicatorWatch, position);
  ForgetBefore(5);
  IndicatorWatch ends = MakeWatch(server_->address(), Ask(false, old));
  EXPECT_FALSE(ends.Next().has_value());
  EXPECT_EQ(ReadErrorDetails(ends.status()).reason, "RESUME_TOKEN_EXPIRED");

  IndicatorWatch goes_on = MakeWatch(server_->address(), Ask(false, old), {.begin_anew = true});
  const std::vector<Event> events = ReadUpTo(core_->revision(), goes_on);
  ASSERT_EQ(KindsOf(events),
            (std::vector{WatchEventKind::kStateLost, WatchEventKind::kProgress, WatchEventKind::kInitialState}));
  EXPECT_EQ(ReadErrorDetails(events.front().why).reason, "RESUME_TOKEN_EXPIRED");
  ExpectTruth(events);
}

TEST_F(ClientWatch, ARebuiltStoreEndsItUnlessItMayBeginAnew) {
  Serve();
  MakeHistory();
  const int port = server_->port();
  IndicatorWatch ends = MakeWatch(server_->address(), Ask(false));
  IndicatorWatch goes_on = MakeWatch(server_->address(), Ask(false), {.begin_anew = true});
  ASSERT_TRUE(ends.Next().has_value());
  ASSERT_TRUE(goes_on.Next().has_value());
  server_.reset();
  Rebuild("epoch-2");
  ServeOn(port);
  Do({MakeContract(7, "5501")});

  const std::vector<Event> last = ReadUpTo(INT64_MAX, ends);
  EXPECT_EQ(KindsOf(last), std::vector{WatchEventKind::kInterrupted});
  EXPECT_EQ(ReadErrorDetails(ends.status()).reason, "STORE_EPOCH_CHANGED");
  const std::vector<Event> events = ReadUpTo(core_->revision(), goes_on);
  ASSERT_EQ(KindsOf(events), (std::vector{WatchEventKind::kInterrupted, WatchEventKind::kStateLost,
                                          WatchEventKind::kProgress, WatchEventKind::kInitialState}));
  EXPECT_EQ(events.back().updates.size(), QueryAll(filter_).rows_size());
}

TEST_F(ClientWatch, CancelEndsAWaitFromAnotherThread) {
  Serve();
  MakeHistory();
  IndicatorWatch watch = MakeWatch(server_->address(), Ask(false));
  ASSERT_TRUE(watch.Next().has_value());
  std::thread canceller([&watch] {
    std::this_thread::sleep_for(milliseconds(50));
    watch.Cancel();
  });
  while (watch.Next().has_value()) {
  }
  canceller.join();
  EXPECT_EQ(watch.status().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(ClientWatch, CancelEndsTheLookingForALostDaemon) {
  Serve();
  MakeHistory();
  IndicatorWatch watch = MakeWatch(server_->address(), Ask(false));
  ASSERT_TRUE(watch.Next().has_value());
  server_.reset();
  ASSERT_EQ(watch.Next()->kind, WatchEventKind::kInterrupted);
  std::thread canceller([&watch] {
    std::this_thread::sleep_for(milliseconds(400));
    watch.Cancel();
  });
  EXPECT_FALSE(watch.Next().has_value());
  canceller.join();
  EXPECT_EQ(watch.status().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(ClientWatch, ARevisionLargerThanMayBeKeptEndsIt) {
  Serve();
  MakeHistory();
  IndicatorWatch watch = MakeWatch(server_->address(), Ask(true), {.revision_mib = 0});
  const std::vector<Event> events = ReadUpTo(1, watch);
  EXPECT_EQ(KindsOf(events), std::vector{WatchEventKind::kProgress});
  EXPECT_EQ(watch.status().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(ClientWatch, ADaemonThatWasNeverThereEndsItUnlessItMayWait) {
  Serve();
  Do({MakeContract(1, "0301")});
  const int port = server_->port();
  const std::string address = server_->address();
  server_.reset();
  IndicatorWatch ends = MakeWatch(address, Ask(true));
  EXPECT_FALSE(ends.Next().has_value());
  EXPECT_EQ(ends.status().error_code(), grpc::StatusCode::UNAVAILABLE);

  IndicatorWatch waits = MakeWatch(address, Ask(true), {.wait_for_daemon = true});
  ASSERT_EQ(waits.Next()->kind, WatchEventKind::kInterrupted);
  ServeOn(port);
  EXPECT_EQ(ReadUpTo(core_->revision(), waits).back().kind, WatchEventKind::kInitialState);
}

}  // namespace
}  // namespace flosync
