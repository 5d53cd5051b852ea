#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/core_harness.h"

// Numbers that stand for others: R5, E7, E8, E9, E10.
namespace flosync {
namespace {

const Instant kNow = At("2024-03-01T05:00:00Z");

int32_t Survivor(const SmallRegister& reg, int32_t number, Instant t = kNow) { return reg.reg().Surviving(number, t); }

TEST(R5_Merge, AnAliasStandsForTheSurvivingNumber) {
  SmallRegister reg;
  reg.Know(AnAlias(7, 8)).Know(ASpecialist(8));
  EXPECT_EQ(Survivor(reg, 7), 8);
  EXPECT_EQ(Survivor(reg, 8), 8);
  EXPECT_EQ(Survivor(reg, 99), 99);
}

TEST(R5_Merge, ChainsAreFollowed) {
  SmallRegister reg;
  reg.Know(AnAlias(1, 2)).Know(AnAlias(2, 3)).Know(AnAlias(3, 4)).Know(ASpecialist(4));
  for (const int32_t number : {1, 2, 3, 4}) EXPECT_EQ(Survivor(reg, number), 4);
  EXPECT_EQ(reg.reg().NumbersAhead(1), (std::vector<int32_t>{1, 2, 3, 4}));
}

TEST(R5_Merge, PeriodsOnTheOldNumberCountForTheSurvivor) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(ARegularGp(12, 1, 8));
  reg.Know(AnAlias(7, 8)).Know(But(ASpecialist(8), [](Person& p) { p.sex = Sex::kFemale; }));
  // Both periods are those of one doctor.
  EXPECT_EQ(reg.List(1, Day(2024, 3, 1))->gps, (std::vector<GpFacts>{{8, true, Sex::kFemale, 49, kRegularSince}}));
}

TEST(E8_Cycles, EveryAliasOnACycleIsIgnored) {
  SmallRegister reg;
  reg.Know(AnAlias(1, 2)).Know(AnAlias(2, 3)).Know(AnAlias(3, 1));
  for (const int32_t number : {1, 2, 3}) EXPECT_EQ(Survivor(reg, number), number);
}

TEST(E8_Cycles, AlsoThatOfANumberOntoItself) {
  SmallRegister reg;
  reg.Know(AnAlias(1, 1));
  EXPECT_EQ(Survivor(reg, 1), 1);
}

TEST(E8_Cycles, AnAliasLeadingIntoACycleStands) {
  SmallRegister reg;
  reg.Know(AnAlias(1, 2)).Know(AnAlias(2, 3)).Know(AnAlias(3, 4)).Know(AnAlias(4, 3));
  EXPECT_EQ(Survivor(reg, 1), 3);  // 1 → 2 → 3, where the cycle of 3 and 4 begins
  EXPECT_EQ(Survivor(reg, 2), 3);
  EXPECT_EQ(Survivor(reg, 3), 3);
  EXPECT_EQ(Survivor(reg, 4), 4);
}

TEST(E7_Alias, ComesFromTheLatestVersionAndHoldsForAllDays) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(ASpecialist(8));
  reg.Know(AnAlias(7, 8, "2024-02-20T00:00:00"), "2024-02-20T00:00:00Z");
  EXPECT_EQ(reg.List(1, Day(2021, 1, 1))->gps[0].doctor, 8);
  reg.Know(ADoctor(7, "2024-02-25T00:00:00"), "2024-02-25T00:00:00Z");
  EXPECT_EQ(reg.List(1, Day(2021, 1, 1))->gps[0].doctor, 7);
}

TEST(E7_Alias, IsGoneWhereTheOldNumbersEntryIsDeleted) {
  SmallRegister reg;
  reg.Know(AnAlias(7, 8)).Know(ASpecialist(8)).Know(WithoutPerson(7), "2024-02-20T00:00:00Z");
  EXPECT_EQ(Survivor(reg, 7, At("2024-02-20T00:00:00Z")), 8);
  EXPECT_EQ(Survivor(reg, 7, At("2024-02-20T00:00:00.001Z")), 7);
}

