#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "domain/text.h"
#include "tests/support/alert_check.h"

// How alerts are opened, updated, acknowledged, resolved and kept (R23), with a core over a real store.
namespace flosync {
namespace {

// A staffed list with 800 patients whose GP leaves on 2024-03-01; alerts are derived.
void TellLeavingGp(CoreHarness& h) {
  h.BeginAlerts();
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  h.Tell(Patients(1, 800), "2024-01-10T10:00:00Z");
  h.Tell(ASpecialist(7), "2024-01-10T10:00:00Z");
  h.Tell(ARegularGp(11, 1, 7, {Day(2015, 1, 1), Day(2024, 3, 1)}), "2024-01-10T10:00:00Z");
}

std::vector<AlertStep> StepsOf(const CoreHarness& h, AlertKind kind) {
  std::vector<AlertStep> steps;
  for (const AlertChange& change : AlertFeed(h)) {
    if (change.after.kind == kind) steps.push_back(change.step);
  }
  return steps;
}

Condition Observed(AlertKind kind, std::string subject, std::string text = "observed") {
  Condition condition{{kind, std::move(subject)}, Severity::kWarning, {}};
  condition.detail.text = std::move(text);
  return condition;
}

TEST(R23_AlertBook, NothingIsDerivedUntilTheRegisterIsWhole) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  EXPECT_TRUE(StoredAlerts(h).empty());
  h.BeginAlerts();
  h.MoveClock("2024-01-10T10:00:01Z");
  EXPECT_TRUE(OpenAlerts(h).contains("LIST_UNSTAFFED contract:1"));
}

TEST(R9_AlertBook, TheClockAloneOpensUpdatesAndResolves) {
  CoreHarness h;
  TellLeavingGp(h);
  const std::string name = "LIST_UNSTAFFED contract:1";
  EXPECT_EQ(h.core().alerts().NextTimer(), At("2024-01-30T23:00:00Z"));  // thirty days before
  EXPECT_TRUE(h.MoveClock("2024-01-30T23:00:00Z").committed);
  EXPECT_EQ(OpenAlerts(h).at("LIST_BECOMING_UNSTAFFED contract:1").severity, Severity::kWarning);
  h.MoveClock("2024-02-29T22:59:59.999Z");
  EXPECT_FALSE(OpenAlerts(h).contains(name));
  h.MoveClock("2024-02-29T23:00:00Z");
  EXPECT_EQ(OpenAlerts(h).at(name).opened, At("2024-02-29T23:00:00Z"));
  EXPECT_FALSE(OpenAlerts(h).contains("LIST_BECOMING_UNSTAFFED contract:1"));
  h.MoveClock("2024-03-30T23:00:00Z");  // the night before summer time
  EXPECT_EQ(OpenAlerts(h).at(name).severity, Severity::kWarning);
  EXPECT_EQ(OpenAlerts(h).at(name).opened, At("2024-02-29T23:00:00Z"));
  EXPECT_FALSE(AlertFeed(h).back().cause);
  EXPECT_EQ(AlertDifference(h), "");
}

TEST(R23_AlertBook, TellsEachStepInTheFeedWithItsCause) {
  CoreHarness h;
  h.BeginAlerts();
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  h.Tell(Patients(1, 800), "2024-01-10T10:00:01Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:02Z");
  EXPECT_EQ(StepsOf(h, AlertKind::kListUnstaffed),
            (std::vector{AlertStep::kOpened, AlertStep::kUpdated, AlertStep::kResolved}));
  EXPECT_EQ(AlertFeed(h).back().cause->topic, Topic::kDoctorPeriod);
  EXPECT_EQ(AlertDifference(h), "");
}

TEST(R23_AlertBook, OneOpenAlertForEachKindAndSubjectWhoeverRaisesIt) {
  CoreHarness h;
  h.BeginAlerts();
  h.Tell(But(ADoctor(7), [](Person& p) { p.death = Day(2024, 1, 1); }), "2024-01-10T10:00:00Z");
  for (const int64_t id : {1, 2}) {
    h.Tell(AList(id), "2024-01-10T10:00:00Z");
    h.Tell(ARegularGp(10 + id, id, 7), "2024-01-10T10:00:00Z");
  }
  const std::string name = "GP_DECEASED person:7";
  EXPECT_EQ(OpenAlerts(h).at(name).detail.contracts, (std::vector<int64_t>{1, 2}));
  h.Tell(WithoutDoctorPeriod(11), "2024-01-11T10:00:00Z");
  EXPECT_EQ(OpenAlerts(h).at(name).detail.contracts, std::vector<int64_t>{2});
  h.Tell(WithoutDoctorPeriod(12), "2024-01-12T10:00:00Z");
  EXPECT_FALSE(OpenAlerts(h).contains(name));
  EXPECT_EQ(AlertDifference(h), "");
}

TEST(R23_AlertBook, RestartRaisesNothingTwiceAndLosesNothing) {
  CoreHarness h;
  TellLeavingGp(h);
  h.MoveClock("2024-03-05T12:00:00Z");
  const auto before = StoredAlerts(h);
  const size_t told = AlertFeed(h).size();
  h.Restart();
  EXPECT_EQ(h.core().alerts().NextTimer(), At("2024-03-30T23:00:00Z"));
  h.MoveClock("2024-03-06T12:00:00Z");
  EXPECT_EQ(StoredAlerts(h), before);
  EXPECT_EQ(AlertFeed(h).size(), told);
  // What fell due while the process was away is found by the next commit.
  h.Restart();
  h.MoveClock("2024-06-01T12:00:00Z");
  EXPECT_EQ(OpenAlerts(h).at("LIST_UNSTAFFED contract:1").severity, Severity::kCritical);
  EXPECT_EQ(AlertDifference(h), "");
}

TEST(R23_AlertBook, ReopenedIsANewAlert) {
  CoreHarness h;
  h.BeginAlerts();
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  const int64_t first = OpenAlerts(h).at("LIST_UNSTAFFED contract:1").id;
  h.Tell(ARegularGp(11, 1, 7), "2024-01-11T10:00:00Z");
  h.Restart();
  h.Tell(WithoutDoctorPeriod(11), "2024-01-12T10:00:00Z");
  EXPECT_GT(OpenAlerts(h).at("LIST_UNSTAFFED contract:1").id, first);
  EXPECT_EQ(AlertDifference(h), "");
}

absl::Status AcknowledgeAlert(CoreHarness& h, int64_t id, const Acknowledgement& hand) {
  absl::Status refused;
  const absl::Status committed = h.core().CommitChange(
      [&](Core& core, const View&, Batch& batch) { return core.AcknowledgeAlert(id, hand, batch); }, refused);
  return committed.ok() ? refused : committed;
}

TEST(R23_Acknowledge, IsKeptThroughUpdatesAndRestartUntilResolved) {
  CoreHarness h;
  h.BeginAlerts();
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  const int64_t id = OpenAlerts(h).at("LIST_UNSTAFFED contract:1").id;
  const int64_t revision = h.core().revision();
  const Acknowledgement hand{"FLO operations", "substitute ordered", At("2024-01-10T11:00:00Z")};
  ASSERT_TRUE(AcknowledgeAlert(h, id, hand).ok());
  EXPECT_EQ(h.core().revision(), revision + 1);
  EXPECT_EQ(AlertFeed(h).back().step, AlertStep::kAcknowledged);
  h.Restart();
  EXPECT_EQ(h.core().revision(), revision + 1);
  h.Tell(Patients(1, 800), "2024-01-11T10:00:00Z");
  EXPECT_EQ(OpenAlerts(h).at("LIST_UNSTAFFED contract:1").acknowledgement, hand);
  h.Tell(ARegularGp(11, 1, 7), "2024-01-12T10:00:00Z");
  EXPECT_TRUE(absl::IsFailedPrecondition(AcknowledgeAlert(h, id, hand)));
  EXPECT_TRUE(absl::IsNotFound(AcknowledgeAlert(h, 999, hand)));
  EXPECT_EQ(AlertDifference(h), "");
}

TEST(R23_AlertBook, KeepsOnlySoManyResolvedOnes) {
  CoreHarness h;
  h.core().KeepResolvedAlerts(2);
  h.BeginAlerts();
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  for (int day = 11; day < 20; ++day) {
    h.Tell(ARegularGp(day, 1, 7), Join("2024-01-", day, "T10:00:00Z"));
    h.Tell(WithoutDoctorPeriod(day), Join("2024-01-", day, "T11:00:00Z"));
  }
  const auto alerts = StoredAlerts(h);
  EXPECT_EQ(std::count_if(alerts.begin(), alerts.end(), [](const Alert& a) { return a.resolved.has_value(); }), 2);
  EXPECT_TRUE(OpenAlerts(h).contains("LIST_UNSTAFFED contract:1"));
}

TEST(R23_OperationalAlerts, AreOpenedUpdatedAndResolvedAsObserved) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  const std::string name = "SOURCE_STALE source:*";
  EXPECT_TRUE(h.Observe({Observed(AlertKind::kSourceStale, "source:*")}, "2024-01-10T11:00:00Z").committed);
  EXPECT_FALSE(h.Observe({Observed(AlertKind::kSourceStale, "source:*")}, "2024-01-10T11:00:01Z").committed);
  h.Restart();
  h.BeginAlerts();
  h.MoveClock("2024-01-10T12:00:00Z");  // nobody has looked since: it stands
  EXPECT_EQ(OpenAlerts(h).at(name).opened, At("2024-01-10T11:00:00Z"));
  h.Observe({Observed(AlertKind::kSourceStale, "source:*", "worse")}, "2024-01-10T13:00:00Z");
  EXPECT_EQ(OpenAlerts(h).at(name).detail.text, "worse");
  h.Observe({}, "2024-01-10T14:00:00Z");
  EXPECT_FALSE(OpenAlerts(h).contains(name));
  EXPECT_TRUE(OpenAlerts(h).contains("LIST_UNSTAFFED contract:1"));
  EXPECT_EQ(AlertDifference(h), "");
}

