#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/core_harness.h"

// What is true of one list at a reference date, with t(d) six hours after midnight: R7, R10, R12, R13, R16, D1, D2, D4,
// D16.
namespace flosync {
namespace {

const Day kDay(2024, 3, 1);

std::vector<int32_t> GpsOf(const ListFacts& facts) {
  std::vector<int32_t> numbers;
  for (const GpFacts& gp : facts.gps) numbers.push_back(gp.doctor);
  return numbers;
}

SmallRegister StaffedList() {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(ASpecialist(7));
  return reg;
}

TEST(D1_ActiveList, IsOneWhoseContractIsValidAtTheDay) {
  SmallRegister reg;
  reg.Know(But(AList(1), [](Contract& c) { c.period = {Day(2024, 3, 1), Day(2024, 4, 1)}; }));
  EXPECT_FALSE(reg.List(1, Day(2024, 2, 29)));
  EXPECT_TRUE(reg.List(1, Day(2024, 3, 1)));
  EXPECT_TRUE(reg.List(1, Day(2024, 3, 31)));
  EXPECT_FALSE(reg.List(1, Day(2024, 4, 1)));
  EXPECT_FALSE(reg.List(2, Day(2024, 3, 1)));
}

TEST(D1_ActiveList, WhateverItsStatus) {
  for (const char* status : {"", "1", "2", "ended"}) {
    SmallRegister reg;
    reg.Know(But(AList(1), [&](Contract& c) { c.status = status; }));
    EXPECT_TRUE(reg.List(1, kDay)) << status;
  }
}

TEST(R10_Gp, IsARegularGpWithinThePeriod) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7, {Day(2024, 2, 1), Day(2024, 3, 1)})).Know(ASpecialist(7));
  EXPECT_EQ(GpsOf(*reg.List(1, Day(2024, 1, 31))), std::vector<int32_t>{});
  EXPECT_EQ(GpsOf(*reg.List(1, Day(2024, 2, 1))), std::vector<int32_t>{7});
  EXPECT_EQ(GpsOf(*reg.List(1, Day(2024, 2, 29))), std::vector<int32_t>{7});
  EXPECT_EQ(GpsOf(*reg.List(1, Day(2024, 3, 1))), std::vector<int32_t>{});
}

TEST(R10_Gp, SeveralOnOneContractAllCount) {
  SmallRegister reg = StaffedList();
  reg.Know(ARegularGp(12, 1, 8)).Know(ADoctor(8));
  EXPECT_EQ(GpsOf(*reg.List(1, kDay)), (std::vector<int32_t>{7, 8}));
}

TEST(R10_Gp, TwoPeriodsOfOneDoctorAreOneAgreement) {
  SmallRegister reg = StaffedList();
  reg.Know(ARegularGp(12, 1, 7, Since(Day(2020, 1, 1))));
  EXPECT_EQ(GpsOf(*reg.List(1, kDay)), std::vector<int32_t>{7});
}

TEST(R10_Gp, SubstitutesAndSharedListDoctorsDoNotCount) {
  SmallRegister reg;
  reg.Know(AList(1))
      .Know(ASubstitute(11, 1, 7))
      .Know(ASharedListDoctor(12, 1, 8))
      .Know(ASpecialist(7))
      .Know(ASpecialist(8));
  EXPECT_EQ(GpsOf(*reg.List(1, kDay)), std::vector<int32_t>{});
}

TEST(R10_Gp, OtherRelationshipsDoNotCount) {
  for (const char* relationship : {"", "lpfl", "LPFL ", "XX"}) {
    SmallRegister reg;
    reg.Know(AList(1)).Know(But(ARegularGp(11, 1, 7), [&](DoctorPeriod& p) { p.relationship = relationship; }));
    EXPECT_FALSE(reg.List(1, kDay)->staffed()) << "'" << relationship << "'";
  }
}

TEST(D2_Staffed, MeansAValidRegularGpWhoeverThatIs) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7));  // 7 is not in HPR
  EXPECT_TRUE(reg.List(1, kDay)->staffed());
}

