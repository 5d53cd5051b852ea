#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/alerts/operational.h"
#include "tests/support/alert_check.h"

// Alerts about flosync's own work (R23), from observed facts and thresholds.
namespace flosync {
namespace {

OperationalFacts AllWell() {
  OperationalFacts facts;
  facts.now = At("2024-04-15T12:00:00Z");
  facts.lists_known = true;
  facts.newest_count = Day(2024, 4, 1);
  facts.population_year = 2024;
  return facts;
}

std::vector<std::string> Names(const OperationalFacts& facts) {
  std::vector<std::string> names;
  for (const Condition& condition : OperationalConditions(facts, {})) names.push_back(ConditionName(condition.key));
  return names;
}

using NameList = std::vector<std::string>;

TEST(R23_OperationalAlerts, SilentWhileAllIsWell) { EXPECT_EQ(Names(AllWell()), NameList{}); }

TEST(R23_SourceStale, AfterTheExpectedIntervalNamesWhatIsBehind) {
  OperationalFacts facts = AllWell();
  facts.sync_overdue_since = At("2024-04-15T11:00:00.001Z");
  EXPECT_EQ(Names(facts), NameList{});
  facts.sync_overdue_since = At("2024-04-15T11:00:00Z");
  EXPECT_EQ(Names(facts), NameList{"SOURCE_STALE source:*"});
  facts.partitions_behind = {"hpr.person/0", "hpr.person/3"};
  EXPECT_EQ(Names(facts), (NameList{"SOURCE_STALE source:hpr.person/0", "SOURCE_STALE source:hpr.person/3"}));
}

TEST(R23_SnapshotLate, NamesTheDate) {
  OperationalFacts facts = AllWell();
  facts.missing_snapshot = Day(2024, 4, 1);
  EXPECT_EQ(Names(facts), NameList{"SNAPSHOT_LATE source:snapshot/2024-04-01"});
}

TEST(R23_PatientCountStale, TheNewestOfTheCountryIsTooOld) {
  OperationalFacts facts = AllWell();
  facts.newest_count = Day(2024, 3, 1);  // 45 days
  EXPECT_EQ(Names(facts), NameList{});
  facts.newest_count = Day(2024, 2, 29);
  EXPECT_EQ(Names(facts), NameList{"PATIENT_COUNT_STALE source:flo.patient-count"});
  facts.newest_count.reset();
  EXPECT_EQ(Names(facts), NameList{"PATIENT_COUNT_STALE source:flo.patient-count"});
  facts.lists_known = false;
  EXPECT_EQ(Names(facts), NameList{});
}

TEST(R23_DeadLetterGrowing, AboveTheThresholdOfADay) {
  OperationalFacts facts = AllWell();
  facts.dead_letters_today = 10;
  EXPECT_EQ(Names(facts), NameList{});
  facts.dead_letters_today = 11;
  EXPECT_EQ(Names(facts), NameList{"DEAD_LETTER_GROWING source:*"});
}

TEST(R23_DeviationBacklog, AboveTheThreshold) {
  OperationalFacts facts = AllWell();
  facts.open_deviations = 1000;
  EXPECT_EQ(Names(facts), NameList{});
  facts.open_deviations = 1001;
  EXPECT_EQ(Names(facts), NameList{"DEVIATION_BACKLOG source:*"});
}

TEST(R23_ReferenceTableOutdated, InfoFromNewYearAWarningFromApril) {
  OperationalFacts facts = AllWell();
  facts.population_year = 2023;
  facts.now = At("2024-03-31T21:59:59Z");
  ASSERT_EQ(Names(facts), NameList{"REFERENCE_TABLE_OUTDATED source:reference/population"});
  EXPECT_EQ(OperationalConditions(facts, {})[0].severity, Severity::kInfo);
  facts.now = At("2024-03-31T22:00:00Z");
  EXPECT_EQ(OperationalConditions(facts, {})[0].severity, Severity::kWarning);
}

TEST(R23_SyncPausedAndStateAuditFailed, AreTold) {
  OperationalFacts facts = AllWell();
  facts.paused_since = At("2024-04-15T10:00:00Z");
  facts.audit_failure = "0301 gp_count all.all is 4, counted 5";
  EXPECT_EQ(Names(facts), (NameList{"SYNC_PAUSED source:*", "STATE_AUDIT_FAILED source:*"}));
}

IndicatorRow National(const std::string& measure, std::optional<int64_t> base, const std::string& value) {
  IndicatorRow row;
  row.measure = measure;
  row.breakdown = "all";
  row.denominator = base;
  row.value = value;
  return row;
}

TEST(R23_SnapshotImplausible, ANationalFigureMovedByMoreThanThePercent) {
  const std::vector<IndicatorRow> before = {National("a", 5000, "60.0"), National("small", 99, "10.0"),
                                            National("c", 5000, "1000"), National("d", 5000, "")};
  EXPECT_TRUE(MovedFigures(before, {National("a", 5000, "72.0"), National("c", 5000, "800")}, 20).empty());
  const auto moved = MovedFigures(before,
                                  {National("a", 5000, "72.1"), National("small", 99, "90.0"), National("c", 1, "799"),
                                   National("d", 5000, "5.0"), National("new", 5000, "7.0")},
                                  20);
  EXPECT_EQ(moved, (std::vector<MovedFigure>{{"a", "all", "60.0", "72.1"}, {"c", "all", "1000", "799"}}));
  OperationalFacts facts = AllWell();
  facts.moved_snapshot = Day(2024, 4, 1);
  facts.moved = moved;
  ASSERT_EQ(Names(facts), NameList{"SNAPSHOT_IMPLAUSIBLE source:snapshot/2024-04-01"});
  EXPECT_EQ(OperationalConditions(facts, {})[0].detail.text,
            "more than 20 percent since the month before: a all 60.0 to 72.1, c all 1000 to 799");
}

}  // namespace
}  // namespace flosync
