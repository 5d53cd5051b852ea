#include <gtest/gtest.h>

#include "state/alerts/unit_conditions.h"
#include "tests/support/alert_check.h"

// Alerts about lists and municipalities (R23), by the pure functions.
namespace flosync {
namespace {

// A list with 800 patients whose only regular GP leaves on `to`.
SmallRegister Leaving(Day to) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(Patients(1, 800)).Know(ASpecialist(7));
  reg.Know(ARegularGp(11, 1, 7, {Day(2015, 1, 1), to}));
  return reg;
}

Instant NextChange(const SmallRegister& reg, std::string_view at) {
  const Moment moment = Moment::Live(At(at));
  const AreaFrame frame = Geography::Shipped().Frame(moment.d, moment.d.year()).value();
  return DeriveListConditions(reg.reg(), frame, 1, moment).next_change;
}

Severity SeverityOf(const SmallRegister& reg, const std::string& name, std::string_view at) {
  return Conditions(reg, at).at(name).severity;
}

TEST(R23_ListUnstaffed, SaysPatientsSinceWhenAndWhoCovers) {
  SmallRegister reg = Leaving(Day(2024, 3, 1));
  reg.Know(ADoctor(8)).Know(ASubstitute(12, 1, 8));
  const Condition alert = Conditions(reg, "2024-03-10T12:00:00Z").at("LIST_UNSTAFFED contract:1");
  EXPECT_EQ(alert.detail.patients, 800);
  EXPECT_EQ(alert.detail.since, Day(2024, 3, 1));
  EXPECT_EQ(alert.detail.covered, true);
  EXPECT_EQ(alert.detail.doctors, std::vector<int32_t>{8});
  EXPECT_EQ(alert.detail.municipalities, std::vector<std::string>{"0301"});
}

TEST(R23_ListUnstaffed, GrowsAt30And90And365DaysAtOsloMidnight) {
  const SmallRegister reg = Leaving(Day(2024, 3, 1));
  const std::string name = "LIST_UNSTAFFED contract:1";
  // The thirtieth day is the one on which summer time begins; midnight is still 23:00 UTC.
  EXPECT_EQ(SeverityOf(reg, name, "2024-03-30T22:59:59.999Z"), Severity::kInfo);
  EXPECT_EQ(SeverityOf(reg, name, "2024-03-30T23:00:00Z"), Severity::kWarning);
  EXPECT_EQ(SeverityOf(reg, name, "2024-05-29T21:59:59.999Z"), Severity::kWarning);
  EXPECT_EQ(SeverityOf(reg, name, "2024-05-29T22:00:00Z"), Severity::kCritical);
  EXPECT_EQ(Conditions(reg, "2025-02-28T22:59:59.999Z").at(name).detail.passed_days, 90);
  EXPECT_EQ(Conditions(reg, "2025-02-28T23:00:00Z").at(name).detail.passed_days, 365);
}

TEST(R9_ListUnstaffed, TimersAreTheMidnightsAtWhichItGrows) {
  const SmallRegister spring = Leaving(Day(2024, 3, 1));
  EXPECT_EQ(NextChange(spring, "2024-03-01T12:00:00Z"), At("2024-03-30T23:00:00Z"));
  EXPECT_EQ(NextChange(spring, "2024-03-31T12:00:00Z"), At("2024-05-29T22:00:00Z"));
  EXPECT_EQ(NextChange(spring, "2024-05-30T12:00:00Z"), At("2025-02-28T23:00:00Z"));
  EXPECT_EQ(NextChange(spring, "2025-03-01T12:00:00Z"), Instant::Max());
  // Thirty days on is the day on which summer time ends.
  const SmallRegister autumn = Leaving(Day(2024, 9, 27));
  EXPECT_EQ(NextChange(autumn, "2024-09-27T12:00:00Z"), At("2024-10-26T22:00:00Z"));
  EXPECT_EQ(NextChange(autumn, "2024-10-27T12:00:00Z"), At("2024-12-25T23:00:00Z"));
}

TEST(R23_ListUnstaffed, StaysInfoWhileTheListIsKnownToBeEmpty) {
  SmallRegister reg = Leaving(Day(2022, 3, 1));
  reg.Know(Patients(1, 0, "2023-01-01T00:00:00"));
  EXPECT_EQ(SeverityOf(reg, "LIST_UNSTAFFED contract:1", "2024-03-10T12:00:00Z"), Severity::kInfo);
  EXPECT_EQ(SeverityOf(reg, "LIST_UNCOVERED contract:1", "2024-03-10T12:00:00Z"), Severity::kInfo);
}

TEST(R16_ListUnstaffed, SubstituteDoesNotEndItAndANewRegularGpDoes) {
  SmallRegister reg = Leaving(Day(2024, 3, 1));
  reg.Know(ASubstitute(12, 1, 7, Since(Day(2024, 4, 1))));
  EXPECT_TRUE(Conditions(reg, "2024-04-02T12:00:00Z").contains("LIST_UNSTAFFED contract:1"));
  reg.Know(ARegularGp(13, 1, 7, Since(Day(2024, 4, 2))));
  EXPECT_FALSE(Conditions(reg, "2024-04-02T12:00:00Z").contains("LIST_UNSTAFFED contract:1"));
}

TEST(R23_ListUncovered, UnstaffedAndNoSubstituteToday) {
  SmallRegister reg = Leaving(Day(2024, 3, 1));
  reg.Know(ASubstitute(12, 1, 7, {Day(2024, 4, 1), Day(2024, 5, 1)}));
  const std::string name = "LIST_UNCOVERED contract:1";
  EXPECT_FALSE(Conditions(reg, "2024-02-29T12:00:00Z").contains(name));
  EXPECT_EQ(SeverityOf(reg, name, "2024-03-01T12:00:00Z"), Severity::kCritical);
  EXPECT_FALSE(Conditions(reg, "2024-04-01T12:00:00Z").contains(name));
  EXPECT_TRUE(Conditions(reg, "2024-05-01T12:00:00Z").contains(name));
}

TEST(R23_ListBecomingUnstaffed, From90DaysBeforeTheLastRegularGpLeaves) {
  const SmallRegister reg = Leaving(Day(2024, 6, 1));
  const std::string name = "LIST_BECOMING_UNSTAFFED contract:1";
  EXPECT_FALSE(Conditions(reg, "2024-03-02T22:59:59Z").contains(name));
  const Condition alert = Conditions(reg, "2024-03-02T23:00:00Z").at(name);
  EXPECT_EQ(alert.severity, Severity::kInfo);
  EXPECT_EQ(alert.detail.since, Day(2024, 6, 1));
  EXPECT_EQ(alert.detail.doctors, std::vector<int32_t>{7});
  EXPECT_EQ(SeverityOf(reg, name, "2024-05-02T12:00:00Z"), Severity::kWarning);
  EXPECT_FALSE(Conditions(reg, "2024-06-01T12:00:00Z").contains(name));
}

TEST(R23_ListBecomingUnstaffed, NotWithASuccessorNorWhereTheListItselfEnds) {
  SmallRegister reg = Leaving(Day(2024, 6, 1));
  reg.Know(ARegularGp(12, 1, 8, Since(Day(2024, 6, 1))));
  EXPECT_FALSE(Conditions(reg, "2024-05-02T12:00:00Z").contains("LIST_BECOMING_UNSTAFFED contract:1"));
  SmallRegister ending = Leaving(Day(2024, 6, 1));
  ending.Know(But(AList(1, "0301", "2016-01-01"), [](Contract& c) { c.period.to = Day(2024, 6, 1); }));
  EXPECT_FALSE(Conditions(ending, "2024-05-02T12:00:00Z").contains("LIST_BECOMING_UNSTAFFED contract:1"));
}

TEST(R23_MunicipalityWithoutGp, NoListHasARegularGp) {
  SmallRegister reg = Leaving(Day(2024, 3, 1));
  reg.Know(AList(2)).Know(ARegularGp(12, 2, 8, {Day(2015, 1, 1), Day(2024, 4, 1)}));
  const std::string name = "MUNICIPALITY_WITHOUT_GP municipality:0301";
  EXPECT_FALSE(Conditions(reg, "2024-03-01T12:00:00Z").contains(name));
  EXPECT_EQ(SeverityOf(reg, name, "2024-04-01T12:00:00Z"), Severity::kCritical);
  EXPECT_FALSE(Conditions(reg, "2024-04-01T12:00:00Z").contains("MUNICIPALITY_WITHOUT_GP municipality:4601"));
}

TEST(R23_MunicipalityWithoutGp, AlsoWhenItsLastListHasEnded) {
  SmallRegister reg = Leaving(Day(2024, 6, 1));
  reg.Know(But(AList(1, "0301", "2016-01-01"), [](Contract& c) { c.period.to = Day(2024, 6, 1); }));
  const auto conditions = Conditions(reg, "2024-06-02T12:00:00Z");
  EXPECT_TRUE(conditions.contains("MUNICIPALITY_WITHOUT_GP municipality:0301"));
  EXPECT_FALSE(conditions.contains("LIST_UNSTAFFED contract:1"));
}

TEST(R23_NoFreePlaces, OverFullListsSubtract) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(Patients(1, 1100));
  reg.Know(AList(2)).Know(ARegularGp(12, 2, 8)).Know(Patients(2, 900));
  const std::string name = "NO_FREE_PLACES municipality:0301";
  EXPECT_EQ(SeverityOf(reg, name, "2024-04-01T12:00:00Z"), Severity::kWarning);
  reg.Know(Patients(2, 899, "2021-01-01T00:00:00"));
  EXPECT_FALSE(Conditions(reg, "2024-04-01T12:00:00Z").contains(name));
}

TEST(R23_NoFreePlaces, NothingIsSaidWhereNothingWasCounted) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7));
  EXPECT_FALSE(Conditions(reg, "2024-04-01T12:00:00Z").contains("NO_FREE_PLACES municipality:0301"));
}

}  // namespace
}  // namespace flosync