TEST(R12_GpIsFlosFact, ADeadOrUnauthorisedGpIsStillGpButNoSpecialist) {
  const Person dead = But(ASpecialist(7), [](Person& p) { p.death = Day(2024, 1, 1); });
  const Person lost = But(ASpecialist(7), [](Person& p) { p.approvals[0].period.to = Day(2024, 1, 1); });
  for (const Person& person : {dead, lost}) {
    SmallRegister reg;
    reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(person);
    const auto facts = reg.List(1, kDay);
    ASSERT_EQ(GpsOf(*facts), std::vector<int32_t>{7});
    EXPECT_FALSE(facts->gps[0].specialist);
    EXPECT_EQ(facts->gps[0].sex, Sex::kMale);
    EXPECT_EQ(facts->gps[0].age, 49);
  }
}

TEST(D16_DoctorNotInHpr, IsGpWithoutSpecialityBandOrSex) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7));
  EXPECT_EQ(reg.List(1, kDay)->gps, (std::vector<GpFacts>{{7, false, Sex::kUnknown, std::nullopt, kRegularSince}}));
}

TEST(R13_Age, IsYearOfTheDayMinusBirthYear) {
  SmallRegister reg = StaffedList();  // born 1975
  EXPECT_EQ(reg.List(1, Day(2023, 12, 31))->gps[0].age, 48);
  EXPECT_EQ(reg.List(1, Day(2024, 1, 1))->gps[0].age, 49);
  EXPECT_EQ(reg.List(1, Day(2024, 12, 31))->gps[0].age, 49);
}

TEST(R13_Age, UnknownBirthDateIsInNoBand) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(But(ASpecialist(7), [](Person& p) { p.birth_year.reset(); }));
  const GpFacts gp = reg.List(1, kDay)->gps[0];
  EXPECT_TRUE(gp.specialist);
  EXPECT_FALSE(Under40(gp) || From40To60(gp) || Over60(gp) || From67(gp));
}

TEST(R13_Age, BandsAreUnder40And40To60BothIncludedAndOver60) {
  struct Case {
    int age;
    const char* band;
    bool from67;
  };
  for (const Case& c : std::vector<Case>{{39, "lt40", false},
                                         {40, "40_60", false},
                                         {60, "40_60", false},
                                         {61, "gt60", false},
                                         {66, "gt60", false},
                                         {67, "gt60", true}}) {
    const GpFacts gp{7, false, Sex::kUnknown, c.age, kDay};
    EXPECT_EQ(Under40(gp), std::string(c.band) == "lt40") << c.age;
    EXPECT_EQ(From40To60(gp), std::string(c.band) == "40_60") << c.age;
    EXPECT_EQ(Over60(gp), std::string(c.band) == "gt60") << c.age;
    EXPECT_EQ(From67(gp), c.from67) << c.age;
  }
}

// t(2024-03-01) is 06:00 in Oslo.
TEST(R7_Timelines, AttributesAreThoseOfTheGreatestUpdatedOnBeforeT) {
  SmallRegister reg;
  reg.Know(AList(1, "0301", "2020-01-01T00:00:00"))
      .Know(AList(1, "4601", "2024-03-01T05:59:59.999999999"))
      .Know(AList(1, "5001", "2024-03-01T06:00:00"));
  EXPECT_EQ(reg.List(1, Day(2024, 2, 1))->municipality, "0301");
  EXPECT_EQ(reg.List(1, Day(2024, 3, 1))->municipality, "4601");
  EXPECT_EQ(reg.List(1, Day(2024, 4, 1))->municipality, "5001");
}

TEST(R7_Timelines, BeforeTheFirstVersionTheEarliestHolds) {
  SmallRegister reg;
  reg.Know(AList(1, "4601", "2024-05-01T00:00:00")).Know(AList(1, "0301", "2024-04-01T00:00:00"));
  EXPECT_EQ(reg.List(1, Day(2024, 1, 1))->municipality, "0301");
}

