#include <gtest/gtest.h>

#include "state/indicators/list_facts.h"
#include "state/indicators/working_days.h"
#include "tests/unit/measures_testing.h"

// Measures that look back over a quarter or a year: C1–C4, D11–D13.
namespace flosync {
namespace {

const Day kApril(2024, 4, 1);

LocumFacts LocumsAt(const SmallRegister& reg, Day d) {
  return DeriveLocums(reg.reg(), 1, Moment::AtDate(d, std::chrono::hours(6)));
}
LocumFacts LocumsOf(const Period& period, Day d) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ASubstitute(21, 1, 8, period));
  return LocumsAt(reg, d);
}

TEST(C1_Windows, TheQuarterBeginsThreeMonthsBeforeAndEndsBeforeTheDay) {
  // December 2023 has 19 working days, all of them before the quarter.
  EXPECT_EQ(LocumsOf({Day(2023, 12, 1), Day(2024, 1, 1)}, kApril), (LocumFacts{0, 0, 1900}));
  // 1 January is in the quarter, but no working day.
  EXPECT_EQ(LocumsOf({Day(2024, 1, 1), Day(2024, 1, 2)}, kApril), (LocumFacts{1, 0, 0}));
  // The last working day before Easter 2024 is Wednesday 27 March, the first one after it Tuesday 2 April.
  EXPECT_EQ(LocumsOf({Day(2024, 3, 27), Day(2024, 4, 5)}, kApril), (LocumFacts{1, 100, 100}));
  EXPECT_EQ(LocumsOf(Since(kApril), kApril), (LocumFacts{}));
}

TEST(C1_Windows, TheYearBeginsTwelveMonthsBefore) {
  // From 2023-04-01, a Saturday: Monday and Tuesday.
  EXPECT_EQ(LocumsOf({Day(2023, 3, 30), Day(2023, 4, 5)}, kApril), (LocumFacts{0, 0, 200}));
  EXPECT_EQ(LocumsOf({Day(2023, 3, 1), Day(2023, 4, 1)}, kApril), (LocumFacts{}));
}

TEST(C1_Windows, AMonthsEndIsKept) {
  // Three months before 31 May is 29 February, a Thursday.
  EXPECT_EQ(LocumsOf({Day(2024, 2, 1), Day(2024, 3, 1)}, Day(2024, 5, 31)).quarter_hundredth_days, 100);
}

SmallRegister MovingDoctors() {
  SmallRegister reg;
  for (int64_t list = 1; list <= 5; ++list) reg.Know(AList(list));
  reg.Know(ARegularGp(11, 1, 7));                                         // there at both ends
  reg.Know(ARegularGp(12, 2, 8, {Day(2015, 1, 1), Day(2024, 4, 1)}));     // gone on the day itself
  reg.Know(ARegularGp(13, 3, 9, {Day(2023, 4, 1), Day(2023, 5, 1)}));     // there on the first day, gone
  reg.Know(ARegularGp(14, 4, 10, {Day(2023, 4, 2), Day(2024, 4, 2)}));    // new
  reg.Know(ARegularGp(15, 5, 12, {Day(2023, 10, 1), Day(2024, 3, 31)}));  // in between only
  reg.Know(ARegularGp(16, 3, 13, {kApril, Day::Max()}));                  // new on the day itself
  reg.Know(ARegularGp(18, 4, 15, Since(Day(2024, 1, 1))));                // new
  reg.Know(ASubstitute(17, 2, 14, {Day(2015, 1, 1), Day(2023, 12, 1)}));  // no GP
  return reg;
}

TEST(C2_Turnover, IsOfWhoWasThereAYearBefore) {
  const Figures figures(MovingDoctors(), kApril);
  EXPECT_EQ(figures.Show("NO", "gp_turnover"), "2/3 66.7");
  EXPECT_EQ(figures.Show("0301", "gp_turnover"), "2/3 66.7");
  EXPECT_EQ(figures.Show("4601", "gp_turnover"), "0/0 -");
}

TEST(C2_StableShare, IsOfWhoIsThereNow) {
  const Figures figures(MovingDoctors(), kApril);
  EXPECT_EQ(figures.Show("NO", "gp_stable_share"), "1/4 25.0");
  EXPECT_EQ(figures.Show("03", "gp_stable_share"), "1/4 25.0");
}

