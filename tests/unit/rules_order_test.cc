#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/core_harness.h"

// How the records of one entity become its state: R3, R4, E1, E2, E4, E5, E6, E11.
namespace flosync {
namespace {

using Effects = std::vector<Effect>;
constexpr const char* kV1 = "2024-01-01T00:00:00";
constexpr const char* kV2 = "2024-02-01T00:00:00";
constexpr const char* kV3 = "2024-03-01T00:00:00";

Contract InOslo(std::string_view version) { return AList(1, "0301", version); }
Contract InBergen(std::string_view version) { return AList(1, "4601", version); }

TEST(R3_Order, AnOlderVersionNeverReplacesANewerOne) {
  History person(EntityKind::kPerson);
  EXPECT_EQ(person.Add(ASpecialist(7, kV2), "2024-02-02T00:00:00Z"), Effect::kApplied);
  EXPECT_EQ(person.Add(ADoctor(7, kV1), "2024-02-03T00:00:00Z"), Effect::kOlder);
  EXPECT_TRUE(person.Get<PersonState>().facts.SpecialistAt(Day(2024, 3, 1)));
  History period(EntityKind::kDoctorPeriod);
  EXPECT_EQ(period.Add(ARegularGp(11, 1, 7, Since(Day(2024, 2, 1)), kV2), "2024-02-02T00:00:00Z"), Effect::kApplied);
  EXPECT_EQ(period.Add(ARegularGp(11, 1, 8, Since(Day(2024, 1, 1)), kV1), "2024-02-03T00:00:00Z"), Effect::kOlder);
  EXPECT_EQ(period.Get<DoctorPeriodState>().latest.hpr_number, 7);
}

TEST(R3_Order, AnOlderContractOrCountStillEntersTheTimeline) {
  History contract(EntityKind::kContract);
  contract.Add(InBergen(kV2), "2024-02-02T00:00:00Z");
  EXPECT_EQ(contract.Add(InOslo(kV1), "2024-02-03T00:00:00Z"), Effect::kOlder);
  EXPECT_EQ(contract.Get<ContractState>().At(Wall("2024-01-15")).municipality, "0301");
  EXPECT_EQ(contract.Get<ContractState>().At(Wall("2024-02-15")).municipality, "4601");
  History count(EntityKind::kPatientCount);
  count.Add(Patients(1, 900, kV2), "2024-02-02T00:00:00Z");
  EXPECT_EQ(count.Add(Patients(1, 800, kV1), "2024-02-03T00:00:00Z"), Effect::kOlder);
  const Instant t = At("2024-02-10T00:00:00Z");
  EXPECT_EQ(count.Get<PatientCountState>().At(t, Wall("2024-01-15")), 800);
  EXPECT_EQ(count.Get<PatientCountState>().At(t, Wall("2024-02-15")), 900);
}

TEST(R4_Deletion, TakesTheEntityAwayUntilALaterStateBringsItBack) {
  const Day d(2024, 5, 1);
  SmallRegister reg;
  reg.Know(AList(1)).Know(Patients(1, 900)).Know(ARegularGp(11, 1, 7)).Know(ASpecialist(7));
  reg.Know(WithoutPerson(7), "2024-04-01T00:00:00Z");
  EXPECT_FALSE(reg.List(1, d)->gps[0].specialist);
  reg.Know(WithoutDoctorPeriod(11), "2024-04-02T00:00:00Z");
  EXPECT_FALSE(reg.List(1, d)->staffed());
  EXPECT_FALSE(reg.List(1, Day(2024, 3, 1))->staffed());  // withdrawn altogether
  reg.Know(WithoutPatients(1), "2024-04-03T00:00:00Z");
  EXPECT_EQ(reg.List(1, d)->patients, std::nullopt);
  EXPECT_EQ(reg.List(1, Day(2024, 4, 1))->patients, 900);  // absent from the deletion on
  reg.Know(WithoutList(1), "2024-04-04T00:00:00Z");
  EXPECT_FALSE(reg.List(1, d));
  EXPECT_TRUE(reg.List(1, Day(2024, 4, 1)));
  reg.Know(AList(1, "0301", kV2), "2024-04-05T00:00:00Z").Know(Patients(1, 950, kV2), "2024-04-05T00:00:01Z");
  reg.Know(ARegularGp(11, 1, 7, Since(kRegularSince), kV2), "2024-04-05T00:00:02Z");
  reg.Know(ASpecialist(7, kV2), "2024-04-05T00:00:03Z");
  EXPECT_EQ(reg.List(1, d)->patients, 950);
  EXPECT_TRUE(reg.List(1, d)->gps.at(0).specialist);
}

TEST(E4_Duplicates, SameVersionAndContentIsADuplicate) {
  History person(EntityKind::kPerson);
  person.Add(ASpecialist(7, kV1), "2024-02-01T00:00:00Z");
  EXPECT_EQ(person.Add(ASpecialist(7, kV1), "2024-02-02T00:00:00Z"), Effect::kDuplicate);
  History contract(EntityKind::kContract);
  contract.Add(InOslo(kV1), "2024-02-01T00:00:00Z");
  EXPECT_EQ(contract.Add(InOslo(kV1), "2024-02-02T00:00:00Z"), Effect::kDuplicate);
  History period(EntityKind::kDoctorPeriod);
  period.Add(ARegularGp(11, 1, 7), "2024-02-01T00:00:00Z");
  EXPECT_EQ(period.Add(ARegularGp(11, 1, 7), "2024-02-02T00:00:00Z"), Effect::kDuplicate);
  History count(EntityKind::kPatientCount);
  count.Add(Patients(1, 900), "2024-02-01T00:00:00Z");
  EXPECT_EQ(count.Add(Patients(1, 900), "2024-02-02T00:00:00Z"), Effect::kDuplicate);
}

TEST(E4_Duplicates, SameContentUnderANewVersionIsNone) {
  History person(EntityKind::kPerson);
  person.Add(ASpecialist(7, kV1), "2024-02-01T00:00:00Z");
  EXPECT_EQ(person.Add(ASpecialist(7, kV2), "2024-02-02T00:00:00Z"), Effect::kApplied);
}

TEST(E4_Conflicts, SameVersionWithOtherContentAndTheLaterPositionWins) {
  History person(EntityKind::kPerson);
  person.Add(ASpecialist(7, kV1), "2024-02-01T00:00:00Z");
  EXPECT_EQ(person.Add(ADoctor(7, kV1), "2024-02-02T00:00:00Z"), Effect::kConflicting);
  EXPECT_FALSE(person.Get<PersonState>().facts.SpecialistAt(Day(2024, 3, 1)));
  History contract(EntityKind::kContract);
  contract.Add(InOslo(kV1), "2024-02-01T00:00:00Z");
  EXPECT_EQ(contract.Add(InBergen(kV1), "2024-02-02T00:00:00Z"), Effect::kConflicting);
  EXPECT_EQ(contract.Get<ContractState>().At(Wall(kV2)).municipality, "4601");
  History period(EntityKind::kDoctorPeriod);
  period.Add(ARegularGp(11, 1, 7), "2024-02-01T00:00:00Z");
  EXPECT_EQ(period.Add(ARegularGp(11, 1, 8), "2024-02-02T00:00:00Z"), Effect::kConflicting);
  EXPECT_EQ(period.Get<DoctorPeriodState>().latest.hpr_number, 8);
  History count(EntityKind::kPatientCount);
  count.Add(Patients(1, 900), "2024-02-01T00:00:00Z");
  EXPECT_EQ(count.Add(Patients(1, 901), "2024-02-02T00:00:00Z"), Effect::kConflicting);
  EXPECT_EQ(count.Get<PatientCountState>().At(At("2024-02-10T00:00:00Z"), Wall(kV2)), 901);
}

TEST(E4_Content, IsEveryFieldThatIsKept) {
  const auto second = [](EntityKind kind, const auto& record, const auto& change) {
    History history(kind);
    history.Add(record, "2024-02-01T00:00:00Z");
    return history.Add(But(record, change), "2024-02-02T00:00:00Z");
  };
  using OfContract = void (*)(Contract&);
  for (const OfContract change :
       std::vector<OfContract>{[](Contract& c) { c.period.to = Day(2025, 1, 1); },
                               [](Contract& c) { c.municipality = "4601"; }, [](Contract& c) { c.fixed_salary = true; },
                               [](Contract& c) { c.list_cap = 1001; }, [](Contract& c) { c.status = "2"; }}) {
    EXPECT_EQ(second(EntityKind::kContract, AList(1), change), Effect::kConflicting);
  }
  using OfPeriod = void (*)(DoctorPeriod&);
  for (const OfPeriod change : std::vector<OfPeriod>{
           [](DoctorPeriod& p) { p.contract_id = 2; }, [](DoctorPeriod& p) { p.period.to = Day(2025, 1, 1); },
           [](DoctorPeriod& p) { p.relationship = "LPVI"; }, [](DoctorPeriod& p) { p.percentage = 50; }}) {
    EXPECT_EQ(second(EntityKind::kDoctorPeriod, ARegularGp(11, 1, 7), change), Effect::kConflicting);
  }
  using OfPerson = void (*)(Person&);
  for (const OfPerson change :
       std::vector<OfPerson>{[](Person& p) { p.replaced_by = 8; }, [](Person& p) { p.birth_year = 1976; },
                             [](Person& p) { p.death = Day(2024, 1, 1); }, [](Person& p) { p.sex = Sex::kFemale; },
                             [](Person& p) {
                               p.reactions.push_back({"9", {}});
                             },
                             [](Person& p) { p.approvals[0].specialities[0].code = "2"; }}) {
    EXPECT_EQ(second(EntityKind::kPerson, ASpecialist(7), change), Effect::kConflicting);
  }
}

TEST(E4_Conflicts, AreSeenOfOlderVersionsToo) {
  History person(EntityKind::kPerson);
  person.Add(ADoctor(7, kV1), "2024-02-01T00:00:00Z");
  person.Add(ASpecialist(7, kV2), "2024-02-02T00:00:00Z");
  person.Add(ADoctor(7, kV1), "2024-02-03T00:00:00Z");
  person.Add(ASpecialist(7, kV1), "2024-02-04T00:00:00Z");
  EXPECT_EQ(person.Effects(), (Effects{Effect::kApplied, Effect::kApplied, Effect::kDuplicate, Effect::kConflicting}));
}

// Every field that is kept is content (E4).
TEST(E4_Conflicts, EveryKeptFieldOfAPersonIsContent) {
  const Person base = ASpecialist(7);
  const auto speciality = [](Person& p) -> Speciality& { return p.approvals[0].specialities[0]; };
  const std::vector<Person> others = {
      But(base, [](Person& p) { p.replaced_by = 8; }),
      But(base, [](Person& p) { p.birth_year = 1976; }),
      But(base, [](Person& p) { p.birth_year.reset(); }),
      But(base, [](Person& p) { p.death = Day(2024, 1, 1); }),
      But(base, [](Person& p) { p.sex = Sex::kFemale; }),
      But(base, [](Person& p) { p.approvals.push_back(p.approvals[0]); }),
      But(base, [](Person& p) { p.approvals[0].type = "2"; }),
      But(base, [](Person& p) { p.approvals[0].period.to = Day(2030, 1, 1); }),
      But(base, [](Person& p) { p.approvals[0].ended_status = "1"; }),
      But(base, [](Person& p) { p.approvals[0].suspensions = {Period{}}; }),
      But(base,
          [](Person& p) {
            p.approvals[0].reactions = {{"2", {}}};
          }),
      But(base,
          [](Person& p) {
            p.reactions = {{"2", {}}};
          }),
      But(base, [&](Person& p) { speciality(p).code = "2"; }),
      But(base, [&](Person& p) { speciality(p).code_system = ""; }),
      But(base, [&](Person& p) { speciality(p).period.from = Day(2010, 1, 1); }),
      But(base, [&](Person& p) { speciality(p).ended_status = "99"; }),
      But(base, [&](Person& p) { speciality(p).suspensions = {Period{}}; }),
      But(base,
          [&](Person& p) {
            speciality(p).reactions = {{"1", {}}};
          }),
      ADoctor(7),
  };
  for (size_t i = 0; i < others.size(); ++i) EXPECT_NE(HashContent(base), HashContent(others[i])) << i;
}

TEST(E1_Deletion, APersonIsAbsentAfterTAndPresentUpToIt) {
  History h(EntityKind::kPerson);
  h.Add(ASpecialist(7), "2024-01-01T00:00:00Z");
  h.Add(WithoutPerson(7), "2024-02-01T10:00:00Z");
  EXPECT_TRUE(h.Get<PersonState>().InHprAt(At("2024-02-01T10:00:00Z")));
  EXPECT_FALSE(h.Get<PersonState>().InHprAt(At("2024-02-01T10:00:00.001Z")));
}

TEST(E1_Deletion, BeforeItTheLatestVersionKnownHolds) {
  SmallRegister reg;
  reg.Know(AList(1, "0301", "2020-01-01T00:00:00"), "2024-01-01T00:00:00Z");
  reg.Know(WithoutList(1), "2024-02-10T00:00:00Z");
  EXPECT_TRUE(reg.List(1, Day(2024, 2, 1)));
  EXPECT_FALSE(reg.List(1, Day(2024, 3, 1)));
}

TEST(E1_Deletion, ADoctorPeriodIsWithdrawnForEveryDay) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7)).Know(ASpecialist(7));
  EXPECT_TRUE(reg.List(1, Day(2021, 3, 1))->staffed());
  reg.Know(WithoutDoctorPeriod(11), "2024-02-10T00:00:00Z");
  EXPECT_FALSE(reg.List(1, Day(2021, 3, 1))->staffed());
}

