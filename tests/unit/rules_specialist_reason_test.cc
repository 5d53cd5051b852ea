// Why a person is or is not a specialist on a day: R11 and D18, told by ExplainSpecialist.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/register/doctor_facts.h"
#include "tests/support/core_harness.h"

namespace flosync {
namespace {

const Day kDay(2024, 3, 1);

SpecialistReason ReasonAt(const Person& person, Day d = kDay) { return ExplainSpecialist(person, d); }
Speciality& SpecialityOf(Person& p) { return p.approvals[0].specialities[0]; }

TEST(R11_SpecialistReason, SpecialistAndTheAbsenceOfEachPart) {
  EXPECT_EQ(ReasonAt(ASpecialist(1)), SpecialistReason::kSpecialist);
  EXPECT_EQ(ReasonAt(ADoctor(1)), SpecialistReason::kNoSpeciality);
  EXPECT_EQ(ReasonAt(But(ASpecialist(1), [](Person& p) { p.approvals.clear(); })), SpecialistReason::kNoLeApproval);
  EXPECT_EQ(ReasonAt(But(ASpecialist(1), [](Person& p) { SpecialityOf(p).code = "2"; })),
            SpecialistReason::kNoSpeciality);
}

TEST(R11_SpecialistReason, StudentLicenceAndNoAuthorisationAreNoApproval) {
  for (const char* type : {"3", "99"}) {
    EXPECT_EQ(ReasonAt(But(ASpecialist(1), [&](Person& p) { p.approvals[0].type = type; })),
              SpecialistReason::kNoLeApproval)
        << type;
  }
}

TEST(R11_SpecialistReason, PeriodsOfApprovalAndSpeciality) {
  const auto approval = But(ASpecialist(1), [](Person& p) { p.approvals[0].period = {Day(2024, 3, 1), kDay.Plus(1)}; });
  EXPECT_EQ(ReasonAt(approval, kDay.Plus(-1)), SpecialistReason::kApprovalNotValid);
  EXPECT_EQ(ReasonAt(approval), SpecialistReason::kSpecialist);
  EXPECT_EQ(ReasonAt(approval, kDay.Plus(1)), SpecialistReason::kApprovalNotValid);
  const auto speciality = But(ASpecialist(1), [](Person& p) { SpecialityOf(p).period = {kDay, kDay.Plus(1)}; });
  EXPECT_EQ(ReasonAt(speciality, kDay.Plus(-1)), SpecialistReason::kSpecialityNotBegun);
  EXPECT_EQ(ReasonAt(speciality), SpecialistReason::kSpecialist);
  EXPECT_EQ(ReasonAt(speciality, kDay.Plus(1)), SpecialistReason::kSpecialityEnded);
}

TEST(R11_SpecialistReason, SuspendedAtAllThreeLevels) {
  const Period suspended{kDay, kDay.Plus(1)};
  for (const char* type : {"1", "5", "8"}) {
    const std::vector<Reaction> reactions = {{type, suspended}};
    for (const Person& p : {But(ASpecialist(1), [&](Person& x) { x.reactions = reactions; }),
                            But(ASpecialist(1), [&](Person& x) { x.approvals[0].reactions = reactions; }),
                            But(ASpecialist(1), [&](Person& x) { SpecialityOf(x).reactions = reactions; })}) {
      EXPECT_EQ(ReasonAt(p, kDay.Plus(-1)), SpecialistReason::kSpecialist);
      EXPECT_EQ(ReasonAt(p), SpecialistReason::kSuspended);
      EXPECT_EQ(ReasonAt(p, kDay.Plus(1)), SpecialistReason::kSpecialist);
    }
  }
  for (const Person& p : {But(ASpecialist(1), [&](Person& x) { x.approvals[0].suspensions = {suspended}; }),
                          But(ASpecialist(1), [&](Person& x) { SpecialityOf(x).suspensions = {suspended}; })}) {
    EXPECT_EQ(ReasonAt(p), SpecialistReason::kSuspended);
    EXPECT_EQ(ReasonAt(p, kDay.Plus(1)), SpecialistReason::kSpecialist);
  }
  EXPECT_EQ(ReasonAt(But(ASpecialist(1),
                         [&](Person& x) {
                           x.reactions = {{"2", suspended}};
                         })),
            SpecialistReason::kSpecialist)
      << "a reaction that does not suspend";
}

TEST(R11_SpecialistReason, ASuspensionIsNotWhatKeepsOneWithoutSpeciality) {
  EXPECT_EQ(ReasonAt(But(ADoctor(1),
                         [](Person& p) {
                           p.reactions = {{"1", Period{}}};
                         })),
            SpecialistReason::kNoSpeciality);
}

TEST(D18_SpecialistReason, EndedStatusOfApprovalAndSpeciality) {
  // The version is of 2020-01-01: a period that had ended by then decides for itself under status 1 and 3.
  const Period open = Since(Day(2009, 1, 1));
  const Period ended{Day(2009, 1, 1), Day(2020, 1, 1)};
  const struct {
    const char* status;
    SpecialistReason open;
    SpecialistReason ended;
  } kCases[] = {{"1", SpecialistReason::kEndedStatus, SpecialistReason::kSpecialityEnded},
                {"2", SpecialistReason::kEndedStatus, SpecialistReason::kEndedStatus},
                {"3", SpecialistReason::kEndedStatus, SpecialistReason::kSpecialityEnded},
                {"99", SpecialistReason::kSpecialist, SpecialistReason::kSpecialityEnded}};
  for (const auto& expected : kCases) {
    SCOPED_TRACE(expected.status);
    Person p = ASpecialist(1);
    SpecialityOf(p).ended_status = expected.status;
    SpecialityOf(p).period = open;
    EXPECT_EQ(ReasonAt(p), expected.open);
    SpecialityOf(p).period = ended;
    EXPECT_EQ(ReasonAt(p), expected.ended);
    p = ASpecialist(1);
    p.approvals[0].ended_status = expected.status;
    EXPECT_EQ(ReasonAt(p), expected.open);
    p.approvals[0].period = ended;
    EXPECT_EQ(ReasonAt(p), expected.ended == SpecialistReason::kEndedStatus ? SpecialistReason::kEndedStatus
                                                                            : SpecialistReason::kApprovalNotValid);
  }
}

TEST(D18_SpecialistReason, DeadFromTheDayItself) {
  const Person p = But(ADoctor(1), [](Person& x) { x.death = kDay; });
  EXPECT_EQ(ReasonAt(p, kDay.Plus(-1)), SpecialistReason::kNoSpeciality);
  EXPECT_EQ(ReasonAt(p), SpecialistReason::kDeceased);
}

TEST(R11_SpecialistReason, TheNearestOfSeveralTells) {
  Person p = ASpecialist(1);
  p.approvals.push_back(ADoctor(1).approvals[0]);
  p.approvals[0].ended_status = "2";
  EXPECT_EQ(ReasonAt(p), SpecialistReason::kEndedStatus);
  p.approvals.push_back(ASpecialist(1).approvals[0]);
  EXPECT_EQ(ReasonAt(p), SpecialistReason::kSpecialist);
}

class RandomPersons {
 public:
  Person Next() {
    Person person = ADoctor(1);
    person.approvals.clear();
    if (Odds(8)) person.death = AnyDay();
    person.reactions = Reactions();
    for (int i = Number(3); i > 0; --i) {
      Approval approval{Odds(5) ? "3" : "1", AnyPeriod(), Status(), Reactions(), Suspensions(), {}};
      for (int s = Number(3); s > 0; --s) {
        approval.specialities.push_back(
            {Odds(4) ? "2" : "1", Odds(4) ? "" : "7426", AnyPeriod(), Status(), Reactions(), Suspensions()});
      }
      person.approvals.push_back(approval);
    }
    return person;
  }

