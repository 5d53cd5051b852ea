#include "daemon/give_way.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

namespace flosync {
namespace {

int Niceness() { return getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())); }

TEST(GiveWay, AddsToWhatTheThreadBeganWithAndChangesNoOther) {
  constexpr int kMost = 19;
  const int before = Niceness();
  int given_way = 0;
  int lowest = 0;
  std::thread([&] {
    GiveWay(kIntakeNiceness);
    given_way = Niceness();
    GiveWay(kLowestNiceness);
    lowest = Niceness();
  }).join();
  EXPECT_EQ(given_way, std::min(before + kIntakeNiceness, kMost));
  EXPECT_EQ(lowest, kMost);
  EXPECT_EQ(Niceness(), before);
}

}  // namespace
}  // namespace flosync