TEST(E11_PatientCount, IsUnknownFromItsDeletionOn) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(Patients(1, 900)).Know(WithoutPatients(1), "2024-02-10T00:00:00Z");
  EXPECT_EQ(reg.List(1, Day(2024, 2, 1))->patients, 900);
  EXPECT_EQ(reg.List(1, Day(2024, 3, 1))->patients, std::nullopt);
  reg.Know(Patients(1, 950, "2024-03-15T00:00:00"), "2024-03-15T00:00:00Z");
  EXPECT_EQ(reg.List(1, Day(2024, 3, 1))->patients, std::nullopt);
  EXPECT_EQ(reg.List(1, Day(2024, 4, 1))->patients, 950);
}

struct ReturnCase {
  const char* version;  // of the state after the deletion; those before are of kV1 and kV2
  bool returns;
};

TEST(E2_Return, NewerOrEqualVersionBringsBackAndAnOlderDoesNot) {
  for (const ReturnCase& c : {ReturnCase{kV3, true}, ReturnCase{kV2, true}, ReturnCase{kV1, false}}) {
    SmallRegister reg;
    reg.Know(InOslo(kV1), "2024-02-01T00:00:00Z").Know(InOslo(kV2), "2024-02-02T00:00:00Z");
    reg.Know(WithoutList(1), "2024-03-10T00:00:00Z").Know(InOslo(c.version), "2024-05-20T00:00:00Z");
    EXPECT_TRUE(reg.List(1, Day(2024, 3, 1))) << c.version;
    EXPECT_FALSE(reg.List(1, Day(2024, 4, 1))) << c.version;  // absent between
    EXPECT_EQ(reg.List(1, Day(2024, 6, 1)).has_value(), c.returns) << c.version;
  }
}

