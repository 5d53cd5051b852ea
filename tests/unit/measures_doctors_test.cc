#include <gtest/gtest.h>

#include "tests/unit/measures_testing.h"

// Measures of doctors and their agreements, and the two grants: R13, R14, R17, D6–D10, D14.
namespace flosync {
namespace {

const Day kDay(2024, 3, 1);

TEST(R13_Bands, EveryGpIsInTheTotalAndInTheBandOfTheAge) {
  SmallRegister reg;
  reg.Know(AList(1));
  int32_t doctor = 0;
  // 39, 40, 60, 61, 67 and of unknown age; the last one a woman.
  for (const int16_t born : {1985, 1984, 1964, 1963, 1957, 0}) {
    ++doctor;
    reg.Know(ARegularGp(doctor, 1, doctor)).Know(But(ASpecialist(doctor), [&](Person& p) {
      p.birth_year = born ? std::optional<int16_t>(born) : std::nullopt;
      p.sex = born ? Sex::kMale : Sex::kFemale;
    }));
  }
  reg.Know(ARegularGp(100, 1, 100)).Know(But(ADoctor(100), [](Person& p) {
    p.birth_year = 1984;
    p.sex = Sex::kUnknown;
  }));
  const Figures figures(reg, kDay);
  EXPECT_EQ(figures.Show("NO", "gp_specialist_share", "all"), "6/7 85.7");
  EXPECT_EQ(figures.Show("NO", "gp_specialist_share", "lt40"), "1/1 100.0");
  EXPECT_EQ(figures.Show("NO", "gp_specialist_share", "40_60"), "2/3 66.7");
  EXPECT_EQ(figures.Show("NO", "gp_specialist_share", "gt60"), "2/2 100.0");
  EXPECT_EQ(figures.Show("NO", "gp_count", "all.all"), "7");
  EXPECT_EQ(figures.Show("NO", "gp_count", "male.all"), "5");
  EXPECT_EQ(figures.Show("NO", "gp_count", "female.all"), "1");
  EXPECT_EQ(figures.Show("NO", "gp_count", "all.40_60"), "3");
  EXPECT_EQ(figures.Show("NO", "gp_count", "male.40_60"), "2");
  EXPECT_EQ(figures.Show("NO", "gp_count", "male.gt60"), "2");
  EXPECT_EQ(figures.Show("NO", "gp_count", "male.ge67"), "1");
}

TEST(R14_Units, AgreementsInTheSharesAndDurationsDoctorsInTheRest) {
  SmallRegister reg;
  reg.Know(ASpecialist(7));
  for (const int64_t list : {1, 2}) reg.Know(AList(list)).Know(Patients(list, 500)).Know(ARegularGp(list, list, 7));
  reg.Know(AList(3, "4601")).Know(Patients(3, 1000)).Know(ARegularGp(3, 3, 7));
  const Figures figures(reg, kDay);
  EXPECT_EQ(figures.Show("NO", "gp_specialist_share"), "3/3 100.0");
  EXPECT_EQ(figures.Show("0301", "gp_specialist_share"), "2/2 100.0");
  EXPECT_EQ(figures.Show("NO", "contract_duration_median"), "-/3 9.2");
  EXPECT_EQ(figures.Show("NO", "gp_count", "all.all"), "1");
  EXPECT_EQ(figures.Show("0301", "gp_count", "all.all"), "1");
  EXPECT_EQ(figures.Show("4601", "gp_count", "all.all"), "1");
  EXPECT_EQ(figures.Show("50000_pluss", "gp_count", "all.all"), "1");
  EXPECT_EQ(figures.Show("NO", "gps_per_10000_listed"), "1/2000 5.0");  // D14
  EXPECT_EQ(figures.Show("0301", "gps_per_10000_listed"), "1/1000 10.0");
}

Day BeganOf(const SmallRegister& reg) { return reg.List(1, kDay)->gps.at(0).began; }

TEST(D6_Duration, TouchingOverlappingAndContainedPeriodsAreOne) {
  const Day start(2016, 5, 1);
  SmallRegister touching;
  touching.Know(AList(1)).Know(ARegularGp(11, 1, 7, {start, Day(2020, 1, 1)}));
  touching.Know(ARegularGp(12, 1, 7, Since(Day(2020, 1, 1))));
  EXPECT_EQ(BeganOf(touching), start);
  SmallRegister contained;
  contained.Know(AList(1)).Know(ARegularGp(11, 1, 7, {start, Day(2023, 1, 1)}));
  contained.Know(ARegularGp(12, 1, 7, {Day(2017, 1, 1), Day(2018, 1, 1)}));
  contained.Know(ARegularGp(13, 1, 7, {Day(2022, 12, 31), Day(2024, 6, 1)}));
  EXPECT_EQ(BeganOf(contained), start);
}

TEST(D6_Duration, ADayBetweenIsAGap) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7, {Day(2016, 5, 1), Day(2020, 1, 1)}));
  reg.Know(ARegularGp(12, 1, 7, Since(Day(2020, 1, 2))));
  EXPECT_EQ(BeganOf(reg), Day(2020, 1, 2));
}

