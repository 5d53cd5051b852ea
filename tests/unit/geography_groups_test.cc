#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/geography/geography.h"
#include "tests/support/core_harness.h"

// Municipality groups by population: R15, G3.
namespace flosync {
namespace {

std::string GroupOf(std::string_view number, Day structure_date, int year) {
  const AreaFrame frame = Geography::Shipped().Frame(structure_date, year).value();
  const int32_t group = frame.Place(number).group;
  return group < 0 ? "none" : frame.areas()[static_cast<size_t>(group)].code;
}

struct Case {
  const char* number;
  Day structure_date;
  int year;
  const char* expected;
};

void ExpectGroups(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(GroupOf(c.number, c.structure_date, c.year), c.expected)
        << c.number << " at " << c.structure_date.ToString() << " by " << c.year;
  }
}

TEST(G3_Groups, AreByThePopulationOn1JanuaryOfTheYear) {
  ExpectGroups({
      {"3414", Day(2023, 12, 31), 2023, "5000_9999"},  // 5 010
      {"3414", Day(2024, 1, 1), 2024, "2000_4999"},    // 4 992
      {"3414", Day(2025, 1, 1), 2025, "5000_9999"},    // 5 006
      {"1838", Day(2017, 6, 1), 2017, "2000_4999"},    // 2 024
      {"1838", Day(2018, 6, 1), 2018, "under_2000"},   // 1 998
      {"0301", Day(2024, 1, 1), 2024, "50000_pluss"},
      {"1508", Day(2024, 1, 1), 2024, "50000_pluss"},  // 58 509
      {"1580", Day(2024, 1, 1), 2024, "5000_9999"},    // 9 357
      {"1806", Day(2024, 1, 1), 2024, "10000_49999"},  // 21 580
  });
}

TEST(G3_Groups, TheBoundsBelongToTheUpperGroup) {
  ExpectGroups({{"5426", Day(2023, 6, 1), 2023, "2000_4999"}});  // 2 000 exactly
}

TEST(G3_Groups, AreThoseOfTheCarriedNumber) {
  // 1850 had under 2 000; what 0626 (Lier) had in 2019 says nothing of 3312 in 2024: 28 470.
  ExpectGroups({{"1850", Day(2019, 6, 1), 2019, "under_2000"},
                {"1850", Day(2020, 6, 1), 2020, "none"},
                {"0626", Day(2024, 6, 1), 2024, "10000_49999"}});
}

TEST(G3_Groups, AnEarlierYearInTheBordersOf2024HasItsOwnTable) {
  // population.csv knows 1508 and 1580 from 2024 only; in the borders of 2024 they had 58 142 and 9 378 in 2023.
  ExpectGroups({{"1508", Day(2024, 1, 1), 2023, "50000_pluss"},
                {"1580", Day(2024, 1, 1), 2023, "5000_9999"},
                {"3101", Day(2024, 1, 1), 2015, "10000_49999"},
                {"1507", Day(2023, 1, 1), 2023, "50000_pluss"}});
}

TEST(G3_Groups, AMissingYearTakesTheLatestEarlierOne) {
  ExpectGroups({{"3414", Day(2026, 6, 1), 2035, "2000_4999"},  // 4 978 in 2026
                {"5001", Day(2018, 6, 1), 2018, "50000_pluss"}});
}

TEST(G3_Groups, WithoutAnyPopulationThereIsNone) {
  ExpectGroups({{"0301", Day(2015, 1, 1), 2014, "none"}, {"3101", Day(2024, 1, 1), 2014, "none"}});
  // The municipality and county are known all the same.
  const AreaFrame frame = Geography::Shipped().Frame(Day(2015, 1, 1), 2014).value();
  EXPECT_GE(frame.Place("0301").county, 0);
  EXPECT_GE(frame.Place("0301").municipality, 0);
}

TEST(G3_Groups, HaveTheBoundsOfTheOfficialTable) {
  const Geography& g = Geography::Shipped();
  const AreaFrame frame = g.Frame(Day(2024, 1, 1), 2024).value();
  for (const auto& m : g.MunicipalitiesAt(Day(2024, 1, 1), 2024)) {
    const char* expected = m.population < 2000    ? "under_2000"
                           : m.population < 5000  ? "2000_4999"
                           : m.population < 10000 ? "5000_9999"
                           : m.population < 50000 ? "10000_49999"
                                                  : "50000_pluss";
    EXPECT_EQ(frame.areas()[static_cast<size_t>(frame.Place(m.number).group)].code, expected) << m.number;
  }
}

}  // namespace
}  // namespace flosync