TEST(E2_Return, OfAPersonAndOfADoctorPeriod) {
  for (const ReturnCase& c : {ReturnCase{kV3, true}, ReturnCase{kV2, true}, ReturnCase{kV1, false}}) {
    History person(EntityKind::kPerson);
    person.Add(ADoctor(7, kV2), "2024-02-02T00:00:00Z");
    person.Add(WithoutPerson(7), "2024-03-10T00:00:00Z");
    person.Add(ADoctor(7, c.version), "2024-05-20T00:00:00Z");
    EXPECT_FALSE(person.Get<PersonState>().InHprAt(At("2024-05-20T00:00:00Z"))) << c.version;
    EXPECT_EQ(person.Get<PersonState>().InHprAt(At("2024-05-20T00:00:00.001Z")), c.returns) << c.version;
    History period(EntityKind::kDoctorPeriod);
    period.Add(ARegularGp(11, 1, 7, Since(Day(2015, 1, 1)), kV2), "2024-02-02T00:00:00Z");
    period.Add(WithoutDoctorPeriod(11), "2024-03-10T00:00:00Z");
    EXPECT_FALSE(period.Get<DoctorPeriodState>().Holds());
    period.Add(ARegularGp(11, 1, 7, Since(Day(2015, 1, 1)), c.version), "2024-05-20T00:00:00Z");
    EXPECT_EQ(period.Get<DoctorPeriodState>().Holds(), c.returns) << c.version;
  }
}