TEST(E8_Cycles, OpensWhereAnEntryOnItIsDeleted) {
  SmallRegister reg;
  reg.Know(AnAlias(7, 8)).Know(AnAlias(8, 7)).Know(WithoutPerson(8), "2024-02-20T00:00:00Z");
  EXPECT_EQ(Survivor(reg, 7, At("2024-02-20T00:00:00Z")), 7);
  EXPECT_EQ(Survivor(reg, 7, At("2024-02-20T00:00:00.001Z")), 8);
}

TEST(E8_Cycles, ATimerIsSetForTheInstantAtWhichOneOpens) {
  // The record of the deletion is of t itself, when 8 still is in HPR and the cycle stands: 7 is the GP. A millisecond
  // later 7 stands for 8, who is not in HPR. No record tells: the clock must (R9).
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(But(ASpecialist(7), [](Person& p) { p.replaced_by = 8; }));
  reg.Know(AnAlias(8, 7)).Know(WithoutPerson(8), "2024-02-20T12:00:00Z");
  const DerivedList at = reg.Derive(1, Moment::Live(At("2024-02-20T12:00:00Z")));
  EXPECT_EQ(at.facts->gps, (std::vector<GpFacts>{{7, true, Sex::kMale, 49, kRegularSince}}));
  EXPECT_EQ(at.next_change, At("2024-02-20T12:00:00.001Z"));
  const DerivedList after = reg.Derive(1, Moment::Live(At("2024-02-20T12:00:00.001Z")));
  EXPECT_EQ(after.facts->gps, (std::vector<GpFacts>{{8, false, Sex::kUnknown, std::nullopt, kRegularSince}}));
}

TEST(E9_Survivor, AloneDecidesSpecialistAgeAndSex) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7));
  reg.Know(But(ASpecialist(7), [](Person& p) { p.replaced_by = 8; }));
  reg.Know(But(ADoctor(8), [](Person& p) {
    p.birth_year = 1990;
    p.sex = Sex::kFemale;
  }));
  EXPECT_EQ(reg.List(1, Day(2024, 3, 1))->gps, (std::vector<GpFacts>{{8, false, Sex::kFemale, 34, kRegularSince}}));
}

TEST(E9_Survivor, UnknownMeansNotInHpr) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(But(ASpecialist(7), [](Person& p) { p.replaced_by = 8; }));
  EXPECT_EQ(reg.List(1, Day(2024, 3, 1))->gps,
            (std::vector<GpFacts>{{8, false, Sex::kUnknown, std::nullopt, kRegularSince}}));
}

TEST(E10_Events, AMergeMakesAnAliasEvenOfANumberThatIsUnknown) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(ASpecialist(8)).Know(Merge{7, 8});
  EXPECT_EQ(reg.List(1, Day(2024, 3, 1))->gps[0].doctor, 8);
  EXPECT_TRUE(reg.List(1, Day(2024, 3, 1))->gps[0].specialist);
}

TEST(E10_Events, TheOldNumbersOwnVersionWins) {
  SmallRegister reg;
  reg.Know(AnAlias(7, 9)).Know(Merge{7, 8});
  EXPECT_EQ(Survivor(reg, 7), 9);
  // The latest version no longer names anybody: the event stands.
  reg.Know(ADoctor(7, "2024-01-01T00:00:00"));
  EXPECT_EQ(Survivor(reg, 7), 8);
}

TEST(E10_Events, OfSeveralMergesTheLatestStands) {
  SmallRegister reg;
  reg.Know(Merge{7, 8}).Know(Merge{7, 9});
  EXPECT_EQ(Survivor(reg, 7), 9);
}

TEST(R5_Merge, WhoLeadsToANumberIsKnown) {
  SmallRegister reg;
  reg.Know(AnAlias(1, 3)).Know(AnAlias(2, 3)).Know(AnAlias(3, 4)).Know(ASpecialist(4)).Know(AnAlias(9, 9));
  const auto leading_to = [&reg](int32_t number) {
    const std::vector<int32_t> numbers = reg.reg().NumbersLeadingTo(number);
    return std::set<int32_t>(numbers.begin(), numbers.end());
  };
  EXPECT_EQ(leading_to(4), (std::set<int32_t>{1, 2, 3, 4}));
  EXPECT_EQ(leading_to(9), std::set<int32_t>{9});
  reg.Know(ADoctor(1, "2024-01-01T00:00:00"));
  EXPECT_EQ(leading_to(3), (std::set<int32_t>{2, 3}));
}

}  // namespace
}  // namespace flosync