TEST(D6_Duration, MergedNumbersAreOneDoctorAndOthersAreNot) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ADoctor(7)).Know(AnAlias(9, 7));
  reg.Know(ARegularGp(11, 1, 9, {Day(2016, 5, 1), Day(2020, 1, 1)})).Know(ARegularGp(12, 1, 7, Since(Day(2020, 1, 1))));
  reg.Know(ARegularGp(13, 1, 6, {Day(2014, 1, 1), Day(2016, 5, 1)}));
  ASSERT_EQ(reg.List(1, kDay)->gps.size(), 1U);
  EXPECT_EQ(BeganOf(reg), Day(2016, 5, 1));
}

TEST(R17_MeanAndMedian, OfDurationsAreInYearsOf365AndAQuarterDays) {
  SmallRegister reg;  // 1 461 days are four years; 1 077 are 2.949 years, but 2.951 of 365 days
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7, Since(kDay.Plus(-1077))));
  EXPECT_EQ(Figures(reg, kDay).Show("NO", "contract_duration_mean"), "1077/1 2.9");
  EXPECT_EQ(Figures(reg, kDay).Show("NO", "contract_duration_median"), "-/1 2.9");
  reg.Know(AList(2)).Know(ARegularGp(12, 2, 8, Since(kDay.Plus(-1461))));
  reg.Know(AList(3)).Know(ARegularGp(13, 3, 9, Since(kDay)));
  reg.Know(AList(4)).Know(ARegularGp(14, 4, 10, Since(kDay.Plus(-1461))));
  const Figures four(reg, kDay);
  EXPECT_EQ(four.Show("NO", "contract_duration_mean"), "3999/4 2.7");
  EXPECT_EQ(four.Show("NO", "contract_duration_median"), "-/4 3.5");  // of 1 077 and 1 461
}

TEST(D7_EnteredNotSpecialist, FromTheDayItselfAndOncePerArea) {
  const Day since(2017, 3, 1);
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7, Since(since))).Know(ADoctor(7));
  reg.Know(AList(2)).Know(ARegularGp(12, 2, 8, Since(since.Plus(-1)))).Know(ADoctor(8));
  reg.Know(AList(3)).Know(ARegularGp(13, 3, 9, Since(Day(2018, 1, 1)))).Know(ASpecialist(9));
  EXPECT_EQ(Figures(reg, kDay).Show("0301", "gp_entered_not_specialist"), "1");
  // An agreement that goes on from before has not begun since.
  reg.Know(ARegularGp(14, 2, 8, Since(Day(2019, 1, 1))));
  EXPECT_EQ(Figures(reg, kDay).Show("0301", "gp_entered_not_specialist"), "1");
  // One of two agreements in the area suffices, whichever has the lower number.
  reg.Know(AList(4)).Know(ARegularGp(15, 4, 8, Since(Day(2019, 1, 1))));
  reg.Know(AList(5)).Know(ARegularGp(16, 5, 7, Since(Day(2016, 1, 1))));
  const Figures both(reg, kDay);
  EXPECT_EQ(both.Show("0301", "gp_entered_not_specialist"), "2");
  EXPECT_EQ(both.Show("NO", "gp_entered_not_specialist"), "2");
}

TEST(D8_AllSpecialists, AreMunicipalitiesWithGpsAllOfThemSpecialists) {
  SmallRegister reg;  // Oslo two, Bergen one of two, Trondheim nobody, and one that is nowhere
  reg.Know(ASpecialist(7)).Know(ASpecialist(8)).Know(ADoctor(9));
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(AList(2)).Know(ARegularGp(12, 2, 8));
  reg.Know(AList(3, "4601")).Know(ARegularGp(13, 3, 7)).Know(ARegularGp(14, 3, 9));
  reg.Know(AList(4, "5001"));
  reg.Know(AList(5, "9999")).Know(ARegularGp(15, 5, 7));
  const Figures figures(reg, kDay);
  EXPECT_EQ(figures.Show("NO", "municipality_all_specialists"), "1");
  EXPECT_EQ(figures.Show("03", "municipality_all_specialists"), "1");
  EXPECT_EQ(figures.Show("46", "municipality_all_specialists"), "0");
  EXPECT_EQ(figures.Show("50", "municipality_all_specialists"), "0");
  EXPECT_EQ(figures.Show("50000_pluss", "municipality_all_specialists"), "1");
  EXPECT_EQ(figures.Show("0301", "municipality_all_specialists"), "no such row");
}