TEST(R7_Timelines, AllScalarAttributesGoTogether) {
  SmallRegister reg;
  reg.Know(But(AList(1, "0301", "2020-01-01T00:00:00"), [](Contract& c) { c.list_cap = 900; }))
      .Know(But(AList(1, "4601", "2024-03-15T00:00:00"), [](Contract& c) {
        c.list_cap.reset();
        c.fixed_salary = true;
      }));
  EXPECT_EQ(reg.List(1, kDay)->list_cap, 900);
  EXPECT_FALSE(reg.List(1, kDay)->fixed_salary);
  EXPECT_EQ(reg.List(1, Day(2024, 4, 1))->list_cap, std::nullopt);
  EXPECT_TRUE(reg.List(1, Day(2024, 4, 1))->fixed_salary);
}

TEST(R7_Timelines, ValidityIsThatOfTheNewestVersionForEveryDay) {
  SmallRegister reg;
  reg.Know(AList(1, "0301", "2020-01-01T00:00:00")).Know(But(AList(1, "4601", "2024-06-01T00:00:00"), [](Contract& c) {
    c.period.to = Day(2024, 2, 1);
  }));
  EXPECT_TRUE(reg.List(1, Day(2024, 1, 31)));
  EXPECT_FALSE(reg.List(1, kDay));
  EXPECT_EQ(reg.List(1, Day(2024, 1, 31))->municipality, "0301");
}

TEST(R7_Timelines, PatientsAreThoseOfTheGreatestCountedAtBeforeT) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(Patients(1, 900, "2024-03-01T05:59:59")).Know(Patients(1, 950, "2024-03-01T06:00:00"));
  reg.Know(Patients(1, 800, "2024-01-15T00:00:00"));
  EXPECT_EQ(reg.List(1, Day(2024, 1, 1))->patients, std::nullopt);  // no fallback (E6)
  EXPECT_EQ(reg.List(1, Day(2024, 2, 1))->patients, 800);
  EXPECT_EQ(reg.List(1, Day(2024, 3, 1))->patients, 900);
  EXPECT_EQ(reg.List(1, Day(2024, 4, 1))->patients, 950);
}

TEST(E13_WallTime, AVersionWithAZoneIsConvertedBeforeItIsCompared) {
  // 04:59:59Z is 05:59:59 in Oslo, before t; 05:00Z is 06:00, not before it.
  SmallRegister reg;
  reg.Know(AList(1, "0301", "2024-03-01T04:59:59Z")).Know(AList(1, "4601", "2024-03-01T05:00:00Z"));
  EXPECT_EQ(reg.List(1, kDay)->municipality, "0301");
}

TEST(R16_UnstaffedSince, IsTheContractsStartOrTheLastEndOfARegularGp) {
  const Period contract = Since(Day(2020, 1, 1));
  EXPECT_EQ(UnstaffedSince(contract, {}, kDay), Day(2020, 1, 1));
  EXPECT_EQ(UnstaffedSince(contract, {{Day(2020, 1, 1), Day(2022, 1, 1)}, {Day(2021, 1, 1), Day(2023, 6, 1)}}, kDay),
            Day(2023, 6, 1));
  // An end after d does not count, one on d does; one before the contract does not move the start.
  EXPECT_EQ(UnstaffedSince(contract, {{Day(2024, 4, 1), Day(2024, 5, 1)}}, kDay), Day(2020, 1, 1));
  EXPECT_EQ(UnstaffedSince(contract, {{Day(2023, 1, 1), Day(2024, 3, 1)}}, kDay), Day(2024, 3, 1));
  EXPECT_EQ(UnstaffedSince(contract, {{Day(2018, 1, 1), Day(2019, 1, 1)}}, kDay), Day(2020, 1, 1));
}

TEST(R16_UnstaffedSince, OverOneYearIffTheDayIsAfterTheAnniversary) {
  EXPECT_FALSE(OverOneYear(Day(2023, 3, 1), Day(2024, 3, 1)));
  EXPECT_TRUE(OverOneYear(Day(2023, 3, 1), Day(2024, 3, 2)));
}

