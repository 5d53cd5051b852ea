// What long commands ask of the process.
#include <sys/resource.h>

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "daemon/cli/process.h"

namespace flosync {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): literals only

TEST(FileLimit, IsRaisedAsFarAsItMayBe) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 200;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  EXPECT_EQ(RaiseFileLimit(), static_cast<int64_t>(before.rlim_max));
  rlimit after{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(EndsWithin, LetsWhatIsInTimeGoOn) {
  { const EndsWithin end(1min); }
}

TEST(EndsWithinDeathTest, CutsShortWhatTakesLonger) {
  const auto hang = [] {
    const EndsWithin end(50ms);
    std::this_thread::sleep_for(1min);
  };
  EXPECT_EXIT(hang(), ::testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace flosync
