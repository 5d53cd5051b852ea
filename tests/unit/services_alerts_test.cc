#include "tests/unit/cli_testing.h"
#include "tests/unit/services_fixture.h"

// AlertService as a client sees it (R23).
namespace flosync {
namespace {

class AlertServiceTest : public ServicesTest {
 protected:
  // Lists 1 to `lists` without anyone, in Oslo and Bergen by turns.
  void ServeUnstaffedLists(int64_t lists) {
    CommitInput whole;
    whole.whole = true;
    whole.now = now_;
    ASSERT_TRUE(core_->Commit(std::move(whole)).ok());
    std::vector<RegisterChange> changes;
    for (int64_t id = 1; id <= lists; ++id) changes.emplace_back(MakeContract(id, id % 2 == 1 ? "0301" : "4601"));
    Commit(std::move(changes));
    Serve();
  }
  [[nodiscard]] std::pair<grpc::Status, v1::ListAlertsResponse> List(const v1::ListAlertsRequest& request) const {
    v1::ListAlertsResponse response;
    const auto context = Context();
    const grpc::Status status = v1::AlertService::NewStub(channel_)->ListAlerts(context.get(), request, &response);
    return {status, response};
  }
  [[nodiscard]] std::pair<grpc::Status, v1::AcknowledgeAlertResponse> Acknowledge(int64_t id, const std::string& who) {
    if (!writer_.joinable()) StartWriter();
    v1::AcknowledgeAlertRequest request;
    request.set_alert_id(id);
    request.set_who(who);
    request.set_note("substitute ordered");
    v1::AcknowledgeAlertResponse response;
    const auto context = Context();
    const grpc::Status status =
        v1::AlertService::NewStub(channel_)->AcknowledgeAlert(context.get(), request, &response);
    return {status, response};
  }
};

TEST_F(AlertServiceTest, R23_ListsByKindSeverityStatusSubjectAndMunicipality) {
  ServeUnstaffedLists(4);
  // Two alerts of each list, one of each municipality.
  EXPECT_EQ(List({}).second.alerts_size(), 10);
  v1::ListAlertsRequest request;
  request.mutable_filter()->add_kinds("LIST_UNCOVERED");
  request.mutable_filter()->set_municipality("0301");
  const auto [status, answer] = List(request);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(answer.alerts_size(), 2);
  EXPECT_EQ(answer.alerts(0).subject(), "contract:1");
  EXPECT_EQ(answer.alerts(0).severity(), v1::ALERT_SEVERITY_CRITICAL);
  EXPECT_EQ(answer.alerts(0).status(), v1::ALERT_STATUS_OPEN);
  EXPECT_EQ(answer.alerts(0).since(), "2020-01-01");
  EXPECT_EQ(answer.alerts(0).contract_ids(0), 1);
  EXPECT_TRUE(answer.alerts(0).has_opened_at());
  EXPECT_FALSE(answer.alerts(0).has_resolved_at());
  v1::ListAlertsRequest one;
  one.mutable_filter()->set_subject("municipality:4601");
  one.mutable_filter()->add_severities(v1::ALERT_SEVERITY_CRITICAL);
  one.mutable_filter()->add_statuses(v1::ALERT_STATUS_OPEN);
  EXPECT_EQ(List(one).second.alerts(0).kind(), "MUNICIPALITY_WITHOUT_GP");
  one.mutable_filter()->clear_statuses();
  one.mutable_filter()->add_statuses(v1::ALERT_STATUS_RESOLVED);
  EXPECT_EQ(List(one).second.alerts_size(), 0);
}

TEST_F(AlertServiceTest, R23_PagesGiveEveryAlertOnce) {
  ServeUnstaffedLists(4);
  v1::ListAlertsRequest request;
  request.set_page_size(3);
  std::vector<int64_t> ids;
  do {
    const auto [status, answer] = List(request);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_LE(answer.alerts_size(), 3);
    for (const v1::Alert& alert : answer.alerts()) ids.push_back(alert.alert_id());
    request.set_page_token(answer.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(ids, (std::vector<int64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  request.set_page_token(List({}).second.next_page_token() + "x");
  EXPECT_EQ(List(request).first.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(AlertServiceTest, R23_RefusesWhatIsNoFilter) {
  ServeUnstaffedLists(1);
  v1::ListAlertsRequest request;
  request.mutable_filter()->add_kinds("LIST_GONE");
  EXPECT_EQ(ReadErrorDetails(List(request).first).violations[0].field, "filter.kinds");
  v1::ListAlertsRequest unspecified;
  unspecified.mutable_filter()->add_statuses(v1::ALERT_STATUS_UNSPECIFIED);
  EXPECT_EQ(ReadErrorDetails(List(unspecified).first).violations[0].field, "filter.statuses");
  v1::ListAlertsRequest many;
  for (int i = 0; i < 1000; ++i) many.mutable_filter()->add_kinds("LIST_UNSTAFFED");
  EXPECT_TRUE(List(many).first.ok());
  many.mutable_filter()->add_kinds("LIST_UNSTAFFED");
  ASSERT_EQ(List(many).first.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReadErrorDetails(List(many).first).violations[0].field, "filter.kinds");
}

// An empty answer would hide the mistake.
TEST_F(AlertServiceTest, R23_AFilterThatCanMatchNothingIsRefused) {
  ServeUnstaffedLists(1);
  for (const std::string municipality : {"301", "9999", "03", "NO", "oslo", "0301 "}) {
    v1::ListAlertsRequest request;
    request.mutable_filter()->set_municipality(municipality);
    const grpc::Status status = List(request).first;
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << municipality;
    ASSERT_EQ(ReadErrorDetails(status).violations.size(), 1U) << municipality;
    EXPECT_EQ(ReadErrorDetails(status).violations[0].field, "filter.municipality");
  }
  for (const std::string subject :
       {"kontrakt:1", "contract", "contract:", "contract:x", "municipality:301", "source:"}) {
    v1::ListAlertsRequest request;
    request.mutable_filter()->set_subject(subject);
    const grpc::Status status = List(request).first;
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << subject;
    ASSERT_EQ(ReadErrorDetails(status).violations.size(), 1U) << subject;
    EXPECT_EQ(ReadErrorDetails(status).violations[0].field, "filter.subject");
  }
  // Nothing of the kind is there, but could be.
  for (const std::string subject :
       {"contract:999", "person:7", "municipality:5501", "source:*", "source:flo.contract/0"}) {
    v1::ListAlertsRequest request;
    request.mutable_filter()->set_subject(subject);
    EXPECT_TRUE(List(request).first.ok()) << subject;
  }
  // Of old, as on alerts that have been resolved.
  v1::ListAlertsRequest request;
  request.mutable_filter()->set_municipality("1201");
  EXPECT_TRUE(List(request).first.ok());
}

TEST_F(AlertServiceTest, R23_AcknowledgeSaysWhoAndWhen) {
  ServeUnstaffedLists(1);
  const auto [status, answer] = Acknowledge(1, "FLO operations");
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(answer.alert().status(), v1::ALERT_STATUS_ACKNOWLEDGED);
  EXPECT_EQ(answer.alert().acknowledged_by(), "FLO operations");
  EXPECT_EQ(answer.alert().acknowledgement_note(), "substitute ordered");
  EXPECT_TRUE(answer.alert().has_acknowledged_at());
  EXPECT_EQ(Acknowledge(1, "").first.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  // Who and note are kept: an identity number once was as well.
  EXPECT_EQ(Acknowledge(1, "13097248022").first.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReadErrorDetails(Acknowledge(999, "x").first).reason, "ALERT_NOT_FOUND");
  Commit({MakePeriod(11, 1, 7)});
  EXPECT_EQ(ReadErrorDetails(Acknowledge(1, "x").first).reason, "ALERT_RESOLVED");
  v1::GetAlertRequest request;
  request.set_alert_id(1);
  v1::GetAlertResponse got;
  const auto context = Context();
  ASSERT_TRUE(v1::AlertService::NewStub(channel_)->GetAlert(context.get(), request, &got).ok());
  EXPECT_EQ(got.alert().status(), v1::ALERT_STATUS_RESOLVED);
  EXPECT_EQ(got.alert().acknowledged_by(), "FLO operations");
}

TEST_F(AlertServiceTest, R23_AlertsAreNoUpdatesOfFigures) {
  ServeUnstaffedLists(1);
  const int64_t revision = core_->revision();
  ASSERT_TRUE(Acknowledge(1, "FLO operations").first.ok());
  Publish();
  v1::WatchIndicatorsRequest request;
  request.mutable_filter()->add_area_codes("0301");
  request.mutable_filter()->add_measures("list_count");
  const auto context = Context();
  const auto stream = v1::IndicatorService::NewStub(channel_)->WatchIndicators(context.get(), request);
  v1::WatchIndicatorsResponse message;
  ASSERT_TRUE(stream->Read(&message));
  EXPECT_EQ(message.revision(), revision + 1);
  const int64_t next = Commit({MakeContract(3, "0301")});
  while (stream->Read(&message) && message.revision() < next) {
  }
  EXPECT_EQ(message.revision(), next);
  EXPECT_TRUE(message.revision_complete());
  EXPECT_GT(message.updates_size(), 0);
  context->TryCancel();
}

TEST_F(AlertServiceTest, R23_CommandLineListsShowsAndAcknowledges) {
  ServeUnstaffedLists(2);
  const auto ask = [this](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "alerts");
    arguments.insert(arguments.end(), {"--address", server_->address()});
    return RunFlosync(std::move(arguments));
  };
  const Ran csv = ask({"list", "--kind", "LIST_UNSTAFFED,LIST_UNCOVERED", "--municipality", "4601", "--output", "csv"});
  EXPECT_EQ(csv.code, 0) << csv.err;
  EXPECT_EQ(Lines(csv.out), 3U) << csv.out;
  EXPECT_NE(csv.out.find("LIST_UNSTAFFED,critical,open,contract:2,4601,2,,2020-01-01,false,"), std::string::npos)
      << csv.out;
  StartWriter();
  const Ran ack = ask({"ack", "1", "--who", "FLO operations", "--note", "substitute ordered"});
  EXPECT_EQ(ack.code, 0) << ack.err;
  EXPECT_NE(ack.out.find("by FLO operations"), std::string::npos) << ack.out;
  const Ran shown = ask({"show", "1", "--output", "json"});
  EXPECT_NE(shown.out.find("ALERT_STATUS_ACKNOWLEDGED"), std::string::npos) << shown.out;
  EXPECT_EQ(Lines(ask({"list", "--status", "acknowledged", "--output", "csv"}).out), 2U);
  EXPECT_EQ(ask({"list", "--status", "gone"}).code, 2);
  EXPECT_EQ(ask({"list", "--kind", "LIST_GONE"}).code, 2);
  EXPECT_EQ(ask({"show", "999"}).code, 1);
}

}  // namespace
}  // namespace flosync