// A list just within all limits of the supplement, with one thing changed.
struct Supplement {
  Day began{2022, 3, 2};
  std::optional<int32_t> patients = 499;
  std::optional<int32_t> cap = 500;
  bool fixed_salary = false;
};
std::string SupplementLists(const Supplement& s, Day d = kDay) {
  SmallRegister reg;
  reg.Know(But(AList(1), [&](Contract& c) {
    c.list_cap = s.cap;
    c.fixed_salary = s.fixed_salary;
  }));
  if (s.patients) reg.Know(Patients(1, *s.patients));
  reg.Know(ARegularGp(11, 1, 7, Since(s.began)));
  return Figures(reg, d).Show("NO", "grant_basic_supplement_lists");
}

TEST(D9_BasicSupplement, LimitsOfPatientsPlacesAndSalary) {
  EXPECT_EQ(SupplementLists({}), "1");
  EXPECT_EQ(SupplementLists({.patients = 500}), "0");
  EXPECT_EQ(SupplementLists({.cap = 499}), "0");
  EXPECT_EQ(SupplementLists({.fixed_salary = true}), "0");
  EXPECT_EQ(SupplementLists({.patients = std::nullopt}), "0");
  EXPECT_EQ(SupplementLists({.cap = std::nullopt}), "0");
}

TEST(D9_BasicSupplement, TheAgreementIsYoungerThanTwoYears) {
  EXPECT_EQ(SupplementLists({.began = Day(2022, 3, 1)}), "0");
  EXPECT_EQ(SupplementLists({.began = Day(2024, 3, 2)}), "0");  // unstaffed until then
  // 29 February and two years is 28 February.
  EXPECT_EQ(SupplementLists({.began = Day(2020, 2, 29)}, Day(2022, 2, 27)), "1");
  EXPECT_EQ(SupplementLists({.began = Day(2020, 2, 29)}, Day(2022, 2, 28)), "0");
}

TEST(D9_BasicSupplement, OneYoungAgreementSuffices) {
  for (const int32_t old_doctor : {6, 8}) {
    SmallRegister reg;
    reg.Know(AList(1)).Know(Patients(1, 400)).Know(ARegularGp(11, 1, 7, Since(Day(2023, 1, 1))));
    reg.Know(ARegularGp(12, 1, old_doctor));
    EXPECT_EQ(Figures(reg, kDay).Show("NO", "grant_basic_supplement_lists"), "1") << old_doctor;
  }
}

// Evenes (1853) has 1 330 inhabitants.
std::string EqualisationGps(std::optional<int32_t> patients, bool fixed_salary = false,
                            const std::string& municipality = "1853") {
  SmallRegister reg;
  reg.Know(But(AList(1, municipality), [&](Contract& c) { c.fixed_salary = fixed_salary; }));
  if (patients) reg.Know(Patients(1, *patients));
  reg.Know(ARegularGp(11, 1, 7));
  return Figures(reg, kDay).Show("NO", "grant_equalisation_gps");
}

TEST(D10_Equalisation, SelfEmployedInASmallMunicipalityWithShortLists) {
  EXPECT_EQ(EqualisationGps(1199), "1");
  EXPECT_EQ(EqualisationGps(1200), "0");
  EXPECT_EQ(EqualisationGps(std::nullopt), "0");
  EXPECT_EQ(EqualisationGps(1199, true), "0");
  EXPECT_EQ(EqualisationGps(1199, false, "0301"), "0");
  EXPECT_EQ(EqualisationGps(1199, false, "9999"), "0");
}

TEST(D10_Equalisation, ByTheMeanOfAllListsAndUniqueDoctors) {
  SmallRegister reg;  // doctor 7 on two lists, one of them with a fixed salary; doctor 8 on the third
  reg.Know(AList(1, "1853")).Know(Patients(1, 1000)).Know(ARegularGp(11, 1, 7));
  reg.Know(But(AList(2, "1853"), [](Contract& c) { c.fixed_salary = true; })).Know(ARegularGp(12, 2, 7));
  reg.Know(AList(3, "1853")).Know(Patients(3, 1399)).Know(ARegularGp(13, 3, 8));
  EXPECT_EQ(Figures(reg, kDay).Show("1853", "grant_equalisation_gps"), "2");  // a mean of 1 199.5
  reg.Know(Patients(3, 1400, "2021-01-01"));
  EXPECT_EQ(Figures(reg, kDay).Show("1853", "grant_equalisation_gps"), "0");
  // The patients of an unstaffed list count in the mean.
  reg.Know(AList(4, "1853")).Know(Patients(4, 100));
  EXPECT_EQ(Figures(reg, kDay).Show("under_2000", "grant_equalisation_gps"), "2");
}

}  // namespace
}  // namespace flosync