 private:
  int Number(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  bool Odds(int one_in) { return Number(one_in) == 0; }
  Day AnyDay() { return Day(2019, 12, 28).Plus(Number(8)); }
  Period AnyPeriod() {
    const Day from = Odds(2) ? Day::Min() : AnyDay();
    return {from, Odds(2) ? Day::Max() : std::max(from, AnyDay()).Plus(1)};
  }
  std::string Status() {
    return std::vector<std::string>{"", "", "", "1", "2", "3", "99"}[static_cast<size_t>(Number(7))];
  }
  std::vector<Reaction> Reactions() {
    if (!Odds(5)) return {};
    return {{std::vector<std::string>{"1", "5", "8", "2"}[static_cast<size_t>(Number(4))], AnyPeriod()}};
  }
  std::vector<Period> Suspensions() { return Odds(6) ? std::vector<Period>{AnyPeriod()} : std::vector<Period>{}; }

  std::mt19937 random_{7};
};

TEST(R11_SpecialistReason, SaysSpecialistExactlyWhereTheFactsDo) {
  RandomPersons persons;
  int specialist = 0;
  int others = 0;
  for (int i = 0; i < 5000; ++i) {
    const Person person = persons.Next();
    const DoctorFacts facts = DeriveDoctorFacts(person);
    for (Day d(2019, 12, 26); d < Day(2020, 1, 8); d = d.Plus(1)) {
      const bool told = ReasonAt(person, d) == SpecialistReason::kSpecialist;
      ASSERT_EQ(told, facts.SpecialistAt(d)) << i << " at " << d.ToString();
      ++(told ? specialist : others);
    }
  }
  EXPECT_GT(specialist, 1000);
  EXPECT_GT(others, 1000);
}

}  // namespace
}  // namespace flosync
