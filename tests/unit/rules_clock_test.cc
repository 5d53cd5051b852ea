#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/core_harness.h"

// What the clock changes without any record (R9): found at 00:00 Oslo, or at the instant a version comes into force.
namespace flosync {
namespace {

// A list in Oslo with one GP, told on 10 January 2024.
void TellStaffedList(CoreHarness& h, const Person& doctor, std::string municipality = "0301") {
  h.Commit({h.inbox().Next(AList(1, std::move(municipality)), At("2024-01-10T10:00:00Z")),
            h.inbox().Next(ARegularGp(11, 1, doctor.hpr_number), At("2024-01-10T10:00:00Z")),
            h.inbox().Next(Patients(1, 800), At("2024-01-10T10:00:00Z")),
            h.inbox().Next(doctor, At("2024-01-10T10:00:00Z"))});
}

TEST(R9_Clock, ASpecialityEndsAtMidnightInOslo) {
  CoreHarness h;
  TellStaffedList(h,
                  But(ASpecialist(7), [](Person& p) { p.approvals[0].specialities[0].period.to = Day(2024, 4, 15); }));
  EXPECT_EQ(h.Live("NO", "gp_specialist_share"), (Cell{1, 1}));
  h.MoveClock("2024-04-14T21:59:59.999Z");
  EXPECT_EQ(h.Live("0301", "gp_specialist_share"), (Cell{1, 1}));
  const CommitResult midnight = h.MoveClock("2024-04-14T22:00:00Z");
  for (const char* area : {"NO", "03", "50000_pluss", "0301"}) {
    EXPECT_EQ(h.Live(area, "gp_specialist_share"), (Cell{0, 1})) << area;
  }
  // Published like any other change, with the clock as cause: two breakdowns of the share in four areas,
  // municipality_all_specialists in three, and the mean duration, which grows by a day, in four.
  EXPECT_EQ(midnight.updates, 8 + 3 + 4);
  const std::vector<FeedEntry> feed = h.Feed();
  for (const FeedEntry& entry : feed) {
    if (entry.revision != midnight.revision) continue;
    EXPECT_EQ(entry.cause, std::nullopt);
    EXPECT_EQ(entry.reference_day, Day(2024, 4, 15));
  }
}

TEST(R9_Clock, ADoctorsDeathDateIsADayToo) {
  CoreHarness h;
  TellStaffedList(h, But(ASpecialist(7), [](Person& p) { p.death = Day(2024, 2, 1); }));
  EXPECT_EQ(h.Live("NO", "gp_specialist_share"), (Cell{1, 1}));
  h.MoveClock("2024-01-31T23:00:00Z");
  EXPECT_EQ(h.Live("NO", "gp_specialist_share"), (Cell{0, 1}));
  EXPECT_EQ(h.Live("NO", "gp_count", "all.all"), (Cell{1, 0}));
}

TEST(R9_Clock, AContractBeginsAndEnds) {
  CoreHarness h;
  h.Tell(But(AList(1), [](Contract& c) { c.period = {Day(2024, 2, 1), Day(2024, 3, 1)}; }), "2024-01-10T10:00:00Z");
  EXPECT_EQ(h.Live("0301", "list_count"), (Cell{0, 0}));
  h.MoveClock("2024-01-31T22:59:59.999Z");
  EXPECT_EQ(h.Live("0301", "list_count"), (Cell{0, 0}));
  h.MoveClock("2024-01-31T23:00:00Z");
  EXPECT_EQ(h.Live("0301", "list_count"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("0301", "list_unstaffed_share"), (Cell{1, 1}));
  h.MoveClock("2024-02-29T23:00:00Z");
  EXPECT_EQ(h.Live("0301", "list_count"), (Cell{0, 0}));
}

TEST(R9_Clock, ALastGpLeavesAndTheListPassesOneYear) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  h.Tell(Patients(1, 800), "2024-01-10T10:00:00Z");
  h.Tell(ARegularGp(11, 1, 7, {Day(2015, 1, 1), Day(2024, 2, 29)}), "2024-01-10T10:00:00Z");
  EXPECT_EQ(h.Live("NO", "list_count", "staffed"), (Cell{1, 0}));
  h.MoveClock("2024-02-28T23:00:00Z");
  EXPECT_EQ(h.Live("NO", "list_count", "unstaffed"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("NO", "persons_listed", "on_unstaffed"), (Cell{800, 0}));
  // Since 29 February 2024; a year later is 28 February 2025, over a year from 1 March.
  h.MoveClock("2025-02-28T22:59:59.999Z");
  EXPECT_EQ(h.Live("NO", "list_count", "unstaffed_over_1y"), (Cell{0, 0}));
  h.MoveClock("2025-02-28T23:00:00Z");
  EXPECT_EQ(h.Live("NO", "list_count", "unstaffed_over_1y"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("NO", "persons_listed", "on_unstaffed_over_1y"), (Cell{800, 0}));
}

TEST(R9_Clock, EveryoneAgesOn1January) {
  CoreHarness h;
  TellStaffedList(h, But(ASpecialist(7), [](Person& p) { p.birth_year = 1985; }));
  h.MoveClock("2024-12-31T22:59:59.999Z");
  EXPECT_EQ(h.Live("0301", "gp_count", "male.lt40"), (Cell{1, 0}));
  h.MoveClock("2024-12-31T23:00:00Z");
  EXPECT_EQ(h.Live("0301", "gp_count", "male.lt40"), (Cell{0, 0}));
  EXPECT_EQ(h.Live("0301", "gp_count", "male.40_60"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("0301", "gp_specialist_share", "40_60"), (Cell{1, 1}));
}

TEST(R9_Clock, MunicipalityGroupsChangeOn1January) {
  CoreHarness h;  // Nord-Odal: 4 992 in 2024, 5 006 in 2025
  TellStaffedList(h, ASpecialist(7), "3414");
  EXPECT_EQ(h.Live("2000_4999", "list_count"), (Cell{1, 0}));
  h.MoveClock("2024-12-31T23:00:00Z");
  EXPECT_EQ(h.Live("2000_4999", "list_count"), (Cell{0, 0}));
  EXPECT_EQ(h.Live("5000_9999", "list_count"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("5000_9999", "persons_listed"), (Cell{800, 0}));
}

TEST(R9_Timers, NewYearIsOneOfEveryList) {
  CoreHarness h;  // nothing else of the list will ever change by the clock
  TellStaffedList(h, ASpecialist(7), "3414");
  const Day today = OsloDay(h.core().clock());
  EXPECT_EQ(h.core().live().NextTimer(), StartOfDay(Day(today.year() + 1, 1, 1)));
}

TEST(R9_Clock, AReformMovesListsToTheNewAreas) {
  CoreHarness h;  // Lier is renumbered, Ålesund divided on 1 January 2024
  h.Tell(AList(1, "3049"), "2023-12-20T10:00:00Z");
  h.Tell(AList(2, "1507"), "2023-12-20T10:00:00Z");
  EXPECT_EQ(h.Live("3049", "list_count"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("1507", "list_count"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("15", "list_count"), (Cell{1, 0}));
  const CommitResult reform = h.MoveClock("2023-12-31T23:00:00Z");
  EXPECT_EQ(h.Live("3312", "list_count"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("33", "list_count"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("15", "list_count"), (Cell{0, 0}));  // ambiguous: in the nation only
  EXPECT_EQ(h.Live("NO", "list_count"), (Cell{2, 0}));
  // An area that no longer is has no figure afterwards, one that came into being had none before.
  bool gone = false;
  bool came = false;
  for (const FeedEntry& entry : h.Feed()) {
    if (entry.revision != reform.revision) continue;
    if (entry.cell == "3049 list_count all") {
      gone = entry.before == Cell{1, 0} && !entry.after;
    } else if (entry.cell == "3312 list_count all") {
      came = !entry.before && entry.after == Cell{1, 0};
    }
  }
  EXPECT_TRUE(gone);
  EXPECT_TRUE(came);
  EXPECT_EQ(h.StoredCells(), h.LiveCells());
}

TEST(R9_Clock, AVersionOfTheFutureComesIntoForceByTheClock) {
  CoreHarness h;
  h.Tell(AList(1, "0301"), "2024-04-20T10:00:00Z");
  h.Tell(AList(1, "4601", "2024-05-01T12:00:00"), "2024-04-20T10:00:01Z");
  h.Tell(Patients(1, 800), "2024-04-20T10:00:02Z");
  h.Tell(Patients(1, 900, "2024-05-01T12:00:00.5"), "2024-04-20T10:00:03Z");
  h.MoveClock("2024-05-01T10:00:00Z");  // 12:00 in Oslo: UpdatedOn is not before t
  EXPECT_EQ(h.Live("0301", "persons_listed"), (Cell{800, 0}));
  h.MoveClock("2024-05-01T10:00:00.001Z");
  EXPECT_EQ(h.Live("0301", "list_count"), (Cell{0, 0}));
  EXPECT_EQ(h.Live("4601", "persons_listed"), (Cell{800, 0}));
  h.MoveClock("2024-05-01T10:00:00.501Z");
  EXPECT_EQ(h.Live("4601", "persons_listed"), (Cell{900, 0}));
}

// A count of 02:30 on the night when that time comes twice: 00:30Z and 01:30Z, with 03:00 → 02:00 at 01:00Z.
void ExpectAutumnHour(CoreHarness& h, bool restart) {
  EXPECT_EQ(h.Live("NO", "persons_listed"), (Cell{900, 0}));
  if (restart) h.Restart();
  h.MoveClock("2024-10-27T01:00:00Z");  // 02:00 again: the count lies ahead
  EXPECT_EQ(h.Live("NO", "persons_listed"), (Cell{800, 0}));
  EXPECT_EQ(h.Live("0301", "list_count"), (Cell{1, 0}));
  if (restart) h.Restart();
  h.MoveClock("2024-10-27T01:30:00.001Z");
  EXPECT_EQ(h.Live("NO", "persons_listed"), (Cell{900, 0}));
  EXPECT_EQ(h.Live("4601", "list_count"), (Cell{1, 0}));
}

TEST(R9_Clock, TheAutumnHourComesTwice) {
  CoreHarness h;
  h.Tell(AList(1, "0301"), "2024-10-20T10:00:00Z");
  h.Tell(AList(1, "4601", "2024-10-27T02:30:00"), "2024-10-20T10:00:00Z");
  h.Tell(Patients(1, 800), "2024-10-20T10:00:00Z");
  h.Tell(Patients(1, 900, "2024-10-27T02:30:00"), "2024-10-20T10:00:00Z");
  EXPECT_EQ(h.Live("NO", "persons_listed"), (Cell{800, 0}));
  h.MoveClock("2024-10-27T00:30:00Z");
  EXPECT_EQ(h.Live("NO", "persons_listed"), (Cell{800, 0}));
  h.MoveClock("2024-10-27T00:30:00.001Z");
  ExpectAutumnHour(h, false);
}

TEST(R9_Clock, TheAutumnHourComesTwiceForRecordsReadInIt) {
  for (const bool restart : {false, true}) {
    CoreHarness h;
    h.Tell(AList(1, "0301"), "2024-10-20T10:00:00Z");
    h.Tell(Patients(1, 800), "2024-10-20T10:00:00Z");
    h.MoveClock("2024-10-27T00:40:00Z");
    h.Tell(AList(1, "4601", "2024-10-27T02:30:00"), "2024-10-27T00:40:00Z");
    h.Tell(Patients(1, 900, "2024-10-27T02:30:00"), "2024-10-27T00:40:00Z");
    ExpectAutumnHour(h, restart);
  }
}

TEST(R9_Clock, ADeletionTakesEffectAMillisecondAfterItself) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  h.Tell(WithoutList(1), "2024-01-10T11:00:00Z");  // present at t ≤ T (E1)
  EXPECT_EQ(h.Live("NO", "list_count"), (Cell{1, 0}));
  h.MoveClock("2024-01-10T11:00:00.001Z");
  EXPECT_EQ(h.Live("NO", "list_count"), (Cell{0, 0}));
}

TEST(R9_Clock, AnAliasCycleOpensAMillisecondAfterADeletion) {
  CoreHarness h;
  TellStaffedList(h, But(ASpecialist(7), [](Person& p) { p.replaced_by = 8; }));
  h.Tell(AnAlias(8, 7), "2024-01-10T10:00:01Z");
  EXPECT_EQ(h.Live("NO", "gp_specialist_share"), (Cell{1, 1}));  // both aliases are ignored (E8)
  h.Tell(WithoutPerson(8), "2024-01-10T11:00:00Z");
  h.MoveClock("2024-01-10T12:00:00Z");
  // 8's alias is gone (E7), 7 stands for 8, and 8 is not in HPR (E9).
  EXPECT_EQ(h.Live("NO", "gp_specialist_share"), (Cell{0, 1}));
  EXPECT_EQ(h.Live("NO", "gp_count", "male.all"), (Cell{0, 0}));
}

TEST(R9_Clock, TimersOutliveARestart) {
  CoreHarness h;
  TellStaffedList(h,
                  But(ASpecialist(7), [](Person& p) { p.approvals[0].specialities[0].period.to = Day(2024, 4, 15); }));
  h.Restart();
  EXPECT_EQ(h.Live("NO", "gp_specialist_share"), (Cell{1, 1}));
  h.MoveClock("2024-04-14T22:00:00Z");
  EXPECT_EQ(h.Live("NO", "gp_specialist_share"), (Cell{0, 1}));
}

TEST(R9_Clock, OneStepOfYearsEndsWhereManyStepsDo) {
  const auto run = [](const std::vector<const char*>& steps) {
    CoreHarness h;
    TellStaffedList(
        h, But(ASpecialist(7), [](Person& p) { p.approvals[0].specialities[0].period.to = Day(2025, 4, 15); }), "1507");
    h.Tell(ARegularGp(12, 1, 8, {Day(2024, 6, 1), Day(2026, 2, 1)}), "2024-01-11T00:00:00Z");
    for (const char* step : steps) h.MoveClock(step);
    return std::pair(h.LiveCells(), h.StoredCells());
  };
  const auto [live, stored] = run({"2026-03-01T12:00:00Z"});
  EXPECT_EQ(live, stored);
  EXPECT_EQ(run({"2024-06-01T12:00:00Z", "2024-12-31T23:00:00Z", "2025-04-15T00:00:00Z", "2026-01-01T00:00:00Z",
                 "2026-01-31T23:00:00Z", "2026-03-01T12:00:00Z"}),
            std::pair(live, stored));
}

TEST(R9_Clock, WithNothingDueThereIsNothingToWrite) {
  CoreHarness h;
  TellStaffedList(h, ASpecialist(7));
  const int64_t revision = h.core().revision();
  EXPECT_FALSE(h.MoveClock("2024-01-10T18:00:00Z").committed);
  EXPECT_EQ(h.core().revision(), revision);
  EXPECT_TRUE(h.MoveClock("2024-01-10T23:00:00Z").committed);  // a day has begun
}

}  // namespace
}  // namespace flosync