TEST(C2_Start, HasItsOwnReferenceInstant) {
  // At t(2023-04-01) the list was in Oslo, and not yet deleted.
  SmallRegister moved;
  moved.Know(AList(1)).Know(AList(1, "4601", "2023-06-01T00:00:00")).Know(ARegularGp(11, 1, 7));
  const Figures figures(moved, kApril);
  EXPECT_EQ(figures.Show("0301", "gp_turnover"), "1/1 100.0");
  EXPECT_EQ(figures.Show("4601", "gp_turnover"), "0/0 -");
  EXPECT_EQ(figures.Show("4601", "gp_stable_share"), "0/1 0.0");
  EXPECT_EQ(figures.Show("NO", "gp_turnover"), "1/1 100.0");  // another pair, not another doctor
  SmallRegister deleted;
  deleted.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(WithoutList(1), "2023-07-01T00:00:00Z");
  EXPECT_EQ(Figures(deleted, kApril).Show("NO", "gp_turnover"), "1/1 100.0");
}

TEST(C2_Start, IsReadInTheStructureOfTheSnapshot) {
  // 3025 is Asker until 2023, 3203 since 2024: the same municipality.
  SmallRegister reg;
  reg.Know(AList(1, "3025")).Know(AList(1, "3203", "2024-01-01T00:00:00")).Know(ARegularGp(11, 1, 7));
  EXPECT_EQ(Figures(reg, kApril).Show("3203", "gp_stable_share"), "1/1 100.0");
}

TEST(C3_Pairs, WithoutMunicipalityCountInTheNationOncePerDoctor) {
  // 1507 was divided in 2024, 9999 never was.
  SmallRegister reg;
  reg.Know(AList(1, "1507")).Know(AList(2, "9999")).Know(AList(3));
  reg.Know(ARegularGp(11, 1, 7)).Know(ARegularGp(12, 2, 7)).Know(ARegularGp(13, 3, 8, Since(Day(2024, 1, 1))));
  const Figures figures(reg, kApril);
  EXPECT_EQ(figures.Show("NO", "gp_turnover"), "0/1 0.0");
  EXPECT_EQ(figures.Show("NO", "gp_stable_share"), "1/2 50.0");
  EXPECT_EQ(figures.Show("15", "gp_stable_share"), "0/0 -");
}

TEST(C4_Pairs, AreOfMunicipalitiesAtEveryLevel) {
  // From Stavanger to Sandnes, both in Rogaland and both large.
  SmallRegister reg;
  reg.Know(AList(1, "1103")).Know(AList(2, "1108"));
  reg.Know(ARegularGp(11, 1, 7, {Day(2015, 1, 1), Day(2024, 1, 1)})).Know(ARegularGp(12, 2, 7, Since(Day(2024, 1, 1))));
  const Figures figures(reg, kApril);
  for (const char* area : {"NO", "11", "50000_pluss"}) {
    EXPECT_EQ(figures.Show(area, "gp_turnover"), "1/1 100.0") << area;
    EXPECT_EQ(figures.Show(area, "gp_stable_share"), "0/1 0.0") << area;
  }
}

TEST(C4_Pairs, OnTwoListsOfAMunicipalityAreOne) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(AList(2)).Know(ARegularGp(11, 1, 7)).Know(ARegularGp(12, 2, 7));
  EXPECT_EQ(Figures(reg, kApril).Show("0301", "gp_stable_share"), "1/1 100.0");
}

TEST(D11_LocumListShare, CountsDifferentSubstitutesAfterMerging) {
  const Period winter{Day(2024, 1, 15), Day(2024, 3, 1)};
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(ASubstitute(21, 1, 8, winter));
  // Two periods, two numbers, one doctor.
  reg.Know(AList(2)).Know(ARegularGp(12, 2, 7)).Know(ASubstitute(22, 2, 8, winter));
  reg.Know(ASubstitute(23, 2, 9, winter)).Know(AnAlias(9, 8)).Know(ADoctor(8));
  reg.Know(AList(3)).Know(ARegularGp(13, 3, 7));
  for (const int32_t doctor : {8, 20, 21}) reg.Know(ASubstitute(100 + doctor, 3, doctor, winter));
  reg.Know(AList(4)).Know(ASubstitute(24, 4, 20, winter)).Know(ASubstitute(25, 4, 21, winter));
  reg.Know(AList(5)).Know(ASubstitute(26, 5, 20, Until(Day(2024, 1, 1))));  // before the quarter
  const Figures figures(reg, kApril);
  const auto share = [&](std::string_view breakdown) { return figures.Show("NO", "locum_list_share", breakdown); };
  EXPECT_EQ(share("staffed.1"), "2/3 66.7");
  EXPECT_EQ(share("staffed.2"), "0/3 0.0");
  EXPECT_EQ(share("staffed.ge3"), "1/3 33.3");
  EXPECT_EQ(share("staffed.any"), "3/3 100.0");
  EXPECT_EQ(share("unstaffed.1"), "0/2 0.0");
  EXPECT_EQ(share("unstaffed.2"), "1/2 50.0");
  EXPECT_EQ(share("unstaffed.ge3"), "0/2 0.0");
  EXPECT_EQ(share("unstaffed.any"), "1/2 50.0");
}

