// What a watch of the client library does with a daemon that says just this: breaks within a revision, silence,
// refusals, broken promises.
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/watch.h"
#include "daemon/services/errors.h"
#include "tests/unit/cli_testing.h"

namespace flosync {
namespace {

using client::IndicatorWatch;
using client::WatchEventKind;
using client::WatchOptions;
using ::testing::ElementsAre;
using Message = v1::WatchIndicatorsResponse;
using Connection = std::vector<Message>;

Message Progress(int64_t revision, const std::string& token) {
  Message message;
  message.set_revision(revision);
  message.set_resume_token(token);
  message.set_progress(true);
  return message;
}

enum class Part { kSome, kLast };

Message Update(int64_t revision, const std::string& token, const std::string& area, Part part) {
  Message message;
  message.set_revision(revision);
  message.set_resume_token(token);
  message.set_revision_complete(part == Part::kLast);
  *message.add_updates()->mutable_new_row() = Row(area, "Area", 8, 13);
  return message;
}

Message State(int64_t revision, const std::string& token, const std::string& area, Part part) {
  Message message = Update(revision, token, area, part);
  message.set_initial_state(true);
  return message;
}

// A daemon whose connections say what is written here, one after the other, and each end with its status; further ones
// wait until they are cancelled.
class Scripted {
 public:
  struct Act {
    Connection messages;
    grpc::Status end;
  };

