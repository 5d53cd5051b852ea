#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "domain/oslo.h"
#include "tests/support/core_harness.h"

// Oslo is one hour ahead of UTC in winter and two in summer. In 2024 the clock goes from 02:00 to 03:00 on 31 March at
// 01:00Z and from 03:00 back to 02:00 on 27 October at 01:00Z.
namespace flosync {
namespace {

using std::chrono::hours;

constexpr int64_t kSecondsPerDay = 86400;
// 2024-01-01 is 19 723 days after 1970-01-01.
constexpr int64_t kNewYear2024 = 19723 * kSecondsPerDay;

struct ParseCase {
  const char* text;
  int64_t seconds;  // after 2024-01-01T00:00:00
  int32_t nanos;
};

TEST(F15_DatesAndTimes, AreReadAsWritten) {
  for (const ParseCase& c : std::vector<ParseCase>{
           {"2024-01-01", 0, 0},
           {"2024-01-01T00:00:00", 0, 0},
           {"2024-01-01T23:59:59", 86399, 0},
           {"2024-01-02T06:07:08", kSecondsPerDay + 22028, 0},
           {"2024-01-01T00:00:00.5", 0, 500000000},
           {"2024-01-01T00:00:00.000000001", 0, 1},
           {"2024-01-01T00:00:00.417", 0, 417000000},
           {"2024-01-01T00:00:00.1234567899", 0, 123456789},
           {"2024-01-01T00:00:00.99999999999999999999", 0, 999999999},
           {"2023-12-31T23:59:59", -1, 0},
       }) {
    const auto parsed = ParseWallTime(c.text);
    ASSERT_TRUE(parsed) << c.text;
    EXPECT_EQ(parsed->seconds, kNewYear2024 + c.seconds) << c.text;
    EXPECT_EQ(parsed->nanos, c.nanos) << c.text;
  }
}

TEST(F15_DatesAndTimes, WithAZoneBecomeOsloTime) {
  for (const auto& [text, oslo] : std::vector<std::pair<const char*, const char*>>{
           {"2024-01-01T00:00:00Z", "2024-01-01T01:00:00"},
           {"2024-07-01T00:00:00Z", "2024-07-01T02:00:00"},
           {"2024-01-01T00:00:00+01:00", "2024-01-01T00:00:00"},
           {"2024-07-01T00:00:00+01:00", "2024-07-01T01:00:00"},
           {"2024-01-01T00:00:00-05:30", "2024-01-01T06:30:00"},
           {"2024-01-01T00:00:00.25+00:00", "2024-01-01T01:00:00.25"},
           {"2024-03-31T00:59:59Z", "2024-03-31T01:59:59"},
           {"2024-03-31T01:00:00Z", "2024-03-31T03:00:00"},
           {"2024-10-27T00:30:00Z", "2024-10-27T02:30:00"},
           {"2024-10-27T01:30:00Z", "2024-10-27T02:30:00"},
           {"2023-12-31T23:30:00Z", "2024-01-01T00:30:00"},
       }) {
    const auto parsed = ParseWallTime(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(parsed->ToString(), oslo) << text;
  }
}

TEST(F15_DatesAndTimes, NothingElseIsRead) {
  for (const std::string& text : std::vector<std::string>{"",
                                                          "2024",
                                                          "2024-01",
                                                          "2024-1-1",
                                                          "24-01-01",
                                                          "2024-13-01",
                                                          "2024-00-10",
                                                          "2024-02-30",
                                                          "2023-02-29",
                                                          "2024-01-01T",
                                                          "2024-01-01T10",
                                                          "2024-01-01T10:00",
                                                          "2024-01-01 10:00:00",
                                                          "2024-01-01t10:00:00",
                                                          "2024-01-01T24:00:00",
                                                          "2024-01-01T10:60:00",
                                                          "2024-01-01T10:00:60",
                                                          "2024-01-01T10:00:00.",
                                                          "2024-01-01T10:00:00,5",
                                                          "2024-01-01T10:00:00z",
                                                          "2024-01-01T10:00:00+01",
                                                          "2024-01-01T10:00:00+0100",
                                                          "2024-01-01T10:00:00 Z",
                                                          "2024-01-01T10:00:00+01:00x",
                                                          "2024-01-01Z",
                                                          "2024-01-01+01:00",
                                                          " 2024-01-01",
                                                          "2024-01-01 ",
                                                          "20240101",
                                                          "2024-01-01T1a:00:00",
                                                          "01.01.2024",
                                                          "2024-01-01T10:00:00.5.5"}) {
    EXPECT_FALSE(ParseWallTime(text)) << "'" << text << "'";
  }
}

TEST(E13_WallTime, ComparesWithNanoseconds) {
  EXPECT_LT(Wall("2024-01-01T10:00:00.000000001"), Wall("2024-01-01T10:00:00.000000002"));
  EXPECT_LT(Wall("2024-01-01T10:00:00.999999999"), Wall("2024-01-01T10:00:01"));
  EXPECT_EQ(Wall("2024-01-01T10:00:00.5"), Wall("2024-01-01T10:00:00.500000000"));
  // 10:00 in Oslo is 09:00Z in winter: one version, whichever way it is written.
  EXPECT_EQ(Wall("2024-01-01T09:00:00Z"), Wall("2024-01-01T10:00:00"));
}

TEST(E13_WallTime, ReadsTheClockOnTheWall) {
  EXPECT_EQ(ToOslo(At("2024-01-01T05:00:00Z")), Wall("2024-01-01T06:00:00"));
  EXPECT_EQ(ToOslo(At("2024-10-27T00:59:59.999Z")), Wall("2024-10-27T02:59:59.999"));
  EXPECT_EQ(ToOslo(At("2024-10-27T01:00:00Z")), Wall("2024-10-27T02:00:00"));
  EXPECT_EQ(ToOslo(Instant{-1}), Wall("1970-01-01T00:59:59.999"));
}

TEST(R1_TimeZone, ADayBeginsAtMidnightInOslo) {
  EXPECT_EQ(OsloDay(At("2023-12-31T22:59:59.999Z")), Day(2023, 12, 31));
  EXPECT_EQ(OsloDay(At("2023-12-31T23:00:00Z")), Day(2024, 1, 1));
  EXPECT_EQ(OsloDay(At("2024-06-30T21:59:59Z")), Day(2024, 6, 30));
  EXPECT_EQ(OsloDay(At("2024-06-30T22:00:00Z")), Day(2024, 7, 1));
  EXPECT_EQ(StartOfDay(Day(2024, 1, 1)), At("2023-12-31T23:00:00Z"));
  EXPECT_EQ(StartOfDay(Day(2024, 7, 1)), At("2024-06-30T22:00:00Z"));
}

// The zone file lists changes until 2037 and gives the rule for the time after.
TEST(R1_TimeZone, SummerTimeGoesOnAfterTheLastChangeInTheZoneFile) {
  EXPECT_EQ(StartOfDay(Day(2037, 7, 1)), At("2037-06-30T22:00:00Z"));
  EXPECT_EQ(StartOfDay(Day(2038, 1, 1)), At("2037-12-31T23:00:00Z"));
  EXPECT_EQ(StartOfDay(Day(2038, 7, 1)), At("2038-06-30T22:00:00Z"));
  EXPECT_EQ(StartOfDay(Day(9000, 7, 1)), At("9000-06-30T22:00:00Z"));
  EXPECT_EQ(ParseWallTime("2040-03-31T17:00:00-05:00")->ToString(), "2040-04-01T00:00:00");
  EXPECT_EQ(ParseWallTime("9998-07-01T22:00:00Z")->ToString(), "9998-07-02T00:00:00");
}

TEST(R1_TimeZone, ATimeWithoutZoneIsOsloTime) {
  EXPECT_EQ(ParseWallTime("2024-01-15T12:00:00")->ToString(), "2024-01-15T12:00:00");
  EXPECT_EQ(ParseWallTime("2024-01-15T12:00:00Z")->ToString(), "2024-01-15T13:00:00");
  EXPECT_EQ(ParseInstant("2024-01-15T12:00:00"), At("2024-01-15T11:00:00Z"));
  EXPECT_EQ(ParseInstant("2024-07-01"), At("2024-06-30T22:00:00Z"));
}

TEST(B7_Cutoff, IsSixElapsedHoursAfterMidnight) {
  EXPECT_EQ(CutoffInstant(Day(2024, 3, 1), hours(6)), At("2024-03-01T05:00:00Z"));
  EXPECT_EQ(CutoffInstant(Day(2024, 7, 1), hours(6)), At("2024-07-01T04:00:00Z"));
}

TEST(B7_Cutoff, OnDaysWhenTheClockChangesToo) {
  // Midnight is 23:00Z the day before; six hours later the clock shows 07:00.
  EXPECT_EQ(CutoffInstant(Day(2024, 3, 31), hours(6)), At("2024-03-31T05:00:00Z"));
  EXPECT_EQ(ToOslo(CutoffInstant(Day(2024, 3, 31), hours(6))), Wall("2024-03-31T07:00:00"));
  // Midnight is 22:00Z the day before; six hours later the clock shows 05:00.
  EXPECT_EQ(CutoffInstant(Day(2024, 10, 27), hours(6)), At("2024-10-27T04:00:00Z"));
  EXPECT_EQ(ToOslo(CutoffInstant(Day(2024, 10, 27), hours(6))), Wall("2024-10-27T05:00:00"));
}

struct PassingCase {
  const char* wall;
  const char* after;
  const char* expected;  // empty = it no longer changes
};

TEST(R9_NextPassing, IsTheFirstMillisecondAfterTheWallShowsIt) {
  for (const PassingCase& c : std::vector<PassingCase>{
           {"2024-01-10T12:00:00", "2024-01-01T00:00:00Z", "2024-01-10T11:00:00.001Z"},
           {"2024-01-10T12:00:00", "2024-01-10T11:00:00Z", "2024-01-10T11:00:00.001Z"},
           {"2024-01-10T12:00:00", "2024-01-10T11:00:00.001Z", ""},
           {"2024-01-10T12:00:00.0005", "2024-01-10T10:00:00Z", "2024-01-10T11:00:00.001Z"},
           {"2024-01-10T12:00:00.417", "2024-01-10T10:00:00Z", "2024-01-10T11:00:00.418Z"},
           {"2024-07-10T12:00:00", "2024-01-01T00:00:00Z", "2024-07-10T10:00:00.001Z"},
       }) {
    const auto passing = NextPassing(Wall(c.wall), At(c.after));
    EXPECT_EQ(passing ? FormatUtc(*passing) : "", c.expected) << c.wall << " after " << c.after;
  }
}

TEST(R9_NextPassing, HappensTwiceInTheAutumnHour) {
  // 02:30 is passed at 00:30Z, is ahead again from 01:00Z, and is passed for good at 01:30Z.
  const WallTime w = Wall("2024-10-27T02:30:00");
  EXPECT_EQ(NextPassing(w, At("2024-10-26T00:00:00Z")), At("2024-10-27T00:30:00.001Z"));
  EXPECT_EQ(NextPassing(w, At("2024-10-27T00:30:00.001Z")), At("2024-10-27T01:00:00Z"));
  EXPECT_EQ(NextPassing(w, At("2024-10-27T00:59:59.999Z")), At("2024-10-27T01:00:00Z"));
  EXPECT_EQ(NextPassing(w, At("2024-10-27T01:00:00Z")), At("2024-10-27T01:30:00.001Z"));
  EXPECT_EQ(NextPassing(w, At("2024-10-27T01:30:00.001Z")), std::nullopt);
  // 01:59:59 and 03:00 are shown once.
  EXPECT_EQ(NextPassing(Wall("2024-10-27T01:59:59"), At("2024-10-27T00:00:00Z")), std::nullopt);
  EXPECT_EQ(NextPassing(Wall("2024-10-27T03:00:00"), At("2024-10-27T00:00:00Z")), At("2024-10-27T02:00:00.001Z"));
}

TEST(R9_NextPassing, OfATimeThatTheSpringSkipsIsTheJump) {
  // At 01:00Z the wall goes from 01:59:59.999 to 03:00:00.000, which is past every time between.
  EXPECT_EQ(NextPassing(Wall("2024-03-31T02:30:00"), At("2024-03-30T00:00:00Z")), At("2024-03-31T01:00:00Z"));
  EXPECT_EQ(NextPassing(Wall("2024-03-31T02:30:00.75"), At("2024-03-30T00:00:00Z")), At("2024-03-31T01:00:00Z"));
  EXPECT_EQ(NextPassing(Wall("2024-03-31T02:00:00"), At("2024-03-30T00:00:00Z")), At("2024-03-31T01:00:00Z"));
  EXPECT_EQ(NextPassing(Wall("2024-03-31T02:30:00"), At("2024-03-31T01:00:00Z")), std::nullopt);
}

TEST(R9_NextPassing, AgreesWithTheClockMillisecondByMillisecond) {
  // The promise itself: between two passings the answer to "is w earlier than now?" does not change.
  for (const char* text : {"2024-10-27T02:00:00", "2024-10-27T02:30:00.5", "2024-10-27T02:59:59.999",
                           "2024-03-31T02:30:00.5", "2024-03-31T01:59:59.999", "2024-06-01T12:00:00.0001"}) {
    const WallTime w = Wall(text);
    Instant from{At("2024-01-01T00:00:00Z")};
    while (const auto next = NextPassing(w, from)) {
      const Instant before{next->ms - 1};
      EXPECT_EQ(w < ToOslo(from), w < ToOslo(before)) << text << " before " << FormatUtc(*next);
      from = *next;
    }
    EXPECT_LT(w, ToOslo(from)) << text;
  }
}

TEST(A14_Times, AreUtcWithMilliseconds) {
  EXPECT_EQ(FormatUtc(Instant{1704085200000}), "2024-01-01T05:00:00.000Z");
  EXPECT_EQ(FormatUtc(Instant{1704085200007}), "2024-01-01T05:00:00.007Z");
  EXPECT_EQ(FormatUtc(Instant{-1}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(ParseInstant("2024-01-01T05:00:00.0079Z"), Instant{1704085200007});
  EXPECT_EQ(ParseInstant("2024-01-01"), Instant{1704085200000 - 6 * 3600000});
  EXPECT_EQ(ParseInstant("noon"), std::nullopt);
}

}  // namespace
}  // namespace flosync
