#include <gtest/gtest.h>

#include "tests/support/alert_check.h"

// Alerts about doctors at work on a list (R12, R23), by the pure functions.
namespace flosync {
namespace {

constexpr const char* kNow = "2024-04-15T12:00:00Z";

// A specialist on list 1, changed as said.
template <typename Change>
SmallRegister WithDoctor(const Change& change) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(But(ASpecialist(7), change));
  return reg;
}

bool Has(const SmallRegister& reg, const std::string& kind, std::string_view at = kNow) {
  return Conditions(reg, at).contains(kind + " person:7");
}

TEST(R12_GpAuthorisationLost, AtOnceAndTheGpStaysGp) {
  const SmallRegister reg = WithDoctor([](Person& p) { p.approvals[0].period.to = Day(2024, 4, 15); });
  EXPECT_FALSE(Has(reg, "GP_AUTHORISATION_LOST", "2024-04-14T21:59:59.999Z"));
  const Condition alert = Conditions(reg, "2024-04-14T22:00:00Z").at("GP_AUTHORISATION_LOST person:7");
  EXPECT_EQ(alert.severity, Severity::kCritical);
  EXPECT_EQ(alert.detail.since, Day(2024, 4, 15));
  EXPECT_EQ(alert.detail.contracts, std::vector<int64_t>{1});
  EXPECT_FALSE(Conditions(reg, kNow).contains("LIST_UNSTAFFED contract:1"));
}

TEST(R12_GpAuthorisationLost, BySuspensionRevocationAndForSubstitutesAndSharedLists) {
  EXPECT_TRUE(Has(WithDoctor([](Person& p) {
                    p.reactions = {{"1", {Day(2024, 4, 1), Day(2024, 5, 1)}}};
                  }),
                  "GP_AUTHORISATION_LOST"));
  EXPECT_TRUE(Has(WithDoctor([](Person& p) { p.approvals[0].ended_status = "1"; }), "GP_AUTHORISATION_LOST"));
  for (const DoctorPeriod& period : {ASubstitute(12, 1, 8), ASharedListDoctor(12, 1, 8)}) {
    SmallRegister reg = WithDoctor([](Person&) {});
    reg.Know(period).Know(But(ADoctor(8), [](Person& p) { p.approvals.clear(); }));
    EXPECT_EQ(Conditions(reg, kNow).at("GP_AUTHORISATION_LOST person:8").severity, Severity::kWarning);
  }
}

TEST(R12_GpAuthorisationLost, NotOfWhoIsNotAtWorkToday) {
  SmallRegister reg = WithDoctor([](Person& p) { p.approvals.clear(); });
  reg.Know(ARegularGp(11, 1, 7, {Day(2015, 1, 1), Day(2024, 4, 1)}, "2016-01-01T00:00:00"));
  EXPECT_FALSE(Has(reg, "GP_AUTHORISATION_LOST"));
}

TEST(R23_GpDeceased, FromTheDayOfDeathAndAlone) {
  const SmallRegister reg = WithDoctor([](Person& p) { p.death = Day(2024, 4, 15); });
  EXPECT_FALSE(Has(reg, "GP_DECEASED", "2024-04-14T12:00:00Z"));
  EXPECT_EQ(Conditions(reg, kNow).at("GP_DECEASED person:7").severity, Severity::kCritical);
  EXPECT_FALSE(Has(reg, "GP_AUTHORISATION_LOST"));
  EXPECT_FALSE(Has(reg, "SPECIALITY_ENDED"));
}

TEST(R23_GpDeceased, AlsoSubstitutesAndTheSurvivingNumber) {
  SmallRegister reg = WithDoctor([](Person&) {});
  reg.Know(ASubstitute(12, 1, 8)).Know(AnAlias(8, 9));
  reg.Know(But(ADoctor(9), [](Person& p) { p.death = Day(2024, 1, 1); }));
  EXPECT_TRUE(Conditions(reg, kNow).contains("GP_DECEASED person:9"));
}

TEST(R23_GpDeceased, OnTwoListsIsOneAlertThatNamesBoth) {
  SmallRegister reg = WithDoctor([](Person& p) { p.death = Day(2024, 1, 1); });
  reg.Know(AList(2, "4601")).Know(ASubstitute(12, 2, 7));
  const Condition alert = Conditions(reg, kNow).at("GP_DECEASED person:7");
  EXPECT_EQ(alert.detail.contracts, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(alert.detail.municipalities, (std::vector<std::string>{"0301", "4601"}));
}

TEST(R23_GpAuthorisationEnding, Within90DaysAWarningWithin30) {
  const SmallRegister reg = WithDoctor([](Person& p) { p.approvals[0].period.to = Day(2024, 7, 14); });
  EXPECT_FALSE(Has(reg, "GP_AUTHORISATION_ENDING", "2024-04-14T12:00:00Z"));
  EXPECT_EQ(Conditions(reg, kNow).at("GP_AUTHORISATION_ENDING person:7").severity, Severity::kInfo);
  EXPECT_EQ(Conditions(reg, "2024-06-14T12:00:00Z").at("GP_AUTHORISATION_ENDING person:7").severity,
            Severity::kWarning);
  // The speciality ends with it; that is no alert of its own.
  EXPECT_FALSE(Has(reg, "SPECIALITY_ENDING"));
}

TEST(R23_SpecialityEnding, Within90Days) {
  const SmallRegister reg = WithDoctor([](Person& p) { p.approvals[0].specialities[0].period.to = Day(2024, 7, 14); });
  EXPECT_FALSE(Has(reg, "SPECIALITY_ENDING", "2024-04-14T12:00:00Z"));
  EXPECT_EQ(Conditions(reg, kNow).at("SPECIALITY_ENDING person:7").detail.since, Day(2024, 7, 14));
}

TEST(R23_SpecialityEnded, ByItsEndByWithdrawalAndNotForWhoNeverHadIt) {
  const SmallRegister ended =
      WithDoctor([](Person& p) { p.approvals[0].specialities[0].period.to = Day(2024, 4, 15); });
  EXPECT_FALSE(Has(ended, "SPECIALITY_ENDED", "2024-04-14T12:00:00Z"));
  EXPECT_EQ(Conditions(ended, kNow).at("SPECIALITY_ENDED person:7").detail.since, Day(2024, 4, 15));
  EXPECT_TRUE(
      Has(WithDoctor([](Person& p) { p.approvals[0].specialities[0].ended_status = "1"; }), "SPECIALITY_ENDED"));
  EXPECT_FALSE(Has(WithDoctor([](Person& p) { p.approvals[0].specialities.clear(); }), "SPECIALITY_ENDED"));
}

TEST(R22_StateDeviations, MunicipalityOfAnActiveList) {
  SmallRegister reg;
  reg.Know(AList(1, "9999")).Know(AList(2, "1507")).Know(AList(3, "0301"));
  reg.Know(But(AList(4, "9999"), [](Contract& c) { c.period.to = Day(2024, 1, 1); }));
  const auto conditions = Conditions(reg, kNow);
  EXPECT_TRUE(conditions.contains("UNKNOWN_MUNICIPALITY contract:1"));
  EXPECT_TRUE(conditions.contains("AMBIGUOUS_MUNICIPALITY contract:2"));
  EXPECT_FALSE(Conditions(reg, "2023-12-31T12:00:00Z").contains("AMBIGUOUS_MUNICIPALITY contract:2"));
  EXPECT_FALSE(conditions.contains("UNKNOWN_MUNICIPALITY contract:3"));
  EXPECT_FALSE(conditions.contains("UNKNOWN_MUNICIPALITY contract:4"));
}

TEST(R22_StateDeviations, MissingBirthDateOfTodaysGpInHpr) {
  const auto without = [](Person& p) { p.birth_year.reset(); };
  SmallRegister reg = WithDoctor(without);
  reg.Know(ASubstitute(12, 1, 8)).Know(But(ADoctor(8), without));
  const auto conditions = Conditions(reg, kNow);
  EXPECT_TRUE(conditions.contains("MISSING_BIRTH_DATE person:7"));
  EXPECT_FALSE(conditions.contains("MISSING_BIRTH_DATE person:8"));
}

TEST(R22_StateDeviations, DoctorNotInHprWhateverThePeriod) {
  SmallRegister reg;
  reg.Know(ASubstitute(12, 1, 8, {Day(2015, 1, 1), Day(2016, 1, 1)})).Know(AnAlias(8, 9));
  EXPECT_TRUE(Conditions(reg, kNow).contains("DOCTOR_NOT_IN_HPR person:9"));
  reg.Know(ADoctor(9));
  EXPECT_FALSE(Conditions(reg, kNow).contains("DOCTOR_NOT_IN_HPR person:9"));
  reg.Know(WithoutPerson(9), "2024-04-15T11:00:00Z");
  EXPECT_TRUE(Conditions(reg, kNow).contains("DOCTOR_NOT_IN_HPR person:9"));
  EXPECT_FALSE(Conditions(reg, "2024-04-15T11:00:00Z").contains("DOCTOR_NOT_IN_HPR person:9"));  // E1
}

TEST(R22_StateDeviations, DoctorPeriodWithoutContract) {
  SmallRegister reg;
  reg.Know(ASubstitute(12, 1, 7)).Know(ASubstitute(13, 2, 7)).Know(AList(2)).Know(ADoctor(7));
  EXPECT_TRUE(Conditions(reg, kNow).contains("DOCTOR_PERIOD_WITHOUT_CONTRACT doctor_period:12"));
  EXPECT_FALSE(Conditions(reg, kNow).contains("DOCTOR_PERIOD_WITHOUT_CONTRACT doctor_period:13"));
  reg.Know(WithoutList(2), "2024-04-01T00:00:00Z");
  EXPECT_TRUE(Conditions(reg, kNow).contains("DOCTOR_PERIOD_WITHOUT_CONTRACT doctor_period:13"));
  reg.Know(WithoutDoctorPeriod(12), "2024-04-02T00:00:00Z");
  EXPECT_FALSE(Conditions(reg, kNow).contains("DOCTOR_PERIOD_WITHOUT_CONTRACT doctor_period:12"));
}

TEST(R22_StateDeviations, MergeCycleNamesEveryNumberOnIt) {
  SmallRegister reg;
  reg.Know(AnAlias(1, 2)).Know(AnAlias(2, 3)).Know(AnAlias(3, 2)).Know(AnAlias(4, 4));
  const auto conditions = Conditions(reg, kNow);
  EXPECT_FALSE(conditions.contains("MERGE_CYCLE person:1"));
  for (const char* number : {"2", "3", "4"})
    EXPECT_TRUE(conditions.contains(std::string("MERGE_CYCLE person:") + number));
  reg.Know(WithoutPerson(3), "2024-04-01T00:00:00Z");
  EXPECT_FALSE(Conditions(reg, kNow).contains("MERGE_CYCLE person:2"));
}

TEST(R22_StateDeviations, MergedNumberInUse) {
  SmallRegister reg = WithDoctor([](Person&) {});
  reg.Know(ASubstitute(12, 1, 8)).Know(AnAlias(8, 7)).Know(ASubstitute(13, 1, 5)).Know(AnAlias(5, 5));
  const auto conditions = Conditions(reg, kNow);
  EXPECT_TRUE(conditions.contains("MERGED_NUMBER_IN_USE person:8"));
  EXPECT_FALSE(conditions.contains("MERGED_NUMBER_IN_USE person:7"));
  EXPECT_FALSE(conditions.contains("MERGED_NUMBER_IN_USE person:5"));  // the alias is ignored (E8)
}

TEST(R22_StateDeviations, CapsExceedPopulation) {
  const auto caps = [](int32_t cap) {
    SmallRegister reg;
    reg.Know(But(AList(1, "1151"), [cap](Contract& c) { c.list_cap = cap; })).Know(AList(2, "1151"));
    return Conditions(reg, kNow).contains("CAPS_EXCEED_POPULATION municipality:1151");
  };
  int32_t population = 0;
  for (const auto& municipality : Geography::Shipped().MunicipalitiesAt(Day(2024, 4, 15), 2024)) {
    if (municipality.number == "1151") population = municipality.population;
  }
  ASSERT_GT(population, 0);
  EXPECT_FALSE(caps(population - 1000));
  EXPECT_TRUE(caps(population - 999));
}

}  // namespace
}  // namespace flosync