  explicit Scripted(std::vector<Act> acts) : acts_(std::move(acts)) {
    daemon_.watch = [this](const auto& request, grpc::ServerContext* context, auto* writer) {
      const size_t act = Note(request);
      if (act < acts_.size()) {
        for (const Message& message : acts_[act].messages) writer->Write(message);
        return acts_[act].end;
      }
      while (!context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      return grpc::Status::CANCELLED;
    };
  }
  [[nodiscard]] IndicatorWatch Watch(const WatchOptions& options = {}, int32_t timeout_ms = 20'000) const {
    const client::Options connection{.address = daemon_.address(), .timeout_ms = timeout_ms};
    return {client::Connect(connection), connection, {}, options};
  }
  [[nodiscard]] std::vector<std::string> tokens() {
    const std::lock_guard lock(mutex_);
    return tokens_;
  }

 private:
  size_t Note(const v1::WatchIndicatorsRequest& request) {
    const std::lock_guard lock(mutex_);
    tokens_.push_back(request.resume_token());
    return tokens_.size() - 1;
  }

  const std::vector<Act> acts_;
  std::mutex mutex_;
  std::vector<std::string> tokens_;
  FakeDaemon daemon_;
};

const grpc::Status kAway(grpc::StatusCode::UNAVAILABLE, "stopping");

std::vector<std::string> AreasOf(const IndicatorWatch::Event& event) {
  std::vector<std::string> areas;
  for (const auto& update : event.updates) areas.push_back(update.new_row().area().code());
  return areas;
}

// The next event that tells of figures.
IndicatorWatch::Event NextFigures(IndicatorWatch& watch) {
  while (auto event = watch.Next()) {
    if (event->updates.size() > 0) return *event;
  }
  ADD_FAILURE() << watch.status().error_message();
  return {};
}

TEST(ClientWatchScripted, KeepsTheBeginningOfARevisionOverABreak) {
  Scripted daemon({{{Progress(16, "a"), Update(17, "b", "0301", Part::kSome)}, kAway},
                   {{Progress(16, "b"), Update(17, "c", "1103", Part::kSome)}, kAway},
                   {{Progress(16, "c"), Update(17, "d", "5501", Part::kLast)}, kAway}});
  IndicatorWatch watch = daemon.Watch();
  ASSERT_EQ(watch.Next()->kind, WatchEventKind::kProgress);
  ASSERT_EQ(watch.Next()->kind, WatchEventKind::kInterrupted);
  ASSERT_EQ(watch.Next()->kind, WatchEventKind::kInterrupted) << "no progress of a revision that is being kept";
  const auto changes = watch.Next();
  EXPECT_EQ(changes->kind, WatchEventKind::kChanges);
  EXPECT_EQ(changes->resume_token, "d");
  EXPECT_THAT(AreasOf(*changes), ElementsAre("0301", "1103", "5501"));
  EXPECT_THAT(daemon.tokens(), ElementsAre("", "b", "c"));
}

TEST(ClientWatchScripted, AnInitialStateThatBrokeOffIsReadAgain) {
  Scripted daemon(
      {{{Progress(0, "a"), State(17, "b", "0301", Part::kSome)}, kAway},
       {{Progress(0, "b"), State(18, "c", "0301", Part::kSome), State(18, "d", "1103", Part::kLast)}, kAway}});
  IndicatorWatch watch = daemon.Watch();
  const auto state = NextFigures(watch);
  EXPECT_EQ(state.kind, WatchEventKind::kInitialState);
  EXPECT_EQ(state.revision, 18);
  EXPECT_THAT(AreasOf(state), ElementsAre("0301", "1103"));
}

TEST(ClientWatchScripted, ASilentDaemonIsLeftAndFoundAgain) {
  Scripted daemon({});
  IndicatorWatch first = daemon.Watch({}, 50);
  EXPECT_FALSE(first.Next().has_value());
  EXPECT_EQ(first.status().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);

  FakeDaemon silent;
  int connections = 0;
  silent.watch = [&connections](const auto&, grpc::ServerContext* context, auto* writer) {
    writer->Write(++connections == 1 ? Progress(16, "a") : Update(17, "b", "0301", Part::kLast));
    while (!context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return grpc::Status::CANCELLED;
  };
  const client::Options connection{.address = silent.address()};
  IndicatorWatch watch(client::Connect(connection), connection, {}, {.silence_ms = 100});
  ASSERT_EQ(watch.Next()->kind, WatchEventKind::kProgress);
  const auto broken = watch.Next();
  EXPECT_EQ(broken->kind, WatchEventKind::kInterrupted);
  EXPECT_EQ(broken->why.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(watch.Next()->kind, WatchEventKind::kChanges);
}

TEST(ClientWatchScripted, RefusalsThatStayEndIt) {
  for (const auto code :
       {grpc::StatusCode::UNAUTHENTICATED, grpc::StatusCode::PERMISSION_DENIED, grpc::StatusCode::INVALID_ARGUMENT,
        grpc::StatusCode::INTERNAL, grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::DATA_LOSS}) {
    Scripted daemon({{{Progress(16, "a")}, grpc::Status(code, "no")}});
    IndicatorWatch watch = daemon.Watch({.wait_for_daemon = true, .begin_anew = true});
    ASSERT_TRUE(watch.Next().has_value());
    EXPECT_FALSE(watch.Next().has_value()) << code;
    EXPECT_EQ(watch.status().error_code(), code);
    EXPECT_FALSE(watch.Next().has_value()) << "and stays ended";
  }
}

TEST(ClientWatchScripted, RefusalsThatPassDoNot) {
  using std::chrono::milliseconds;
  Scripted daemon({{{}, TooMany("TOO_MANY_STREAMS", "come again", milliseconds(300))},
                   {{Progress(16, "a")}, TooMany("TOO_MANY_STREAMS", "come again", milliseconds(10))},
                   {{Update(17, "b", "0301", Part::kLast)}, kAway}});
  IndicatorWatch watch = daemon.Watch();
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(NextFigures(watch).revision, 17);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(300));
}

TEST(ClientWatchScripted, ARevisionLeftIncompleteIsNoRevision) {
  Scripted daemon({{{Update(17, "a", "0301", Part::kSome), Update(18, "b", "0301", Part::kLast)}, kAway}});
  IndicatorWatch watch = daemon.Watch();
  EXPECT_FALSE(watch.Next().has_value());
  EXPECT_EQ(watch.status().error_code(), grpc::StatusCode::INTERNAL);
}

TEST(ClientWatchScripted, GivesUpSomeTimeAfterTheDaemonWasLastHeard) {
  Scripted daemon({{{Progress(16, "a")}, kAway}});
  IndicatorWatch watch = daemon.Watch({.reconnect_s = 0});
  ASSERT_TRUE(watch.Next().has_value());
  EXPECT_FALSE(watch.Next().has_value());
  EXPECT_EQ(watch.status().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST(ClientWatchScripted, UnusableCredentialsEndIt) {
  Scripted daemon({});
  const client::Options connection{.address = "127.0.0.1:1", .token = "not a token"};
  IndicatorWatch watch(client::Connect(connection), connection, {}, {});
  EXPECT_FALSE(watch.Next().has_value());
  EXPECT_EQ(watch.status().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace flosync