TEST(R16_UnstaffedSince, LeapDayPlusOneYearIs28February) {
  EXPECT_FALSE(OverOneYear(Day(2024, 2, 29), Day(2025, 2, 28)));
  EXPECT_TRUE(OverOneYear(Day(2024, 2, 29), Day(2025, 3, 1)));
  EXPECT_FALSE(OverOneYear(Day(2023, 2, 28), Day(2024, 2, 28)));
  EXPECT_TRUE(OverOneYear(Day(2023, 2, 28), Day(2024, 2, 29)));
}

TEST(R16_UnstaffedSince, SubstituteDoesNotEndIt) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7, {Day(2015, 1, 1), Day(2022, 1, 1)}));
  reg.Know(ASubstitute(12, 1, 8, {Day(2022, 1, 1), Day(2024, 2, 1)}));
  EXPECT_EQ(reg.List(1, kDay)->unstaffed_since, Day(2022, 1, 1));
  EXPECT_TRUE(reg.List(1, kDay)->unstaffed_over_1y);
}

TEST(R16_UnstaffedSince, ANewRegularGpEndsIt) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7, {Day(2015, 1, 1), Day(2022, 1, 1)}));
  reg.Know(ARegularGp(12, 1, 8, {Day(2023, 5, 1), Day(2023, 7, 1)}));
  EXPECT_TRUE(reg.List(1, Day(2023, 4, 30))->unstaffed_over_1y);
  EXPECT_TRUE(reg.List(1, Day(2023, 5, 1))->staffed());
  EXPECT_FALSE(reg.List(1, Day(2023, 5, 1))->unstaffed_over_1y);
  EXPECT_EQ(reg.List(1, kDay)->unstaffed_since, Day(2023, 7, 1));
  EXPECT_FALSE(reg.List(1, kDay)->unstaffed_over_1y);
}

TEST(R16_UnstaffedSince, APeriodThatWasWithdrawnNeverWas) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7, {Day(2015, 1, 1), Day(2023, 12, 1)}));
  EXPECT_EQ(reg.List(1, kDay)->unstaffed_since, Day(2023, 12, 1));
  reg.Know(WithoutDoctorPeriod(11));
  EXPECT_EQ(reg.List(1, kDay)->unstaffed_since, Day(2015, 1, 1));
}

TEST(R9_Timers, NameTheNextDayOnWhichAListChanges) {
  const auto next = [](const SmallRegister& reg, Day d) {
    return reg.Derive(1, Moment::AtDate(d, std::chrono::hours(6))).next_change;
  };
  SmallRegister begins;
  begins.Know(But(AList(1), [](Contract& c) { c.period = {Day(2024, 5, 1), Day(2024, 8, 1)}; }));
  EXPECT_EQ(next(begins, kDay), StartOfDay(Day(2024, 5, 1)));
  SmallRegister unstaffed;  // since 2023-12-01: over a year from 2024-12-02
  unstaffed.Know(AList(1)).Know(ARegularGp(11, 1, 7, {Day(2015, 1, 1), Day(2023, 12, 1)}));
  EXPECT_EQ(next(unstaffed, kDay), StartOfDay(Day(2024, 12, 2)));
  EXPECT_EQ(next(unstaffed, Day(2024, 12, 2)), Instant::Max());
  SmallRegister speciality_ends = StaffedList();
  speciality_ends.Know(But(ASpecialist(7, "2021-01-01"),
                           [](Person& p) { p.approvals[0].specialities[0].period.to = Day(2024, 4, 15); }));
  EXPECT_EQ(next(speciality_ends, kDay), StartOfDay(Day(2024, 4, 15)));
  SmallRegister gp_begins = StaffedList();
  gp_begins.Know(ARegularGp(12, 1, 8, {Day(2024, 3, 2), Day(2024, 3, 5)}));
  EXPECT_EQ(next(gp_begins, kDay), StartOfDay(Day(2024, 3, 2)));
  SmallRegister version_ahead = StaffedList();
  version_ahead.Know(AList(1, "4601", "2024-03-01T12:00:00"));
  EXPECT_EQ(next(version_ahead, kDay), At("2024-03-01T11:00:00.001Z"));
}

}  // namespace
}  // namespace flosync
