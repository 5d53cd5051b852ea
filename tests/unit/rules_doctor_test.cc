#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/register/doctor_facts.h"
#include "tests/support/core_harness.h"

// Whether a person is a specialist in general practice on a day: R11 with D16, D18 and D19.
namespace flosync {
namespace {

const Day kDay(2024, 3, 1);

bool SpecialistAt(const Person& person, Day d = kDay) { return DeriveDoctorFacts(person).SpecialistAt(d); }
bool AuthorisedAt(const Person& person, Day d = kDay) { return DeriveDoctorFacts(person).AuthorisedAt(d); }
Speciality& SpecialityOf(Person& p) { return p.approvals[0].specialities[0]; }

TEST(R11_Specialist, HasApprovalAndSpecialityValidAtTheDay) {
  EXPECT_TRUE(SpecialistAt(ASpecialist(1)));
  EXPECT_FALSE(SpecialistAt(ADoctor(1)));
  EXPECT_TRUE(AuthorisedAt(ADoctor(1)));
}

TEST(R11_Specialist, OnlyWithinTheSpecialitysPeriod) {
  const Person p = But(ASpecialist(1), [](Person& x) { SpecialityOf(x).period = {Day(2020, 5, 1), Day(2025, 5, 1)}; });
  EXPECT_FALSE(SpecialistAt(p, Day(2020, 4, 30)));
  EXPECT_TRUE(SpecialistAt(p, Day(2020, 5, 1)));
  EXPECT_TRUE(SpecialistAt(p, Day(2025, 4, 30)));
  EXPECT_FALSE(SpecialistAt(p, Day(2025, 5, 1)));
}

TEST(R11_Specialist, OnlyWithinTheApprovalsPeriod) {
  const Person p = But(ASpecialist(1), [](Person& x) { x.approvals[0].period = {Day(2020, 5, 1), Day(2025, 5, 1)}; });
  EXPECT_FALSE(SpecialistAt(p, Day(2020, 4, 30)));
  EXPECT_TRUE(SpecialistAt(p, Day(2020, 5, 1)));
  EXPECT_FALSE(SpecialistAt(p, Day(2025, 5, 1)));
  EXPECT_FALSE(AuthorisedAt(p, Day(2025, 5, 1)));
}

TEST(R11_Specialist, TheSpecialityMustStandOnTheApprovalThatIsValid) {
  // The speciality belongs to an approval that has ended; the approval in force has none.
  Person p = ASpecialist(1);
  p.approvals[0].period.to = Day(2024, 1, 1);
  p.approvals.push_back(ADoctor(1).approvals[0]);
  EXPECT_FALSE(SpecialistAt(p));
  EXPECT_TRUE(AuthorisedAt(p));
}

TEST(R11_Specialist, TwoApprovalsTogetherCoverMoreDays) {
  Person p = ASpecialist(1);
  p.approvals.push_back(p.approvals[0]);
  p.approvals[0].period = {Day(2010, 1, 1), Day(2020, 1, 1)};
  p.approvals[1].period = {Day(2020, 1, 1), Day(2022, 1, 1)};
  EXPECT_TRUE(SpecialistAt(p, Day(2019, 12, 31)));
  EXPECT_TRUE(SpecialistAt(p, Day(2020, 1, 1)));
  EXPECT_FALSE(SpecialistAt(p, Day(2022, 1, 1)));
}

TEST(R11_Specialist, ReactionsOfTypes1And5And8Suspend) {
  for (const char* type : {"1", "5", "8"}) {
    const Reaction reaction{type, {Day(2024, 2, 1), Day(2024, 4, 1)}};
    for (const Person& p : {But(ASpecialist(1), [&](Person& x) { x.reactions = {reaction}; }),
                            But(ASpecialist(1), [&](Person& x) { x.approvals[0].reactions = {reaction}; }),
                            But(ASpecialist(1), [&](Person& x) { SpecialityOf(x).reactions = {reaction}; })}) {
      EXPECT_TRUE(SpecialistAt(p, Day(2024, 1, 31))) << type;
      EXPECT_FALSE(SpecialistAt(p, Day(2024, 2, 1))) << type;
      EXPECT_FALSE(SpecialistAt(p, Day(2024, 3, 31))) << type;
      EXPECT_TRUE(SpecialistAt(p, Day(2024, 4, 1))) << type;
    }
  }
}

TEST(R11_Specialist, OtherReactionsDoNotSuspend) {
  for (const char* type : {"2", "3", "4", "6", "7", "9", "15", "01", " 1", "", "X"}) {
    EXPECT_TRUE(SpecialistAt(
        But(ASpecialist(1),
            [&](Person& x) {
              x.reactions = x.approvals[0].reactions = SpecialityOf(x).reactions = {Reaction{type, Period{}}};
            })))
        << "'" << type << "'";
  }
}

TEST(R11_Specialist, SuspensionPeriodsOfApprovalAndSpecialitySuspend) {
  const Period suspended{Day(2024, 2, 1), Day(2024, 4, 1)};
  const Person approval = But(ASpecialist(1), [&](Person& x) { x.approvals[0].suspensions = {suspended}; });
  const Person speciality = But(ASpecialist(1), [&](Person& x) { SpecialityOf(x).suspensions = {suspended}; });
  for (const Person& p : {approval, speciality}) {
    EXPECT_TRUE(SpecialistAt(p, Day(2024, 1, 31)));
    EXPECT_FALSE(SpecialistAt(p, Day(2024, 2, 1)));
    EXPECT_TRUE(SpecialistAt(p, Day(2024, 4, 1)));
  }
  EXPECT_FALSE(AuthorisedAt(approval));
  EXPECT_TRUE(AuthorisedAt(speciality));
}

TEST(R11_Specialist, ASuspensionOfOneApprovalLeavesAnother) {
  Person p = ASpecialist(1);
  p.approvals.push_back(p.approvals[0]);
  p.approvals[0].reactions = {{"1", Period{}}};
  EXPECT_TRUE(SpecialistAt(p));
  p.approvals[1].reactions = {{"1", Period{}}};
  EXPECT_FALSE(SpecialistAt(p));
}

TEST(R11_Specialist, ApprovalTypes3And99DoNotCount) {
  for (const char* type : {"3", "99"}) {
    EXPECT_FALSE(SpecialistAt(But(ASpecialist(1), [&](Person& x) { x.approvals[0].type = type; }))) << type;
    EXPECT_FALSE(AuthorisedAt(But(ASpecialist(1), [&](Person& x) { x.approvals[0].type = type; }))) << type;
  }
}

TEST(D18_Codes, EveryOtherApprovalTypeCounts) {
  for (const char* type : {"1", "2", "4", "5", "", "33", "9", "03", "something"}) {
    EXPECT_TRUE(SpecialistAt(But(ASpecialist(1), [&](Person& x) { x.approvals[0].type = type; })))
        << "'" << type << "'";
  }
}

TEST(D18_Codes, SpecialityIsCode1Of7426OrOfNoNamedSystem) {
  struct Case {
    const char* code;
    const char* system;
    bool counts;
  };
  for (const Case& c : std::vector<Case>{{"1", "7426", true},
                                         {"1", "", true},
                                         {"1", "7704", false},
                                         {"1", " 7426", false},
                                         {"01", "7426", false},
                                         {"11", "7426", false},
                                         {"2", "7426", false},
                                         {"", "7426", false}}) {
    EXPECT_EQ(SpecialistAt(But(ASpecialist(1),
                               [&](Person& x) {
                                 SpecialityOf(x).code = c.code;
                                 SpecialityOf(x).code_system = c.system;
                               })),
              c.counts)
        << c.code << " of " << c.system;
  }
}

// The version is of 2024-02-10. `to` is the day after the period's last day.
struct EndedCase {
  const char* status;
  Day to;
  bool before;  // specialist on 2024-02-01, within the period
};

const std::vector<EndedCase>& EndedCases() {
  static const std::vector<EndedCase> cases = {
      // Invalidated: taken away for every day, however it ended.
      {"2", Day::Max(), false},
      {"2", Day(2024, 2, 5), false},
      {"2", Day(2030, 1, 1), false},
      // Revoked and renounced: the period decides if its last day is on or before the version's day …
      {"1", Day(2024, 2, 5), true},
      {"1", Day(2024, 2, 10), true},
      {"1", Day(2024, 2, 11), true},
      {"3", Day(2024, 2, 5), true},
      {"3", Day(2024, 2, 11), true},
      // … and else it is taken away for every day.
      {"1", Day(2024, 2, 12), false},
      {"1", Day(2030, 1, 1), false},
      {"1", Day::Max(), false},
      {"3", Day(2024, 2, 12), false},
      {"3", Day::Max(), false},
      // 99 and others: the period decides.
      {"99", Day::Max(), true},
      {"4", Day(2030, 1, 1), true},
      {"01", Day::Max(), true},
      {"", Day::Max(), true},
  };
  return cases;
}

TEST(D18_EndedStatus, OfASpeciality) {
  for (const EndedCase& c : EndedCases()) {
    const Person p = But(ASpecialist(1, "2024-02-10T15:00:00"), [&](Person& x) {
      SpecialityOf(x).ended_status = c.status;
      SpecialityOf(x).period.to = c.to;
    });
    EXPECT_EQ(SpecialistAt(p, Day(2024, 2, 1)), c.before) << c.status << " " << ::testing::PrintToString(c.to);
    EXPECT_TRUE(AuthorisedAt(p, Day(2024, 2, 1)));
    if (c.to == Day::Max()) continue;
    EXPECT_FALSE(SpecialistAt(p, c.to)) << c.status;
  }
}

TEST(D18_EndedStatus, OfAnApproval) {
  for (const EndedCase& c : EndedCases()) {
    const Person p = But(ASpecialist(1, "2024-02-10T15:00:00"), [&](Person& x) {
      x.approvals[0].ended_status = c.status;
      x.approvals[0].period.to = c.to;
    });
    EXPECT_EQ(SpecialistAt(p, Day(2024, 2, 1)), c.before) << c.status << " " << ::testing::PrintToString(c.to);
    EXPECT_EQ(AuthorisedAt(p, Day(2024, 2, 1)), c.before) << c.status;
  }
}

TEST(D18_EndedStatus, TheVersionsDayIsAnOsloDay) {
  // 23:30Z on 9 February is 00:30 on the 10th in Oslo: a period whose last day is the 10th decides.
  const Person p = But(ASpecialist(1, "2024-02-09T23:30:00Z"), [](Person& x) {
    SpecialityOf(x).ended_status = "1";
    SpecialityOf(x).period.to = Day(2024, 2, 11);
  });
  EXPECT_TRUE(SpecialistAt(p, Day(2024, 2, 10)));
}

TEST(D18_Death, EndsTheSpecialistFromTheDayItself) {
  const Person p = But(ASpecialist(1), [](Person& x) { x.death = Day(2024, 3, 1); });
  EXPECT_TRUE(SpecialistAt(p, Day(2024, 2, 29)));
  EXPECT_FALSE(SpecialistAt(p, Day(2024, 3, 1)));
  EXPECT_FALSE(SpecialistAt(p, Day(2030, 1, 1)));
}

TEST(D19_MissingPeriods, AReactionWithoutPeriodSuspendsAlways) {
  const Person p = But(ASpecialist(1), [](Person& x) { x.reactions = {{"5", Period{}}}; });
  EXPECT_FALSE(SpecialistAt(p, Day(2010, 1, 1)));
  EXPECT_FALSE(SpecialistAt(p, Day(2050, 1, 1)));
}

TEST(D19_MissingPeriods, AnApprovalWithoutPeriodIsAlwaysValid) {
  const Person p = But(ASpecialist(1), [](Person& x) {
    x.approvals[0].period = Period{};
    SpecialityOf(x).period = Period{};
  });
  EXPECT_TRUE(SpecialistAt(p, Day(1950, 1, 1)));
  EXPECT_TRUE(SpecialistAt(p, Day(2050, 1, 1)));
}

TEST(D19_MissingPeriods, AMissingBoundIsOpenOnThatSide) {
  const Person p = But(ASpecialist(1), [](Person& x) {
    x.approvals[0].reactions = {{"1", Until(Day(2010, 1, 1))}, {"8", Since(Day(2024, 6, 1))}};
  });
  EXPECT_FALSE(SpecialistAt(p, Day(2009, 12, 31)));
  EXPECT_TRUE(SpecialistAt(p, Day(2010, 1, 1)));
  EXPECT_TRUE(SpecialistAt(p, Day(2024, 5, 31)));
  EXPECT_FALSE(SpecialistAt(p, Day(2024, 6, 1)));
}

TEST(R9_DoctorFacts, TellTheNextDayOnWhichTheyChange) {
  const DoctorFacts facts = DeriveDoctorFacts(But(ASpecialist(1), [](Person& x) {
    SpecialityOf(x).period = {Day(2020, 1, 1), Day(2024, 5, 1)};
    x.approvals[0].suspensions = {{Day(2024, 3, 10), Day(2024, 3, 20)}};
    x.death = Day(2040, 1, 1);
  }));
  EXPECT_EQ(facts.NextChangeAfter(Day(2024, 3, 1)), Day(2024, 3, 10));
  EXPECT_EQ(facts.NextChangeAfter(Day(2024, 3, 10)), Day(2024, 3, 20));
  EXPECT_EQ(facts.NextChangeAfter(Day(2024, 3, 20)), Day(2024, 5, 1));
  EXPECT_EQ(facts.NextChangeAfter(Day(2024, 5, 1)), Day(2040, 1, 1));
  EXPECT_EQ(facts.NextChangeAfter(Day(2040, 1, 1)), Day::Max());
}

}  // namespace
}  // namespace flosync
