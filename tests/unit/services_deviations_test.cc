// DeviationService over a small store: lists, pages, decisions through the writer.
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

class DeviationServiceTest : public ServicesTest {
 protected:
  DeviationServiceTest() {
    // Contract 1 has a regular GP, contract 2 has none.
    Commit({MakeContract(1, "0301"), MakeContract(2, "0301"), MakePeriod(11, 1, 7)});
    Note({{DeviationCode::kInvalidPeriod, "contract:1", "Valid", "begins on or after its end"},
          {DeviationCode::kInvalidPeriod, "contract:2", "Valid", "begins on or after its end"},
          {DeviationCode::kConflictingVersion, "person:7", "", "one version has two contents"},
          {DeviationCode::kMalformedRecord, "", "", "is no JSON"}});
    Serve();
    stub_ = v1::DeviationService::NewStub(channel_);
  }
  ~DeviationServiceTest() override { EndWriter(); }

  void Note(std::vector<DeviationNote> notes) {
    DecodedRecord bad;
    bad.outcome = RecordOutcome::kRefused;
    bad.refused = 1;
    bad.topic = Topic::kContract;
    bad.offset = next_bad_offset_++;
    bad.timestamp = now_;
    bad.notes = std::move(notes);
    CommitInput input;
    input.records.push_back(bad);
    ASSERT_TRUE(core_->Commit(std::move(input)).ok());
    Publish();
  }

