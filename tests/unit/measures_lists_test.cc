#include <gtest/gtest.h>

#include "state/indicators/observations.h"
#include "tests/unit/measures_testing.h"

// Measures of lists, patients and places: R16, R17, D4, D5.
namespace flosync {
namespace {

const Day kDay(2024, 3, 1);

Contract WithCap(int64_t id, std::optional<int32_t> cap, std::string municipality = "0301") {
  return But(AList(id, std::move(municipality)), [&](Contract& c) { c.list_cap = cap; });
}

// Three staffed lists, one without cap and one without count, and an unstaffed one with a fixed salary.
SmallRegister FourLists() {
  SmallRegister reg;
  reg.Know(WithCap(1, 1000)).Know(Patients(1, 900)).Know(ARegularGp(11, 1, 7));
  reg.Know(WithCap(2, std::nullopt)).Know(Patients(2, 500)).Know(ARegularGp(12, 2, 8));
  reg.Know(WithCap(3, 1200)).Know(ARegularGp(13, 3, 9));
  reg.Know(But(WithCap(4, 800), [](Contract& c) { c.fixed_salary = true; })).Know(Patients(4, 300));
  return reg;
}

TEST(D4_UnknownCountAndCap, AreLeftOutOfMeansAndMediansAndAre0InSums) {
  const Figures figures(FourLists(), kDay);
  const auto show = [&](std::string_view measure, std::string_view breakdown) {
    return figures.Show("NO", measure, breakdown);
  };
  EXPECT_EQ(show("list_length_mean", "all"), "1700/3 566.7");
  EXPECT_EQ(show("list_length_mean", "staffed"), "1400/2 700.0");
  EXPECT_EQ(show("list_length_median", "all"), "-/3 500.0");
  EXPECT_EQ(show("list_length_median", "staffed"), "-/2 700.0");
  EXPECT_EQ(show("list_cap_mean", "staffed"), "2200/2 1100.0");
  EXPECT_EQ(show("list_places", "all"), "3000");
  EXPECT_EQ(show("list_places", "staffed"), "2200");
  EXPECT_EQ(show("persons_listed", "all"), "1700");
  EXPECT_EQ(show("list_free_places", "staffed"), "100");  // of the one staffed list that has both
  EXPECT_EQ(show("list_free_places_per_100", "staffed"), "100/1700 5.9");
}

TEST(D2_Staffed, DividesListsPatientsAndSalaries) {
  const Figures figures(FourLists(), kDay);
  const auto show = [&](std::string_view measure, std::string_view breakdown) {
    return figures.Show("0301", measure, breakdown);
  };
  EXPECT_EQ(show("list_count", "all"), "4");
  EXPECT_EQ(show("list_count", "staffed"), "3");
  EXPECT_EQ(show("list_count", "unstaffed"), "1");
  EXPECT_EQ(show("list_unstaffed_share", "all"), "1/4 25.0");
  EXPECT_EQ(show("persons_listed", "on_unstaffed"), "300");
  EXPECT_EQ(show("persons_without_gp_share", "all"), "300/1700 17.6");
  EXPECT_EQ(show("contract_fixed_salary_share", "all"), "1/4 25.0");
  EXPECT_EQ(show("contract_fixed_salary_share", "staffed"), "0/3 0.0");
}

TEST(R16_OverOneYear, IsCountedFromTheDayAfterTheAnniversary) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(Patients(1, 900)).Know(ARegularGp(11, 1, 7, Until(Day(2023, 3, 1))));
  reg.Know(AList(2)).Know(Patients(2, 300)).Know(ARegularGp(12, 2, 8));
  const Figures anniversary(reg, kDay);
  EXPECT_EQ(anniversary.Show("NO", "list_count", "unstaffed_over_1y"), "0");
  EXPECT_EQ(anniversary.Show("NO", "persons_listed", "on_unstaffed_over_1y"), "0");
  const Figures after(reg, kDay.Plus(1));
  EXPECT_EQ(after.Show("NO", "list_count", "unstaffed_over_1y"), "1");
  EXPECT_EQ(after.Show("NO", "persons_listed", "on_unstaffed_over_1y"), "900");
  EXPECT_EQ(after.Show("NO", "persons_without_gp_share", "over_1y"), "900/1200 75.0");
}

TEST(D5_FreePlaces, OfOverFullListsSubtractAndUnstaffedListsHaveNone) {
  SmallRegister reg;
  reg.Know(WithCap(1, 500)).Know(Patients(1, 700)).Know(ARegularGp(11, 1, 7));
  reg.Know(WithCap(2, 900)).Know(Patients(2, 300));
  const Figures figures(reg, kDay);
  EXPECT_EQ(figures.Show("NO", "list_free_places", "staffed"), "-200");
  EXPECT_EQ(figures.Show("NO", "list_free_places_per_100", "staffed"), "-200/1000 -20.0");
}

TEST(D5_MunicipalityMedian, IsOfTheGroupsMunicipalitiesWithPatients) {
  SmallRegister reg;  // 100 of 900 in Oslo, 50 of 950 in Bergen, unstaffed in Trondheim, uncounted in Stavanger
  reg.Know(WithCap(1, 1000)).Know(Patients(1, 900)).Know(ARegularGp(11, 1, 7));
  reg.Know(WithCap(2, 1000, "4601")).Know(Patients(2, 950)).Know(ARegularGp(12, 2, 8));
  reg.Know(WithCap(4, 1000, "1103")).Know(ARegularGp(14, 4, 10));
  // The mean of 100/9 and 100/19 is 8.187.
  EXPECT_EQ(Figures(reg, kDay).Show("50000_pluss", "list_free_places_per_100", "municipality_median"), "-/2 8.2");
  reg.Know(WithCap(3, 1000, "5001")).Know(Patients(3, 400));
  const Figures three(reg, kDay);
  EXPECT_EQ(three.Show("50000_pluss", "list_free_places_per_100", "municipality_median"), "-/3 5.3");
  EXPECT_EQ(three.Show("2000_4999", "list_free_places_per_100", "municipality_median"), "-/0 -");
  EXPECT_EQ(three.Show("NO", "list_free_places_per_100", "municipality_median"), "no such row");
}

std::pair<double, double> MiddleOf(const Observations& observed) {
  const auto [a, b] = observed.Middle();
  return {static_cast<double>(a.numerator) / static_cast<double>(a.denominator),
          static_cast<double>(b.numerator) / static_cast<double>(b.denominator)};
}

TEST(R17_Median, IsTheMiddleOneOrTheMiddleTwo) {
  Observations observed;
  for (const int64_t value : {5, -3, 9}) observed.Add({value, 1});
  EXPECT_EQ(MiddleOf(observed), std::pair(5.0, 5.0));
  observed.Add({8, 1});
  EXPECT_EQ(MiddleOf(observed), std::pair(5.0, 8.0));
  observed.Add({15, 2});
  EXPECT_EQ(MiddleOf(observed), std::pair(7.5, 7.5));
}

TEST(R17_Median, IsTheSameHoweverItsObservationsCameAndWent) {
  Observations observed;
  for (int64_t value = 0; value < 100; ++value) observed.Add({value * 37 % 100, 1});
  for (int64_t value = 0; value < 100; ++value) {
    if (value < 40 || value > 43) observed.Remove({value * 2, 2});  // equal numbers, however written
  }
  EXPECT_EQ(observed.size(), 4);
  EXPECT_EQ(MiddleOf(observed), std::pair(41.0, 42.0));
  observed.Add({41, 1});
  EXPECT_EQ(MiddleOf(observed), std::pair(41.0, 41.0));
}

TEST(R17_Median, OfListLengthsIsExact) {
  SmallRegister reg;
  for (const int32_t patients : {800, 901, 1000, 10}) {
    reg.Know(AList(patients)).Know(Patients(patients, patients));
  }
  EXPECT_EQ(Figures(reg, kDay).Show("NO", "list_length_median"), "-/4 850.5");
}

}  // namespace
}  // namespace flosync
