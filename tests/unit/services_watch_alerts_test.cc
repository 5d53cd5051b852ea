// WatchAlerts keeps the six promises, as WatchIndicators does, and names doctors only past the guard (R23).
#include <fstream>
#include <iterator>
#include <map>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/unit/watch_fixture.h"

namespace flosync {
namespace {

// An alert as a row, so that the validators of figures can look at it: its number for a name, its bytes for a value.
v1::IndicatorRow AsRow(const v1::Alert& alert) {
  v1::IndicatorRow row;
  row.set_measure(std::to_string(alert.alert_id()));
  row.set_value(alert.ShortDebugString());
  return row;
}

void Convert(const v1::AlertUpdate& update, v1::IndicatorUpdate* out) {
  if (update.has_old_alert()) *out->mutable_old_row() = AsRow(update.old_alert());
  *out->mutable_new_row() = AsRow(update.new_alert());
}

class WatchAlertsTest : public ServicesTest {
 protected:
  using Stream = Connection<v1::AlertService, v1::WatchAlertsRequest, v1::WatchAlertsResponse,
                            &v1::AlertService::Stub::WatchAlerts>;

  WatchAlertsTest() {
    CommitInput whole;
    whole.whole = true;
    whole.now = now_;
    EXPECT_TRUE(core_->Commit(std::move(whole)).ok());
    Publish();
  }
  static v1::WatchAlertsRequest Request(bool initial_state, const std::string& token = "") {
    v1::WatchAlertsRequest request;
    request.set_initial_state(initial_state);
    request.set_resume_token(token);
    request.mutable_progress_interval()->set_nanos(100'000'000);
    return request;
  }
  // Commits and notes what that did to the alerts, as ListAlerts tells it.
  int64_t Do(std::vector<RegisterChange> changes) {
    const int64_t revision = Commit(std::move(changes));
    Note();
    return revision;
  }
  void Note() {
    v1::ListAlertsRequest request;
    request.set_page_size(1000);
    v1::ListAlertsResponse all;
    const auto context = Context();
    ASSERT_TRUE(v1::AlertService::NewStub(channel_)->ListAlerts(context.get(), request, &all).ok());
    ASSERT_TRUE(all.next_page_token().empty());
    // The feed has them by kind and subject; there may be resolved ones of the same.
    std::map<std::tuple<int, std::string, int64_t>, v1::IndicatorRow> sorted;
    for (const v1::Alert& alert : all.alerts())
      sorted[{KindOf(alert), alert.subject(), alert.alert_id()}] = AsRow(alert);
    google::protobuf::RepeatedPtrField<v1::IndicatorRow> rows;
    for (auto& [key, row] : sorted) *rows.Add() = std::move(row);
    truth_.Note(all.revision(), rows);
  }
  static int KindOf(const v1::Alert& alert) {
    int kind = 1;
    while (AlertKindName(static_cast<AlertKind>(kind)) != alert.kind()) ++kind;
    return kind;
  }
  // Alerts opened, changed and resolved; one revision with several messages, one with none.
  void MakeHistory() {
    Do({MakeContract(1, "0301")});
    Do(ManyContracts(100, 60));
    Do({MakePeriod(12, 101, 102, "LPVI"), MakePerson(102, false)});
    Do({MakePeriod(11, 1, 101), MakePerson(101, true)});
    Do({MakePerson(999, false)});
    Do({Deletion{{EntityKind::kDoctorPeriod, 12}}});
  }
  static SeenConnection Seen(const Stream& stream) {
    SeenConnection seen;
    for (const auto& message : stream.seen()) seen.push_back(AsFigures(message, Convert));
    return seen;
  }
  [[nodiscard]] std::string ReasonOf(const v1::WatchAlertsRequest& request) const {
    Stream stream(channel_, request);
    return ReadErrorDetails(stream.End()).reason;
  }