  // Carries out commands until EndWriter, as the sync loop does.
  grpc::Status List(const v1::ListDeviationsRequest& request, v1::ListDeviationsResponse& response) const {
    response.Clear();
    const auto context = Context();
    return stub_->ListDeviations(context.get(), request, &response);
  }
  [[nodiscard]] std::vector<std::string> Entities(const v1::ListDeviationsRequest& request) const {
    v1::ListDeviationsResponse response;
    const grpc::Status status = List(request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<std::string> entities;
    for (const auto& deviation : response.deviations()) entities.push_back(deviation.entity());
    return entities;
  }
  grpc::Status Get(int64_t id, v1::Deviation& out) const {
    v1::GetDeviationRequest request;
    request.set_id(id);
    v1::GetDeviationResponse response;
    const auto context = Context();
    const grpc::Status status = stub_->GetDeviation(context.get(), request, &response);
    out = response.deviation();
    return status;
  }
  [[nodiscard]] int64_t IdOf(const std::string& entity) const {
    v1::ListDeviationsRequest request;
    request.set_entity_prefix(entity);
    v1::ListDeviationsResponse response;
    EXPECT_TRUE(List(request, response).ok());
    return response.deviations_size() == 1 ? response.deviations(0).id() : 0;
  }
  [[nodiscard]] static v1::ResolveDeviationRequest Decision(int64_t id, v1::DeviationStatus status) {
    v1::ResolveDeviationRequest request;
    request.set_id(id);
    request.set_status(status);
    request.set_by("kari");
    request.set_reason("known, ticket 4711");
    return request;
  }
  grpc::Status Resolve(const v1::ResolveDeviationRequest& request, v1::ResolveDeviationResponse& response) const {
    const auto context = Context();
    return stub_->ResolveDeviation(context.get(), request, &response);
  }
  static std::string ReasonOf(const grpc::Status& status) { return ReadErrorDetails(status).reason; }

  std::unique_ptr<v1::DeviationService::Stub> stub_;

 private:
  int64_t next_bad_offset_ = 1000;
};

using Texts = std::vector<std::string>;

TEST_F(DeviationServiceTest, ListsByCodeAndEntity) {
  EXPECT_EQ(Entities({}), (Texts{"person:7", "contract:1", "contract:2", "record:flo.contract/0/1000"}));
  v1::ListDeviationsRequest request;
  request.set_entity_prefix("contract:");
  EXPECT_EQ(Entities(request), (Texts{"contract:1", "contract:2"}));
  request.add_codes("MALFORMED_RECORD");
  EXPECT_EQ(Entities(request), Texts{});
  request.add_codes("INVALID_PERIOD");
  EXPECT_EQ(Entities(request), (Texts{"contract:1", "contract:2"}));
  request.Clear();
  request.add_codes("INVALID_PERIOD");
  EXPECT_EQ(Entities(request), (Texts{"contract:1", "contract:2"}));
  request.set_entity_prefix("contract:2");
  EXPECT_EQ(Entities(request), Texts{"contract:2"});
  request.Clear();
  request.add_owners(v1::DEVIATION_OWNER_NHN);
  EXPECT_EQ(Entities(request), (Texts{"person:7", "record:flo.contract/0/1000"}));
  request.Clear();
  // Whom it touches decides: contract 1 and person 7 are high, contract 2 keeps the base priority of its code.
  request.add_priorities(v1::DEVIATION_PRIORITY_HIGH);
  EXPECT_EQ(Entities(request), (Texts{"person:7", "contract:1", "record:flo.contract/0/1000"}));
  request.clear_priorities();
  request.add_statuses(v1::DEVIATION_STATUS_RESOLVED);
  EXPECT_EQ(Entities(request), Texts{});
  request.add_statuses(v1::DEVIATION_STATUS_OPEN);
  EXPECT_EQ(Entities(request).size(), 4U);
}

// An empty answer would hide the mistake.
TEST_F(DeviationServiceTest, AFilterThatCanMatchNothingIsRefused) {
  const auto violated = [this](const v1::ListDeviationsRequest& request) {
    v1::ListDeviationsResponse response;
    const grpc::Status status = List(request, response);
    EXPECT_EQ(status.error_code(), status.ok() ? grpc::StatusCode::OK : grpc::StatusCode::INVALID_ARGUMENT);
    const auto violations = ReadErrorDetails(status).violations;
    return violations.empty() ? std::string() : violations[0].field;
  };
  v1::ListDeviationsRequest request;
  for (const std::string prefix : {"kontrakt:", "contract:x", "contract 1", "municipality:03011", "900101"}) {
    request.set_entity_prefix(prefix);
    EXPECT_EQ(violated(request), "entity_prefix") << prefix;
  }
  for (const std::string prefix :
       {"", "con", "contract:", "contract:90", "line:a.ndjson:", "record:hpr", "municipality:03"}) {
    request.set_entity_prefix(prefix);
    EXPECT_EQ(violated(request), "") << prefix;
  }
  request.Clear();
  request.add_statuses(v1::DEVIATION_STATUS_OPEN);
  request.add_statuses(v1::DEVIATION_STATUS_UNSPECIFIED);
  EXPECT_EQ(violated(request), "statuses[1]");
  request.Clear();
  request.add_priorities(static_cast<v1::DeviationPriority>(17));
  EXPECT_EQ(violated(request), "priorities[0]");
  request.Clear();
  request.add_owners(v1::DEVIATION_OWNER_UNSPECIFIED);
  EXPECT_EQ(violated(request), "owners[0]");
  request.Clear();
  for (int i = 0; i < 1000; ++i) request.add_statuses(v1::DEVIATION_STATUS_OPEN);
  EXPECT_EQ(violated(request), "");
  request.add_statuses(v1::DEVIATION_STATUS_OPEN);
  EXPECT_EQ(violated(request), "statuses");
}

TEST_F(DeviationServiceTest, PagesHoldEverythingOnce) {
  v1::ListDeviationsRequest request;
  request.set_page_size(1);
  std::set<int64_t> seen;
  v1::ListDeviationsResponse response;
  for (int pages = 1;; ++pages) {
    ASSERT_TRUE(List(request, response).ok());
    ASSERT_EQ(response.deviations_size(), 1);
    EXPECT_TRUE(seen.insert(response.deviations(0).id()).second);
    request.set_page_token(response.next_page_token());
    if (response.next_page_token().empty()) break;
    ASSERT_LT(pages, 10);
    // Opaque, and the entity is not in it.
    EXPECT_EQ(response.next_page_token().find(response.deviations(0).entity()), std::string::npos);
  }
  EXPECT_EQ(seen.size(), 4U);
  request.set_page_token("nonsense");
  EXPECT_EQ(ReasonOf(List(request, response)), "PAGE_TOKEN_INVALID");
  request.Clear();
  request.add_codes("NO_SUCH_CODE");
  EXPECT_EQ(ReasonOf(List(request, response)), "INVALID_FIELD");
}

TEST_F(DeviationServiceTest, GetTellsWhatWhereAndWhatToDo) {
  v1::Deviation d;
  ASSERT_TRUE(Get(IdOf("contract:1"), d).ok());
  EXPECT_EQ(d.code(), "INVALID_PERIOD");
  EXPECT_EQ(d.owner(), v1::DEVIATION_OWNER_HELFO);
  EXPECT_EQ(d.priority(), v1::DEVIATION_PRIORITY_HIGH);
  EXPECT_EQ(d.status(), v1::DEVIATION_STATUS_OPEN);
  EXPECT_EQ(d.first().topic(), "flo.contract");
  EXPECT_EQ(d.first().offset(), 1000);
  EXPECT_EQ(d.first_seen().seconds(), now_.ms / 1000);
  EXPECT_EQ(d.count(), 1);
  EXPECT_EQ(d.detail(), "Valid begins on or after its end");
  EXPECT_FALSE(d.remedy().empty());
  EXPECT_FALSE(d.has_decision());
  EXPECT_EQ(ReasonOf(Get(99, d)), "DEVIATION_NOT_FOUND");
}

TEST_F(DeviationServiceTest, R22_ADecisionHoldsUntilItOccursAgain) {
  StartWriter();
  v1::ResolveDeviationResponse response;
  const int64_t id = IdOf("contract:2");
  ASSERT_TRUE(Resolve(Decision(id, v1::DEVIATION_STATUS_IGNORED), response).ok());
  EXPECT_EQ(response.deviation().status(), v1::DEVIATION_STATUS_IGNORED);
  EXPECT_EQ(response.deviation().decision().by(), "kari");
  EXPECT_EQ(response.deviation().decision().reason(), "known, ticket 4711");
  EXPECT_GT(response.deviation().decision().decided_at().seconds(), 1'700'000'000);
  ASSERT_TRUE(Resolve(Decision(id, v1::DEVIATION_STATUS_RESOLVED), response).ok());
  EXPECT_EQ(response.deviation().status(), v1::DEVIATION_STATUS_RESOLVED);
  EndWriter();
  Note({{DeviationCode::kInvalidPeriod, "contract:2", "Valid", "begins on or after its end"}});
  v1::Deviation d;
  ASSERT_TRUE(Get(id, d).ok());
  EXPECT_EQ(d.status(), v1::DEVIATION_STATUS_OPEN);
  EXPECT_EQ(d.count(), 2);
  EXPECT_EQ(d.decision().count(), 1);
}

TEST_F(DeviationServiceTest, DecisionsThatCannotBeAreRefused) {
  StartWriter();
  v1::ResolveDeviationResponse response;
  EXPECT_EQ(ReasonOf(Resolve(Decision(99, v1::DEVIATION_STATUS_IGNORED), response)), "DEVIATION_NOT_FOUND");
  const int64_t id = IdOf("contract:2");
  Texts fields;
  for (const auto& request : {Decision(id, v1::DEVIATION_STATUS_OPEN),
                              [&] {
                                auto r = Decision(id, v1::DEVIATION_STATUS_IGNORED);
                                r.set_by(" ");
                                return r;
                              }(),
                              [&] {
                                auto r = Decision(id, v1::DEVIATION_STATUS_IGNORED);
                                r.set_reason("about 12837520264");
                                return r;
                              }(),
                              [&] {
                                auto r = Decision(id, v1::DEVIATION_STATUS_IGNORED);
                                r.set_reason(std::string(1001, 'x'));
                                return r;
                              }()}) {
    const grpc::Status status = Resolve(request, response);
    EXPECT_EQ(ReasonOf(status), "INVALID_FIELD");
    EXPECT_EQ(status.error_message().find("12837520264"), std::string::npos);
    for (const auto& violation : ReadErrorDetails(status).violations) fields.push_back(violation.field);
  }
  EXPECT_EQ(fields, (Texts{"status", "by", "reason", "reason"}));
}

TEST_F(DeviationServiceTest, R22_WhatALaterRecordHasMendedNeedsNoDecision) {
  const int64_t id = IdOf("contract:2");
  now_ = Instant{now_.ms + 60'000};
  Contract mended = MakeContract(2, "0301");
  mended.updated = *ParseWallTime("2024-01-01T00:00:00");
  next_offset_ = 2000;
  Commit({mended});
  v1::Deviation d;
  ASSERT_TRUE(Get(id, d).ok());
  EXPECT_EQ(d.status(), v1::DEVIATION_STATUS_RESOLVED);
  StartWriter();
  v1::ResolveDeviationResponse response;
  EXPECT_EQ(ReasonOf(Resolve(Decision(id, v1::DEVIATION_STATUS_IGNORED), response)), "DEVIATION_NOT_STANDING");
}

TEST_F(DeviationServiceTest, AWriterThatHasEndedSaysSo) {
  EndWriter();
  v1::ResolveDeviationResponse response;
  EXPECT_EQ(Resolve(Decision(1, v1::DEVIATION_STATUS_IGNORED), response).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(DeviationServiceTest, ACallThatIsGivenUpKeepsItsDeadline) {
  // Nobody carries out commands.
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(100));
  v1::ResolveDeviationResponse response;
  const grpc::Status status =
      stub_->ResolveDeviation(&context, Decision(IdOf("contract:2"), v1::DEVIATION_STATUS_IGNORED), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(DeviationServiceTest, StatusCountsOnlyWhatIsOpen) {
  const auto open = [this] {
    v1::GetSyncStatusResponse response;
    const auto context = Context();
    EXPECT_TRUE(v1::SyncService::NewStub(channel_)->GetSyncStatus(context.get(), {}, &response).ok());
    int64_t count = 0;
    for (const auto& deviation : response.deviations()) count += deviation.count();
    return count;
  };
  EXPECT_EQ(open(), 4);
  StartWriter();
  v1::ResolveDeviationResponse response;
  ASSERT_TRUE(Resolve(Decision(IdOf("contract:2"), v1::DEVIATION_STATUS_IGNORED), response).ok());
  EXPECT_TRUE(Eventually([&] { return open() == 3; }));
}

}  // namespace
}  // namespace flosync
