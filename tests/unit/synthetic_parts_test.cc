// What the synthetic register is made of: calendar, identifiers, random numbers, published figures.
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "connectors/synthetic/calendar.h"
#include "connectors/synthetic/calibration.h"
#include "connectors/synthetic/identifiers.h"
#include "connectors/synthetic/random.h"

namespace flosync {
namespace {

TEST(SyntheticCalendar, OsloIsTwoHoursAheadInSummerAndOneInWinter) {
  for (const auto& [month, hours] : std::map<unsigned, int>{{1, 1}, {7, 2}}) {
    const synthetic::OsloMs noon =
        synthetic::OsloMidnight(synthetic::MakeDay(2024, month, 1)) + 12 * synthetic::kMsPerHour;
    EXPECT_EQ(synthetic::ToUtc(noon), noon - hours * synthetic::kMsPerHour);
    EXPECT_EQ(synthetic::ToOslo(synthetic::ToUtc(noon)), noon);
  }
}

TEST(SyntheticCalendar, TheHourThatComesTwiceIsTheFirstAndTheOneThatIsSkippedComesAfter) {
  const synthetic::OsloMs twice =
      synthetic::OsloMidnight(synthetic::MakeDay(2024, 10, 27)) + 5 * synthetic::kMsPerHour / 2;
  EXPECT_EQ(synthetic::ToUtc(twice), twice - 2 * synthetic::kMsPerHour);
  const synthetic::OsloMs never =
      synthetic::OsloMidnight(synthetic::MakeDay(2024, 3, 31)) + 5 * synthetic::kMsPerHour / 2;
  EXPECT_EQ(synthetic::ToUtc(never), never - synthetic::kMsPerHour);
}

TEST(SyntheticCalendar, MonthsAndYearsAreClampedToTheMonthsEnd) {
  EXPECT_EQ(synthetic::AddMonths(synthetic::MakeDay(2024, 3, 31), -1), synthetic::MakeDay(2024, 2, 29));
  EXPECT_EQ(synthetic::AddYears(synthetic::MakeDay(2024, 2, 29), 1), synthetic::MakeDay(2025, 2, 28));
}

TEST(SyntheticIdentifiers, NinsCarryMonthPlus80AndRightControlDigits) {
  EXPECT_TRUE(synthetic::HasValidControlDigits("12837520264"));
  EXPECT_FALSE(synthetic::HasValidControlDigits("12837520265"));
  for (uint64_t key = 0; key < 2'000; ++key) {
    const synthetic::Day birth = synthetic::MakeDay(1930, 1, 1) + static_cast<synthetic::Day>(key * 13);
    const auto sex = key % 2 == 0 ? synthetic::Sex::kFemale : synthetic::Sex::kMale;
    const std::string nin = synthetic::SyntheticNin(birth, sex, key);
    ASSERT_TRUE(synthetic::HasValidControlDigits(nin)) << nin;
    EXPECT_GE(std::stoi(nin.substr(2, 2)), 81);
    EXPECT_EQ((nin[8] - '0') % 2, key % 2 == 0 ? 0 : 1) << "the ninth digit is even for women";
  }
}

TEST(SyntheticIdentifiers, HprNumbersDiffer) {
  std::set<int32_t> numbers;
  for (uint32_t index = 0; index < 100'000; ++index) numbers.insert(synthetic::HprNumberOf(1, index));
  EXPECT_EQ(numbers.size(), 100'000U);
  EXPECT_GE(*numbers.begin(), 1'000'000);
  EXPECT_LE(*numbers.rbegin(), 9'999'999);
}

TEST(SyntheticRandom, IsTheSameOnEveryMachine) {
  synthetic::Random random(1);
  EXPECT_EQ(random.Next(), 2'469'588'189'546'311'528U) << "the standard's mersenne_twister_engine";
  EXPECT_EQ(synthetic::Mix(0, 0), 16'294'208'416'658'607'535U) << "splitmix64";
}

TEST(SyntheticCalibration, PublishedFiguresStandOnTheirDays) {
  const synthetic::Targets end_2021 = synthetic::TargetsAt(synthetic::MakeDay(2021, 12, 31));
  EXPECT_DOUBLE_EQ(end_2021.lists_all, 5218);
  EXPECT_DOUBLE_EQ(end_2021.lists_staffed(), 4997);
  EXPECT_DOUBLE_EQ(end_2021.gps, 4961);
  EXPECT_DOUBLE_EQ(end_2021.specialist_share, 0.639);
  EXPECT_DOUBLE_EQ(end_2021.specialist_share_under_40, 0.268);
  const synthetic::Targets march = synthetic::TargetsAt(synthetic::MakeDay(2022, 3, 17));
  EXPECT_DOUBLE_EQ(march.lists_unstaffed, 231);
  EXPECT_DOUBLE_EQ(march.persons_on_unstaffed, 149'651);
  const synthetic::Targets october = synthetic::TargetsAt(synthetic::MakeDay(2023, 10, 1));
  EXPECT_DOUBLE_EQ(october.lists_unstaffed_over_1y, 143);
  EXPECT_DOUBLE_EQ(october.persons_on_staffed, 5'301'951);
}

TEST(SyntheticCalibration, IsLinearBetweenAndConstantOutside) {
  EXPECT_DOUBLE_EQ(synthetic::TargetsAt(synthetic::MakeDay(2005, 1, 1)).gps, 4858);
  EXPECT_DOUBLE_EQ(synthetic::TargetsAt(synthetic::MakeDay(2030, 1, 1)).gps, 5391);
  const double half_way = synthetic::TargetsAt(synthetic::MakeDay(2020, 7, 1)).gps;
  EXPECT_NEAR(half_way, (4858 + 4928) / 2.0, 1);
}

}  // namespace
}  // namespace flosync