TEST(E2_Return, MustBeNewerThanEveryStateBeforeAlsoThoseAfterTheDeletion) {
  History h(EntityKind::kContract);
  h.Add(InOslo(kV2), "2024-02-02T00:00:00Z");
  h.Add(WithoutList(1), "2024-03-10T00:00:00Z");
  h.Add(InOslo(kV1), "2024-03-11T00:00:00Z");  // older: stays away
  h.Add(InOslo(kV2), "2024-03-12T00:00:00Z");  // as new as the newest: back
  h.Add(WithoutList(1), "2024-03-13T00:00:00Z");
  h.Add(WithoutList(1), "2024-03-14T00:00:00Z");  // already away
  const Presence& presence = h.Get<ContractState>().presence;
  EXPECT_EQ(presence.absences, (std::vector<Absence>{{At("2024-03-10T00:00:00Z"), At("2024-03-12T00:00:00Z")},
                                                     {At("2024-03-13T00:00:00Z"), Instant::Max()}}));
}

TEST(E2_Return, AFirstStateAfterADeletionCounts) {
  History period(EntityKind::kDoctorPeriod);
  period.Add(WithoutDoctorPeriod(11), "2024-03-10T00:00:00Z");
  period.Add(ARegularGp(11, 1, 7), "2024-03-11T00:00:00Z");
  EXPECT_TRUE(period.Get<DoctorPeriodState>().Holds());
  History person(EntityKind::kPerson);
  person.Add(WithoutPerson(7), "2024-03-10T00:00:00Z");
  person.Add(ADoctor(7), "2024-03-11T00:00:00Z");
  EXPECT_TRUE(person.Get<PersonState>().InHprAt(At("2024-03-12T00:00:00Z")));
}

