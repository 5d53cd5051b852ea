#include <gtest/gtest.h>

#include "state/store/feed_keys.h"
#include "tests/support/core_harness.h"
#include "tests/support/doctor_check.h"

// What is told of doctors: whom, when, why, and at what cost. That it is right is asked of random histories
// (state_property_test.cc).
namespace flosync {
namespace {

using Contracts = std::vector<CurrentContract>;

TEST(DoctorBook, TellsNothingBeforeTheRegisterIsWhole) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:01Z");
  EXPECT_TRUE(ToldStatuses(h).empty());
  h.BeginAlerts();
  h.Tell(ASpecialist(7), "2024-01-10T10:00:02Z");
  ASSERT_EQ(ToldStatuses(h).size(), 1U);
  const DoctorStatus told = ToldStatuses(h).at(7);
  EXPECT_TRUE(told.in_hpr && told.specialist && told.authorised);
  EXPECT_EQ(told.surviving, 7);
  EXPECT_EQ(told.contracts, (Contracts{{1, "LPFL"}}));
  EXPECT_EQ(DoctorDifference(h), "");
}

TEST(DoctorBook, R8_OnlyOfDoctorsThatADoctorPeriodNames) {
  CoreHarness h;
  h.BeginAlerts();
  h.Tell(ASpecialist(7), "2024-01-10T10:00:00Z");
  EXPECT_TRUE(DoctorFeed(h).empty());
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:01Z");
  ASSERT_EQ(DoctorFeed(h).size(), 1U);
  EXPECT_FALSE(DoctorFeed(h)[0].before);
  EXPECT_EQ(DoctorFeed(h)[0].cause->topic, Topic::kDoctorPeriod);
  h.Tell(WithoutDoctorPeriod(11), "2024-01-11T10:00:00Z");
  ASSERT_EQ(DoctorFeed(h).size(), 2U);
  EXPECT_FALSE(DoctorFeed(h)[1].after) << "FLO names the number no more";
  EXPECT_TRUE(ToldStatuses(h).empty());
}

TEST(DoctorBook, R9_TheClockTellsWhenASpecialityEndsAndAContractBegins) {
  CoreHarness h;
  h.BeginAlerts();
  const auto ends = [](Person& p) { p.approvals[0].specialities[0].period.to = Day(2024, 2, 1); };
  h.Tell(But(ASpecialist(7), ends), "2024-01-10T10:00:00Z");
  h.Tell(ARegularGp(11, 1, 7, Since(Day(2024, 1, 20))), "2024-01-10T10:00:01Z");
  EXPECT_TRUE(ToldStatuses(h).at(7).specialist);
  EXPECT_TRUE(ToldStatuses(h).at(7).contracts.empty());
  h.MoveClock("2024-01-19T22:59:59Z");
  EXPECT_EQ(DoctorFeed(h).size(), 1U);
  h.MoveClock("2024-01-19T23:00:00Z");
  EXPECT_EQ(ToldStatuses(h).at(7).contracts, (Contracts{{1, "LPFL"}}));
  EXPECT_FALSE(DoctorFeed(h).back().cause) << "the clock";
  h.MoveClock("2024-01-31T23:00:00Z");
  EXPECT_FALSE(ToldStatuses(h).at(7).specialist);
  EXPECT_EQ(DoctorFeed(h).size(), 3U);
}

TEST(DoctorBook, R5_AnAliasHasTheStatusOfTheSurvivingNumber) {
  CoreHarness h;
  h.BeginAlerts();
  h.Tell(ADoctor(7), "2024-01-10T10:00:00Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:01Z");
  h.Tell(ASpecialist(8), "2024-01-10T10:00:02Z");
  EXPECT_FALSE(ToldStatuses(h).at(7).specialist);
  h.Tell(AnAlias(7, 8, "2021-01-01T00:00:00"), "2024-01-10T10:00:03Z");
  EXPECT_TRUE(ToldStatuses(h).at(7).specialist);
  EXPECT_EQ(ToldStatuses(h).at(7).surviving, 8);
  h.Tell(WithoutPerson(8), "2024-01-10T10:00:04Z");
  h.MoveClock("2024-01-10T10:00:05Z");
  EXPECT_FALSE(ToldStatuses(h).at(7).in_hpr);
  EXPECT_EQ(DoctorDifference(h), "");
}

TEST(DoctorBook, WhatChangedWhileTheDaemonWasDownIsToldAtOnce) {
  CoreHarness h;
  h.BeginAlerts();
  const auto ends = [](Person& p) { p.approvals[0].specialities[0].period.to = Day(2024, 2, 1); };
  h.Tell(But(ASpecialist(7), ends), "2024-01-10T10:00:00Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:01Z");
  h.Restart();
  EXPECT_FALSE(h.MoveClock("2024-01-10T12:00:00Z").committed) << "nothing is new";
  h.Restart();
  h.MoveClock("2024-02-10T12:00:00Z");
  EXPECT_FALSE(ToldStatuses(h).at(7).specialist);
  EXPECT_EQ(DoctorFeed(h).size(), 2U);
  EXPECT_EQ(DoctorDifference(h), "");
}

// A store from before there was this feed: its alerts had begun, and it tells all doctors now.
TEST(DoctorBook, AStoreWithoutItTellsAllDoctorsAtTheNextCommit) {
  CoreHarness h;
  h.BeginAlerts();
  h.Tell(ASpecialist(7), "2024-01-10T10:00:00Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:01Z");
  Batch batch(h.store());
  batch.Delete(Family::kAlerts, DoctorStatusKey(7));
  batch.DeleteRange(Family::kFeed, FeedKey(kDoctorFeedPrefix, 0, 0), FeedKey(kDoctorFeedPrefix, 99, 0));
  ASSERT_TRUE(h.store().Commit(batch).ok());
  h.Restart();
  EXPECT_TRUE(h.MoveClock("2024-01-10T10:00:01Z").committed);
  EXPECT_EQ(DoctorDifference(h), "");
  EXPECT_EQ(ToldStatuses(h).size(), 1U);
}

TEST(DoctorBook, WorkIsInProportionToTheDoctorsThatChange) {
  CoreHarness h;
  h.BeginAlerts();
  for (int32_t number = 1; number <= 50; ++number) {
    h.Tell(ASpecialist(number), "2024-01-10T10:00:00Z");
    h.Tell(ARegularGp(number, number, number), "2024-01-10T10:00:00Z");
  }
  const int64_t before = h.core().doctors().derived();
  h.Tell(ADoctor(7, "2021-01-01T00:00:00"), "2024-01-10T10:00:01Z");
  EXPECT_EQ(h.core().doctors().derived(), before + 1);
  h.Tell(ADoctor(7, "2021-01-02T00:00:00"), "2024-01-10T10:00:02Z");
  EXPECT_EQ(h.core().doctors().derived(), before + 1) << "the facts are the same";
}

}  // namespace
}  // namespace flosync