TEST(R22_StateDeviations, AreKeptAndEndWithTheirCondition) {
  CoreHarness h;
  h.BeginAlerts();
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:00Z");
  EXPECT_EQ(OpenStateDeviations(h),
            (std::set<std::string>{"DOCTOR_NOT_IN_HPR person:7", "DOCTOR_PERIOD_WITHOUT_CONTRACT doctor_period:11"}));
  h.Tell(AList(1), "2024-01-10T10:00:01Z");
  h.Restart();
  h.Tell(ADoctor(7), "2024-01-10T10:00:02Z");
  EXPECT_TRUE(OpenStateDeviations(h).empty());
  h.Restart();
  EXPECT_TRUE(OpenStateDeviations(h).empty());
}

TEST(R9_StateDeviations, AMunicipalityDividedAtMidnightIsFoundByTheClock) {
  CoreHarness h;
  h.BeginAlerts();
  h.Tell(AList(2, "1507"), "2023-12-31T10:00:00Z");
  h.MoveClock("2023-12-31T22:59:59.999Z");
  EXPECT_TRUE(OpenStateDeviations(h).empty());
  h.MoveClock("2023-12-31T23:00:00Z");
  EXPECT_TRUE(OpenStateDeviations(h).contains("AMBIGUOUS_MUNICIPALITY contract:2"));
  EXPECT_EQ(AlertDifference(h), "");
}