  WatchTruth truth_;
};

TEST_F(WatchAlertsTest, R23_AllGuaranteesHoldFromTheInitialStateOn) {
  Serve();
  MakeHistory();
  Stream stream(channel_, Request(true));
  ASSERT_TRUE(stream.Read(2));
  EXPECT_EQ(stream.seen().back().updates_size(), 100) << "within the initial state";
  EXPECT_FALSE(stream.seen().back().updates(0).has_old_alert());
  Do({MakeContract(2, "4601")});
  Do(ManyContracts(300, 70));
  ASSERT_TRUE(stream.ReadUpTo(core_->revision()));
  ExpectAllGuarantees({Seen(stream)}, truth_);
}

TEST_F(WatchAlertsTest, R23_ResumesAtEveryMessage) {
  Serve();
  Note();
  Stream begin(channel_, Request(false));
  ASSERT_TRUE(begin.Read());
  MakeHistory();
  Stream whole(channel_, Request(false, begin.token()));
  ASSERT_TRUE(whole.ReadUpTo(core_->revision()));
  ExpectAllGuarantees({Seen(whole)}, truth_);
  size_t mid_revision = 0;
  for (size_t cut = 0; cut < whole.seen().size(); ++cut) {
    SCOPED_TRACE(cut);
    SeenConnection before = Seen(whole);
    before.resize(cut + 1);
    mid_revision += before.back().updates_size() > 0 && !before.back().revision_complete();
    Stream rest(channel_, Request(false, before.back().resume_token()));
    ASSERT_TRUE(rest.ReadUpTo(core_->revision()));
    ExpectAllGuarantees({before, Seen(rest)}, truth_);
  }
  EXPECT_GT(mid_revision, 0U);
}

TEST_F(WatchAlertsTest, R23_AnUpdateSaysWhatBecameOfItAndWhy) {
  Serve();
  v1::WatchAlertsRequest request = Request(false);
  request.mutable_filter()->add_kinds("LIST_UNSTAFFED");
  Stream stream(channel_, request);
  ASSERT_TRUE(stream.Read());
  ASSERT_TRUE(stream.ReadUpTo(Do({MakeContract(1, "0301")})));
  ASSERT_EQ(stream.seen().back().updates_size(), 1);
  const v1::AlertUpdate opened = stream.seen().back().updates(0);
  EXPECT_EQ(opened.step(), v1::ALERT_STEP_OPENED);
  EXPECT_FALSE(opened.has_old_alert());
  EXPECT_EQ(opened.new_alert().subject(), "contract:1");
  EXPECT_EQ(opened.record().topic(), "flo.contract");
  ASSERT_TRUE(stream.ReadUpTo(Do({MakePeriod(11, 1, 101), MakePerson(101, true)})));
  const v1::AlertUpdate resolved = stream.seen().back().updates(0);
  EXPECT_EQ(resolved.step(), v1::ALERT_STEP_RESOLVED);
  EXPECT_EQ(resolved.old_alert().status(), v1::ALERT_STATUS_OPEN);
  EXPECT_EQ(resolved.new_alert().status(), v1::ALERT_STATUS_RESOLVED);
}

TEST_F(WatchAlertsTest, R23_WhatLeavesTheFilterIsTold) {
  Serve();
  Do({MakeContract(1, "0301"), MakeContract(2, "4601")});
  v1::WatchAlertsRequest request = Request(true);
  request.mutable_filter()->add_statuses(v1::ALERT_STATUS_OPEN);
  request.mutable_filter()->set_subject("contract:1");
  Stream stream(channel_, request);
  ASSERT_TRUE(stream.Read(2));
  EXPECT_EQ(stream.seen().back().updates_size(), 2) << "unstaffed and uncovered";
  ASSERT_TRUE(stream.ReadUpTo(Do({MakePeriod(12, 2, 102), MakePerson(102, true)})));
  EXPECT_TRUE(stream.seen().back().progress()) << "of another subject";
  ASSERT_TRUE(stream.ReadUpTo(Do({MakePeriod(11, 1, 101), MakePerson(101, true)})));
  EXPECT_EQ(stream.seen().back().updates_size(), 2);
  EXPECT_EQ(stream.seen().back().updates(0).new_alert().status(), v1::ALERT_STATUS_RESOLVED);
}

TEST_F(WatchAlertsTest, TokensOfOtherMethodsFiltersAndTimesAreRefused) {
  Serve();
  MakeHistory();
  Stream stream(channel_, Request(false));
  ASSERT_TRUE(stream.Read());
  const auto position = ReadResumeToken(TokenKind::kAlertWatch, stream.token());
  ASSERT_TRUE(position);
  EXPECT_EQ(ReasonOf(Request(false, WriteResumeToken(TokenKind::kIndicatorWatch, *position))), "RESUME_TOKEN_INVALID");
  v1::WatchAlertsRequest other = Request(false, stream.token());
  other.mutable_filter()->set_municipality("0301");
  EXPECT_EQ(ReasonOf(other), "RESUME_TOKEN_FILTER_MISMATCH");
  other.mutable_filter()->set_municipality("9999");
  EXPECT_EQ(ReasonOf(other), "INVALID_FIELD");
  ResumePosition changed = *position;
  changed.index = 1;  // the last revision has fewer
  changed.revision = 1;
  EXPECT_EQ(ReasonOf(Request(false, WriteResumeToken(TokenKind::kAlertWatch, changed))), "RESUME_TOKEN_INVALID");
  changed = *position;
  changed.epoch = "epoch-0";
  EXPECT_EQ(ReasonOf(Request(false, WriteResumeToken(TokenKind::kAlertWatch, changed))), "STORE_EPOCH_CHANGED");
}

TEST_F(WatchAlertsTest, DoctorsNamedAreInTheAccessLogFirst) {
  Serve();
  Do({MakeContract(1, "0301"), MakePeriod(11, 1, 777'001), MakePerson(777'001, true)});
  const auto logged = [this] {
    std::ifstream file(AccessLogPath());
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  v1::WatchAlertsRequest request = Request(false);
  request.mutable_filter()->add_kinds("GP_DECEASED");
  Stream stream(channel_, request);
  ASSERT_TRUE(stream.Read(3));
  EXPECT_EQ(logged().find("WatchAlerts"), std::string::npos) << "progress names nobody";
  Person dead = MakePerson(777'001, true);
  dead.updated = *ParseWallTime("2025-05-31T12:00:00");
  dead.death = Day(2025, 5, 30);
  const int64_t revision = Do({dead});
  ASSERT_TRUE(stream.ReadUpTo(revision));
  ASSERT_EQ(stream.seen().back().updates_size(), 1);
  EXPECT_EQ(stream.seen().back().updates(0).new_alert().hpr_numbers(0), 777'001);
  EXPECT_NE(logged().find("\"flosync.v1.AlertService/WatchAlerts\""), std::string::npos) << logged();
  EXPECT_NE(logged().find("777001"), std::string::npos);
}

}  // namespace
}  // namespace flosync
