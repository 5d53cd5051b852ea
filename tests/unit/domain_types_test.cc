#include <gtest/gtest.h>

#include "domain/day.h"
#include "domain/position.h"
#include "domain/register_change.h"
#include "domain/text.h"
#include "tests/support/core_harness.h"

namespace flosync {
namespace {

TEST(R2_Periods, AreHalfOpen) {
  const Period p{Day(2024, 1, 1), Day(2024, 3, 1)};
  EXPECT_FALSE(p.Contains(Day(2023, 12, 31)));
  EXPECT_TRUE(p.Contains(Day(2024, 1, 1)));
  EXPECT_TRUE(p.Contains(Day(2024, 2, 29)));
  EXPECT_FALSE(p.Contains(Day(2024, 3, 1)));
}

TEST(R2_Periods, WithoutBoundsAreOpen) {
  EXPECT_TRUE(Since(Day(2024, 1, 1)).Contains(Day(9999, 12, 31)));
  EXPECT_TRUE(Until(Day(2024, 1, 1)).Contains(Day(1900, 1, 1)));
  EXPECT_FALSE(Until(Day(2024, 1, 1)).Contains(Day(2024, 1, 1)));
}

TEST(R2_Periods, ThatEndBeforeTheyBeginAreInvalid) {
  EXPECT_TRUE((Period{Day(2024, 1, 1), Day(2024, 1, 2)}.Valid()));
  EXPECT_FALSE((Period{Day(2024, 1, 1), Day(2024, 1, 1)}.Valid()));
  EXPECT_FALSE((Period{Day(2024, 1, 2), Day(2024, 1, 1)}.Valid()));
}

TEST(C1_Months, KeepTheDayOrTheMonthsEnd) {
  EXPECT_EQ(Day(2024, 2, 29).PlusMonths(12), Day(2025, 2, 28));
  EXPECT_EQ(Day(2023, 2, 28).PlusMonths(12), Day(2024, 2, 28));
  EXPECT_EQ(Day(2024, 1, 31).PlusMonths(1), Day(2024, 2, 29));
  EXPECT_EQ(Day(2024, 5, 31).PlusMonths(-3), Day(2024, 2, 29));
  EXPECT_EQ(Day(2024, 1, 1).PlusMonths(-3), Day(2023, 10, 1));
  EXPECT_EQ(Day(2024, 12, 15).PlusMonths(1), Day(2025, 1, 15));
}

TEST(Day, KnowsItsDate) {
  const Day d(2024, 2, 29);
  EXPECT_EQ(d.year(), 2024);
  EXPECT_EQ(d.month(), 2);
  EXPECT_EQ(d.day_of_month(), 29);
  EXPECT_EQ(d.weekday(), 4);  // a Thursday
  EXPECT_EQ(Day(1969, 12, 31).weekday(), 3);
  EXPECT_EQ(Day(1970, 1, 1).epoch_days(), 0);
  EXPECT_EQ(Day(2024, 1, 1).epoch_days(), 19723);
  EXPECT_EQ(d.Plus(1), Day(2024, 3, 1));
  EXPECT_EQ(Day(845, 1, 2).ToString(), "0845-01-02");
}

TEST(F15_DatesAndTimes, ADayIsReadOnlyIfItExists) {
  EXPECT_EQ(ParseDay("2024-02-29"), Day(2024, 2, 29));
  for (const char* text :
       {"2023-02-29", "2024-04-31", "2024-2-29", "2024-02-29T00:00:00", "2024/02/29", "", "2024-02-3x"}) {
    EXPECT_EQ(ParseDay(text), std::nullopt) << text;
  }
}

TEST(E3_Position, IsTimestampTopicPartitionOffsetIndex) {
  const Position p{Instant{10}, Topic::kDoctorPeriod, 1, 5, 2};
  EXPECT_LT((Position{Instant{9}, Topic::kPerson, 9, 99, 9}), p);
  EXPECT_LT((Position{Instant{10}, Topic::kContract, 9, 99, 9}), p);
  EXPECT_LT((Position{Instant{10}, Topic::kDoctorPeriod, 0, 99, 9}), p);
  EXPECT_LT((Position{Instant{10}, Topic::kDoctorPeriod, 1, 4, 9}), p);
  EXPECT_LT((Position{Instant{10}, Topic::kDoctorPeriod, 1, 5, 1}), p);
  EXPECT_EQ((Position{Instant{10}, Topic::kDoctorPeriod, 1, 5, 2}), p);
}

TEST(E3_Position, OrdersTopicsByTheirNames) {
  for (int i = 0; i + 1 < kTopicCount; ++i) {
    EXPECT_LT(TopicName(static_cast<Topic>(i)), TopicName(static_cast<Topic>(i + 1)));
  }
  EXPECT_EQ(FormatPosition({Instant{10}, Topic::kPerson, 0, 17, 0}), "hpr.person/0/17");
}

TEST(A14_Entities, AreNamedByKindAndNumber) {
  EXPECT_EQ(FormatEntity(EntityOf(ADoctor(999000011))), "person:999000011");
  EXPECT_EQ(FormatEntity(EntityOf(AList(900101))), "contract:900101");
  EXPECT_EQ(FormatEntity(EntityOf(ARegularGp(700202, 900101, 7))), "doctor_period:700202");
  EXPECT_EQ(FormatEntity(EntityOf(Patients(900101, 5))), "patient_count:900101");
  EXPECT_EQ(FormatEntity(EntityOf(Merge{7, 8})), "person:7");
  EXPECT_EQ(FormatEntity(EntityOf(WithoutList(3))), "contract:3");
}

TEST(Text, SplitsAndReadsNumbers) {
  EXPECT_EQ(Split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(Split("", ',').size(), 1U);
  EXPECT_EQ(ParseNumber<int32_t>("-12"), -12);
  EXPECT_EQ(ParseNumber<int32_t>("2147483648"), std::nullopt);
  EXPECT_EQ(ParseNumber<int32_t>("12 "), std::nullopt);
  EXPECT_EQ(ParseNumber<int32_t>(""), std::nullopt);
  EXPECT_EQ(Join("a", 1, std::string("b")), "a1b");
}

}  // namespace
}  // namespace flosync