TEST(D12_LocumDays, AreWorkingDaysTimesThePercentageOfEachPeriod) {
  // Monday 5 to Sunday 11 February 2024: five working days.
  const Period week{Day(2024, 2, 5), Day(2024, 2, 12)};
  const auto with = [&](std::optional<int32_t> percentage) {
    SmallRegister reg;
    reg.Know(AList(1)).Know(But(ASubstitute(21, 1, 8, week), [&](DoctorPeriod& p) { p.percentage = percentage; }));
    return LocumsAt(reg, kApril).quarter_hundredth_days;
  };
  EXPECT_EQ(with(std::nullopt), 500);
  EXPECT_EQ(with(50), 250);
  EXPECT_EQ(with(0), 0);
  EXPECT_EQ(with(150), 750);
  SmallRegister twice;
  twice.Know(AList(1)).Know(ASubstitute(21, 1, 8, week)).Know(ASubstitute(22, 1, 8, week));
  twice.Know(ASubstitute(23, 1, 9, week)).Know(WithoutDoctorPeriod(23)).Know(ASharedListDoctor(24, 1, 10));
  EXPECT_EQ(LocumsAt(twice, kApril), (LocumFacts{1, 1000, 1000}));
}

TEST(D12_LocumDays, AreThoseOfTheStateAtTheDayAndOfActiveListsOnly) {
  const Period week{Day(2024, 2, 5), Day(2024, 2, 12)};
  SmallRegister reg;  // staffed until 1 March, so unstaffed at d; 75 per cent
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7, Until(Day(2024, 3, 1))));
  reg.Know(But(ASubstitute(21, 1, 8, week), [](DoctorPeriod& p) { p.percentage = 75; }));
  reg.Know(AList(2)).Know(ARegularGp(12, 2, 7)).Know(ASubstitute(22, 2, 8, {Day(2023, 6, 5), Day(2023, 6, 7)}));
  reg.Know(But(AList(3), [](Contract& c) { c.period.to = kApril; })).Know(ASubstitute(23, 3, 8, week));
  const Figures figures(reg, kApril);
  EXPECT_EQ(figures.Show("NO", "locum_days", "quarter.unstaffed"), "375/100 3.8");  // 3.75, away from zero
  EXPECT_EQ(figures.Show("NO", "locum_days", "quarter.staffed"), "0/100 0.0");
  EXPECT_EQ(figures.Show("NO", "locum_days", "year.unstaffed"), "375/100 3.8");
  EXPECT_EQ(figures.Show("NO", "locum_days", "year.staffed"), "200/100 2.0");
}

TEST(D13_Easter, IsTheSundayOfTheGregorianComputus) {
  EXPECT_EQ(EasterSunday(2024), Day(2024, 3, 31));
  EXPECT_EQ(EasterSunday(2023), Day(2023, 4, 9));
  EXPECT_EQ(EasterSunday(2000), Day(2000, 4, 23));
  EXPECT_EQ(EasterSunday(2038), Day(2038, 4, 25));  // the latest there is
  EXPECT_EQ(EasterSunday(2285), Day(2285, 3, 22));  // the earliest
}

TEST(D13_WorkingDays, AreMondayToFriday) {
  const Day monday(2024, 2, 5);
  EXPECT_EQ(WorkingDays(monday, monday.Plus(7)), 5);
  EXPECT_EQ(WorkingDays(monday.Plus(4), monday.Plus(7)), 1);  // Friday
  EXPECT_EQ(WorkingDays(monday.Plus(5), monday.Plus(6)), 0);  // Saturday
  EXPECT_EQ(WorkingDays(monday.Plus(6), monday.Plus(7)), 0);  // Sunday
  EXPECT_EQ(WorkingDays(monday, monday), 0);
  EXPECT_EQ(WorkingDays(monday, monday.Plus(-7)), 0);
}

TEST(D13_WorkingDays, LeaveOutPublicHolidays) {
  for (const Day holiday :
       {Day(2024, 1, 1), Day(2024, 3, 28), Day(2024, 3, 29), Day(2024, 4, 1), Day(2024, 5, 1), Day(2024, 5, 9),
        Day(2024, 5, 17), Day(2024, 5, 20), Day(2024, 12, 25), Day(2024, 12, 26)}) {
    EXPECT_EQ(WorkingDays(holiday, holiday.Plus(1)), 0) << holiday.ToString();
  }
  for (const Day worked : {Day(2024, 3, 27), Day(2024, 4, 2), Day(2024, 12, 24), Day(2024, 12, 31)}) {
    EXPECT_EQ(WorkingDays(worked, worked.Plus(1)), 1) << worked.ToString();
  }
  // 262 days from Monday to Friday, ten of them holidays.
  EXPECT_EQ(WorkingDays(Day(2024, 1, 1), Day(2025, 1, 1)), 252);
}

}  // namespace
}  // namespace flosync