TEST(E2_Return, WithTheSameVersionAndOtherContentIsAConflictToo) {
  // E2 brings it back, E4 still says that one version has two contents: for every kind of entity.
  History person(EntityKind::kPerson);
  person.Add(ADoctor(7, kV1), "2024-02-01T00:00:00Z");
  person.Add(WithoutPerson(7), "2024-02-02T00:00:00Z");
  EXPECT_EQ(person.Add(ASpecialist(7, kV1), "2024-02-03T00:00:00Z"), Effect::kConflicting);
  History period(EntityKind::kDoctorPeriod);
  period.Add(ARegularGp(11, 1, 7), "2024-02-01T00:00:00Z");
  period.Add(WithoutDoctorPeriod(11), "2024-02-02T00:00:00Z");
  EXPECT_EQ(period.Add(ARegularGp(11, 1, 8), "2024-02-03T00:00:00Z"), Effect::kConflicting);
  History contract(EntityKind::kContract);
  contract.Add(InOslo(kV1), "2024-02-01T00:00:00Z");
  contract.Add(WithoutList(1), "2024-02-02T00:00:00Z");
  EXPECT_EQ(contract.Add(InBergen(kV1), "2024-02-03T00:00:00Z"), Effect::kConflicting);
  History count(EntityKind::kPatientCount);
  count.Add(Patients(1, 900), "2024-02-01T00:00:00Z");
  count.Add(WithoutPatients(1), "2024-02-02T00:00:00Z");
  EXPECT_EQ(count.Add(Patients(1, 901), "2024-02-03T00:00:00Z"), Effect::kConflicting);
}

TEST(E6_EarliestVersion, OfBeforeADeletionStaysInTheTimeline) {
  SmallRegister reg;
  reg.Know(AList(1, "0301", "2023-01-01T00:00:00"), "2024-01-01T00:00:00Z");
  reg.Know(WithoutList(1), "2024-01-02T00:00:00Z");
  reg.Know(AList(1, "4601", "2024-01-03T00:00:00"), "2024-01-03T00:00:00Z");
  EXPECT_EQ(reg.List(1, Day(2023, 6, 1))->municipality, "0301");
  EXPECT_EQ(reg.List(1, Day(2022, 6, 1))->municipality, "0301");
  EXPECT_EQ(reg.List(1, Day(2024, 6, 1))->municipality, "4601");
}

TEST(E5_DoctorPeriods, TheLatestVersionHoldsForAllDays) {
  SmallRegister reg;
  reg.Know(AList(1)).Know(ARegularGp(11, 1, 7, Since(Day(2015, 1, 1)), "2020-01-01"));
  reg.Know(ARegularGp(11, 1, 7, Since(Day(2024, 2, 1)), "2024-02-20"), "2024-02-20T00:00:00Z");
  EXPECT_FALSE(reg.List(1, Day(2020, 6, 1))->staffed());
  EXPECT_TRUE(reg.List(1, Day(2024, 2, 1))->staffed());
}

}  // namespace
}  // namespace flosync
