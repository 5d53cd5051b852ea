// A call of the client library is repeated where that helps, and nowhere else.
#include <chrono>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "client/backoff.h"
#include "client/call.h"
#include "daemon/services/errors.h"
#include "tests/unit/cli_testing.h"

namespace flosync {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// A daemon that answers a query with these, then with OK.
class Answers {
 public:
  explicit Answers(std::vector<grpc::Status> answers) {
    daemon_.query = [this, answers = std::move(answers)](const auto&, v1::QueryIndicatorsResponse& out) {
      out.set_revision(++asked_);
      const auto number = static_cast<size_t>(asked_);
      return number <= answers.size() ? answers[number - 1] : grpc::Status::OK;
    };
  }
  grpc::Status Ask(client::Options options = {}) {
    options.address = daemon_.address();
    const auto stub = v1::IndicatorService::NewStub(client::Connect(options));
    return client::Call(*stub, &v1::IndicatorService::Stub::QueryIndicators, {}, answer_, options);
  }
  [[nodiscard]] int asked() const { return asked_; }
  [[nodiscard]] const v1::QueryIndicatorsResponse& answer() const { return answer_; }

 private:
  FakeDaemon daemon_;
  int asked_ = 0;
  v1::QueryIndicatorsResponse answer_;
};

const grpc::Status kAway(grpc::StatusCode::UNAVAILABLE, "away");

TEST(ClientCall, IsRepeatedWhileTheDaemonIsAway) {
  Answers answers({kAway, kAway});
  EXPECT_TRUE(answers.Ask().ok());
  EXPECT_EQ(answers.asked(), 3);
  EXPECT_EQ(answers.answer().revision(), 3);
}

TEST(ClientCall, IsRepeatedSoOftenAndNoMore) {
  Answers answers({10, kAway});
  EXPECT_EQ(answers.Ask().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(answers.asked(), 4);
  EXPECT_EQ(answers.Ask({.attempts = 1}).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(answers.asked(), 5);
}

TEST(ClientCall, WaitsAsLongAsTheDaemonAsks) {
  Answers answers({TooMany("TOO_MANY_CALLS", "later", milliseconds(400))});
  const auto begun = Clock::now();
  EXPECT_TRUE(answers.Ask().ok());
  EXPECT_GE(Clock::now() - begun, milliseconds(400));
  EXPECT_EQ(answers.asked(), 2);
}

TEST(ClientCall, DoesNotWaitForWhatItsTimeIsTooShortFor) {
  Answers answers({TooMany("TOO_MANY_CALLS", "later", std::chrono::seconds(30))});
  const auto begun = Clock::now();
  EXPECT_EQ(answers.Ask({.timeout_ms = 10'000}).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_LT(Clock::now() - begun, std::chrono::seconds(5));
  EXPECT_EQ(answers.asked(), 1);
}

TEST(ClientCall, RefusalsThatStayAreAnswers) {
  for (const auto code : {grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::NOT_FOUND,
                          grpc::StatusCode::UNAUTHENTICATED, grpc::StatusCode::RESOURCE_EXHAUSTED}) {
    Answers answers({grpc::Status(code, "no")});
    EXPECT_EQ(answers.Ask().error_code(), code);
    EXPECT_EQ(answers.asked(), 1) << code;
  }
}

TEST(ClientBackoff, GrowsWithinBoundsAndNeverAlike) {
  std::set<int64_t> firsts;
  for (int i = 0; i < 20; ++i) {
    client::Backoff backoff;
    milliseconds longest = client::Backoff::kFirst;
    for (int step = 0; step < 10; ++step) {
      const milliseconds pause = backoff.Next(kAway);
      if (step == 0) firsts.insert(pause.count());
      EXPECT_GE(pause, longest / 2);
      EXPECT_LE(pause, longest);
      longest = std::min(longest * 2, client::Backoff::kLongest);
    }
    backoff.Reset();
    EXPECT_LE(backoff.Next(kAway), client::Backoff::kFirst);
  }
  EXPECT_GT(firsts.size(), 3U);
}

TEST(ClientBackoff, HonoursWhatIsAskedUpToAMinute) {
  client::Backoff backoff;
  EXPECT_EQ(backoff.Next(TooMany("X", "x", std::chrono::seconds(7))), std::chrono::seconds(7));
  EXPECT_EQ(backoff.Next(TooMany("X", "x", std::chrono::hours(7))), std::chrono::minutes(1));
}

}  // namespace
}  // namespace flosync