TEST(R6_AlertBook, HoldsTheSameWhateverTheBatches) {
  std::vector<DecodedRecord> records;
  Inbox inbox;
  for (int64_t id = 1; id <= 8; ++id) {
    records.push_back(inbox.Next(AList(id, id % 2 == 0 ? "0301" : "9999"), At("2024-01-10T10:00:00Z")));
    records.push_back(inbox.Next(ADoctor(static_cast<int32_t>(id)), At("2024-01-10T10:00:00Z")));
    records.push_back(inbox.Next(ARegularGp(10 + id, id, static_cast<int32_t>(id + 2)), At("2024-01-10T10:00:00Z")));
    records.push_back(inbox.Next(Patients(id, 2000), At("2024-01-10T10:00:00Z")));
    if (id % 3 == 0) records.push_back(inbox.Next(WithoutDoctorPeriod(10 + id), At("2024-01-10T10:00:01Z")));
  }
  std::vector<std::map<std::string, Condition>> held;
  for (const size_t size : {size_t{1}, size_t{7}, records.size()}) {
    CoreHarness h;
    h.BeginAlerts();
    for (size_t from = 0; from < records.size(); from += size) {
      const auto begin = records.begin() + static_cast<int64_t>(from);
      h.Commit({begin, begin + static_cast<int64_t>(std::min(size, records.size() - from))});
    }
    EXPECT_EQ(AlertDifference(h), "");
    std::map<std::string, Condition>& open = held.emplace_back();
    for (const auto& [name, alert] : OpenAlerts(h))
      open[name] = {{alert.kind, alert.subject}, alert.severity, alert.detail};
    for (const std::string& name : OpenStateDeviations(h)) open[name] = {};
  }
  EXPECT_EQ(held[0], held[1]);
  EXPECT_EQ(held[0], held[2]);
}

TEST(AlertBook, WorkIsThatOfWhatDependsOnTheChange) {
  CoreHarness h;
  h.BeginAlerts();
  for (int64_t id = 1; id <= 50; ++id) {
    h.Tell(AList(id), "2024-01-10T10:00:00Z");
    h.Tell(ARegularGp(100 + id, id, static_cast<int32_t>(id)), "2024-01-10T10:00:00Z");
  }
  const int64_t before = h.core().alerts().units_derived();
  h.Tell(ADoctor(7), "2024-01-10T10:00:01Z");
  EXPECT_LE(h.core().alerts().units_derived() - before, 2);  // the list and its municipality
}

}  // namespace
}  // namespace flosync
