// The services' methods, their pages and refusals, health and listening.
#include <future>
#include <optional>
#include <set>

#include <google/protobuf/unknown_field_set.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include "daemon/services/tokens.h"
#include "state/store/keys.h"
#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

std::string ReasonOf(const grpc::Status& status) { return ReadErrorDetails(status).reason; }

class MethodsTest : public ServicesTest {
 protected:
  grpc::Status Query(const v1::QueryIndicatorsRequest& request, v1::QueryIndicatorsResponse& response) const {
    const auto context = Context();
    return v1::IndicatorService::NewStub(channel_)->QueryIndicators(context.get(), request, &response);
  }
  grpc::Status Get(int32_t hpr_number, v1::GetDoctorResponse& response) const {
    v1::GetDoctorRequest request;
    request.set_hpr_number(hpr_number);
    return Get(request, response);
  }
  grpc::Status Get(const v1::GetDoctorRequest& request, v1::GetDoctorResponse& response) const {
    const auto context = Context();
    return v1::DoctorService::NewStub(channel_)->GetDoctor(context.get(), request, &response);
  }
  grpc::Status List(const v1::ListPatientListsRequest& request, v1::ListPatientListsResponse& response) const {
    const auto context = Context();
    return v1::PatientListService::NewStub(channel_)->ListPatientLists(context.get(), request, &response);
  }
  std::vector<int64_t> ListIds(const v1::ListPatientListsRequest& request) const {
    v1::ListPatientListsResponse response;
    const grpc::Status status = List(request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<int64_t> ids;
    for (const auto& list : response.patient_lists()) ids.push_back(list.contract_id());
    return ids;
  }
  grpc::Status Get(const v1::GetSnapshotRequest& request, v1::GetSnapshotResponse& response) const {
    const auto context = Context();
    return v1::SnapshotService::NewStub(channel_)->GetSnapshot(context.get(), request, &response);
  }
  v1::GetSyncStatusResponse SyncStatus() const {
    v1::GetSyncStatusResponse response;
    const auto context = Context();
    EXPECT_TRUE(v1::SyncService::NewStub(channel_)->GetSyncStatus(context.get(), {}, &response).ok());
    return response;
  }
  void MakeSnapshots() {
    now_ = *ParseInstant("2025-02-10T10:00:00Z");
    Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
    ASSERT_EQ(MakeDueSnapshots(*core_, *ParseInstant("2025-05-15T00:00:00Z"), true)->size(), 3U);
  }
  // 1 SERVING, 2 NOT_SERVING; nothing if the service is unknown. The health messages do not come with Debian's package.
  std::optional<int> Health(const std::string& service) const;
};

TEST_F(MethodsTest, QueryIsDenseAndInCanonicalOrder) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
  Serve();
  const auto all = QueryAll();
  const auto frame = Geography::Shipped().Frame(Day(2025, 6, 1), 2025).value();
  size_t cells = 0;
  const FigurePlan plan(Definitions::Shipped().published(), false);
  for (const Area& area : frame.areas()) {
    cells += static_cast<size_t>(std::ranges::count_if(plan.entries(), [&](const FigurePlan::Entry& entry) {
      return entry.measure->ExistsAt(area.level, entry.breakdown);
    }));
  }
  ASSERT_EQ(static_cast<size_t>(all.rows_size()), cells);
  EXPECT_EQ(all.reference_date(), "2025-06-01");
  std::string last;
  int nonzero = 0;
  for (const auto& row : all.rows()) {
    const std::string key = CellKey(static_cast<uint8_t>(row.area().level()), row.area().code(), row.measure(),
                                    row.breakdown(), row.definition());
    EXPECT_LT(last, key);
    last = key;
    nonzero += row.numerator() != 0;
  }
  EXPECT_GT(nonzero, 20);
}

TEST_F(MethodsTest, QueryGivesTheFigureAsPublished) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
  Serve();
  v1::QueryIndicatorsRequest request;
  request.mutable_filter()->add_area_codes("0301");
  request.mutable_filter()->add_measures("gp_specialist_share");
  request.mutable_filter()->add_breakdowns("all");
  v1::QueryIndicatorsResponse response;
  ASSERT_TRUE(Query(request, response).ok());
  ASSERT_EQ(response.rows_size(), 1);
  const auto& row = response.rows(0);
  EXPECT_EQ(row.definition(), "nki-gp-specialist/3.0");
  EXPECT_EQ(row.numerator(), 1);
  EXPECT_EQ(row.denominator(), 1);
  EXPECT_EQ(row.value(), "100.0");
  EXPECT_EQ(row.unit(), "percent");
  ASSERT_EQ(row.flags_size(), 1);
  EXPECT_EQ(row.flags(0), "small_base");
  EXPECT_EQ(response.revision(), 1);
}

TEST_F(MethodsTest, QueryPages) {
  Commit({MakeContract(1, "0301")});
  Serve();
  v1::QueryIndicatorsRequest request;
  request.mutable_filter()->add_measures("list_count");
  request.mutable_filter()->add_levels(v1::LEVEL_COUNTY);
  request.set_page_size(7);
  std::vector<std::string> paged;
  int pages = 0;
  do {
    v1::QueryIndicatorsResponse response;
    ASSERT_TRUE(Query(request, response).ok());
    EXPECT_LE(response.rows_size(), 7);
    for (const auto& row : response.rows()) paged.push_back(row.area().code() + row.breakdown());
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  v1::QueryIndicatorsResponse whole;
  request.set_page_size(0);
  ASSERT_TRUE(Query(request, whole).ok());
  std::vector<std::string> all;
  for (const auto& row : whole.rows()) all.push_back(row.area().code() + row.breakdown());
  EXPECT_EQ(paged, all);
  EXPECT_EQ(all.size(), 15U * 4U);
  EXPECT_EQ(pages, 9);
}

TEST_F(MethodsTest, QueryPageSizeHasADefaultAndAMaximum) {
  Commit({MakeContract(1, "0301")});
  ServerOptions options;
  options.max_figure_page_rows = 2000;
  Serve(options);
  v1::QueryIndicatorsResponse response;
  ASSERT_TRUE(Query({}, response).ok());
  EXPECT_EQ(response.rows_size(), 1000);
  v1::QueryIndicatorsRequest request;
  request.set_page_size(1'000'000);
  response.Clear();
  ASSERT_TRUE(Query(request, response).ok());
  EXPECT_EQ(response.rows_size(), 2000);
}

TEST_F(MethodsTest, QueryRefusalsByName) {
  Serve();
  v1::QueryIndicatorsResponse response;
  grpc::Status status = Query({}, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "NOT_READY");
  Commit({MakeContract(1, "0301")});

  v1::QueryIndicatorsRequest request;
  request.mutable_known_at()->set_seconds(1);
  status = Query(request, response);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELD") << "live figures are not known at another instant";
  request = {};
  request.set_reference_date("1 May");
  EXPECT_EQ(ReasonOf(Query(request, response)), "INVALID_FIELD");
  request = {};
  request.set_structure_date("2025-01-01");
  EXPECT_EQ(ReasonOf(Query(request, response)), "INVALID_FIELD");
  request = {};
  request.mutable_filter()->add_definitions("gp-statistics/0.9");
  EXPECT_EQ(ReasonOf(Query(request, response)), "INVALID_FIELD") << "it has no live figures";
  request.set_reference_date("2025-01-01");
  request.set_structure_date("2014-12-31");
  EXPECT_EQ(Query(request, response).error_code(), grpc::StatusCode::OUT_OF_RANGE);

  request = {};
  request.set_page_size(-1);
  EXPECT_EQ(ReasonOf(Query(request, response)), "INVALID_FIELD");
  request = {};
  request.set_page_token("garbage");
  EXPECT_EQ(ReasonOf(Query(request, response)), "PAGE_TOKEN_INVALID");

  request = {};
  request.set_page_size(1);
  ASSERT_TRUE(Query(request, response).ok());
  request.set_page_token(response.next_page_token());
  request.mutable_filter()->add_measures("list_count");
  EXPECT_EQ(ReasonOf(Query(request, response)), "PAGE_TOKEN_INVALID") << "of another filter";

  request = {};
  request.mutable_filter()->add_definitions("x");
  request.mutable_filter()->add_measures("list_count");
  request.mutable_filter()->add_measures("x");
  request.mutable_filter()->add_breakdowns("x");
  request.mutable_filter()->add_levels(v1::LEVEL_UNSPECIFIED);
  request.mutable_filter()->add_area_codes("3805");  // no municipality of 2025
  status = Query(request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "FILTER_INVALID");
  std::set<std::string> fields;
  for (const auto& violation : ReadErrorDetails(status).violations) fields.insert(violation.field);
  EXPECT_EQ(fields, (std::set<std::string>{"filter.definitions[0]", "filter.measures[1]", "filter.breakdowns[0]",
                                           "filter.levels[0]", "filter.area_codes[0]"}));
  request = {};
  for (int i = 0; i < 1001; ++i) request.mutable_filter()->add_measures("list_count");
  EXPECT_EQ(ReasonOf(Query(request, response)), "FILTER_INVALID");
}

TEST_F(MethodsTest, MessagesBeyondTheLimitAreRefused) {
  ServerOptions options;
  options.max_receive_message_bytes = 1000;
  Serve(options);
  v1::QueryIndicatorsRequest request;
  request.set_page_token(std::string(2000, 'x'));
  v1::QueryIndicatorsResponse response;
  EXPECT_EQ(Query(request, response).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(MethodsTest, CallsBeyondTheQueueAreRefused) {
  ServerOptions options;
  options.max_queued_calls = 0;
  Serve(options);
  v1::QueryIndicatorsResponse response;
  const grpc::Status status = Query({}, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "TOO_MANY_CALLS");
  EXPECT_TRUE(ReadErrorDetails(status).retry_after.has_value());
}

TEST_F(MethodsTest, SnapshotsAreListedInPages) {
  MakeSnapshots();
  Serve();
  const auto stub = v1::SnapshotService::NewStub(channel_);
  v1::ListSnapshotsRequest request;
  request.set_page_size(2);
  v1::ListSnapshotsResponse response;
  auto context = Context();
  ASSERT_TRUE(stub->ListSnapshots(context.get(), request, &response).ok());
  ASSERT_EQ(response.snapshots_size(), 2);
  EXPECT_EQ(response.snapshots(0).reference_date(), "2025-03-01");
  request.set_page_token(response.next_page_token());
  response.Clear();
  context = Context();
  ASSERT_TRUE(stub->ListSnapshots(context.get(), request, &response).ok());
  ASSERT_EQ(response.snapshots_size(), 1);
  EXPECT_EQ(response.snapshots(0).reference_date(), "2025-05-01");
  EXPECT_TRUE(response.next_page_token().empty());
  request.set_page_token("garbage");
  context = Context();
  EXPECT_EQ(ReasonOf(stub->ListSnapshots(context.get(), request, &response)), "PAGE_TOKEN_INVALID");
}

TEST_F(MethodsTest, SnapshotIsDescribed) {
  MakeSnapshots();
  Serve();
  v1::GetSnapshotRequest request;
  v1::GetSnapshotResponse response;
  ASSERT_TRUE(Get(request, response).ok());
  EXPECT_EQ(response.snapshot().reference_date(), "2025-05-01") << "the latest";
  request.set_reference_date("2025-04-01");
  request.set_edition(1);
  ASSERT_TRUE(Get(request, response).ok());
  const auto& snapshot = response.snapshot();
  EXPECT_EQ(snapshot.reference_date(), "2025-04-01");
  EXPECT_EQ(snapshot.edition(), 1);
  EXPECT_EQ(snapshot.content_hash().size(), 64U);
  EXPECT_EQ(snapshot.reference_instant().seconds(), ParseInstant("2025-04-01T04:00:00Z")->ms / 1000);
  EXPECT_EQ(snapshot.positions_size(), 3);
  EXPECT_EQ(snapshot.definitions_size(), 3);
  EXPECT_EQ(snapshot.population_year(), 2025);
}

TEST_F(MethodsTest, SnapshotRefusalsByName) {
  Serve();
  v1::GetSnapshotRequest request;
  v1::GetSnapshotResponse response;
  EXPECT_EQ(Get(request, response).error_code(), grpc::StatusCode::NOT_FOUND) << "there is none yet";
  MakeSnapshots();
  request.set_reference_date("2020-01-01");
  EXPECT_EQ(Get(request, response).error_code(), grpc::StatusCode::NOT_FOUND);
  request.set_reference_date("1 May");
  EXPECT_EQ(ReasonOf(Get(request, response)), "INVALID_FIELD");
  request.set_reference_date("2025-05-01");
  request.set_edition(-1);
  EXPECT_EQ(ReasonOf(Get(request, response)), "INVALID_FIELD");
  request.set_edition(2);
  EXPECT_EQ(ReasonOf(Get(request, response)), "SNAPSHOT_NOT_FOUND");
}

TEST_F(MethodsTest, SnapshotIsRead) {
  MakeSnapshots();
  Serve();
  const auto context = Context();
  const auto stream = v1::SnapshotService::NewStub(channel_)->ReadSnapshot(context.get(), {});
  v1::ReadSnapshotResponse message;
  std::vector<v1::IndicatorRow> rows;
  int64_t promised = 0;
  bool first = true;
  while (stream->Read(&message)) {
    EXPECT_EQ(message.has_snapshot(), std::exchange(first, false));
    EXPECT_LE(message.rows_size(), 500);
    if (message.has_snapshot()) promised = message.snapshot().row_count();
    rows.insert(rows.end(), message.rows().begin(), message.rows().end());
  }
  ASSERT_TRUE(stream->Finish().ok());
  EXPECT_GT(rows.size(), 5000U);
  EXPECT_EQ(static_cast<int64_t>(rows.size()), promised);
  EXPECT_EQ(rows.front().area().code(), "NO");
  EXPECT_TRUE(Eventually([&] { return server_->open_streams() == 0; }));
}

TEST_F(MethodsTest, ReadSnapshotRefusesAsGetSnapshot) {
  MakeSnapshots();
  Serve();
  v1::ReadSnapshotRequest request;
  request.set_edition(2);
  const auto context = Context();
  const auto stream = v1::SnapshotService::NewStub(channel_)->ReadSnapshot(context.get(), request);
  v1::ReadSnapshotResponse message;
  EXPECT_FALSE(stream->Read(&message));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "SNAPSHOT_NOT_FOUND");
}

TEST_F(MethodsTest, SnapshotThatLacksRowsIsNotTakenForWhole) {
  MakeSnapshots();
  Batch batch(*store_);
  batch.Delete(Family::kSnapshots, SnapshotRowsKey(Day(2025, 5, 1), 1, 3));
  ASSERT_TRUE(store_->Commit(batch).ok());
  Serve();
  const auto context = Context();
  const auto stream = v1::SnapshotService::NewStub(channel_)->ReadSnapshot(context.get(), {});
  v1::ReadSnapshotResponse message;
  while (stream->Read(&message)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::DATA_LOSS);
}

TEST_F(MethodsTest, DoctorIsTold) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
  Serve();
  v1::GetDoctorResponse response;
  ASSERT_TRUE(Get(101, response).ok());
  const auto& doctor = response.doctor();
  EXPECT_EQ(doctor.hpr_number(), 101);
  EXPECT_EQ(doctor.surviving_hpr_number(), 101);
  EXPECT_TRUE(doctor.in_hpr());
  EXPECT_TRUE(doctor.specialist());
  EXPECT_TRUE(doctor.authorised());
  EXPECT_EQ(doctor.birth_year(), 1980);
  EXPECT_EQ(doctor.sex(), v1::SEX_FEMALE);
  ASSERT_EQ(doctor.specialist_periods_size(), 1);
  EXPECT_EQ(doctor.specialist_periods(0).from(), "2015-01-01");
  EXPECT_EQ(doctor.specialist_periods(0).to(), "");
  EXPECT_EQ(doctor.hpr_updated(), "2020-01-01T12:00:00");
  ASSERT_EQ(doctor.contracts_size(), 1);
  EXPECT_EQ(doctor.contracts(0).doctor_period_id(), 11);
  EXPECT_EQ(doctor.contracts(0).contract_id(), 1);
  EXPECT_EQ(doctor.contracts(0).relationship(), "LPFL");
  EXPECT_EQ(doctor.contracts(0).percentage(), 100);
  EXPECT_TRUE(doctor.contracts(0).current());
  EXPECT_EQ(response.revision(), 1);
}

TEST_F(MethodsTest, MergedNumbersAreOneDoctor) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 100), MakePeriod(12, 1, 101), MakePeriod(13, 1, 102),
          MakePerson(102, true), Merge{100, 101}, Merge{101, 102}});
  Serve();
  for (const int32_t number : {100, 101, 102}) {
    v1::GetDoctorResponse response;
    ASSERT_TRUE(Get(number, response).ok());
    EXPECT_EQ(response.doctor().hpr_number(), number);
    EXPECT_EQ(response.doctor().surviving_hpr_number(), 102);
    EXPECT_TRUE(response.doctor().specialist());
    EXPECT_EQ(response.doctor().contracts_size(), 3) << "those of merged numbers included";
  }
}

TEST_F(MethodsTest, DoctorWhoIsNotInHprIsKnownByContracts) {
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(102, true)});
  Commit({Deletion{{EntityKind::kPerson, 102}}, Deletion{{EntityKind::kDoctorPeriod, 11}}, MakePeriod(12, 1, 103)});
  Serve();
  v1::GetDoctorResponse response;
  ASSERT_TRUE(Get(103, response).ok());
  EXPECT_FALSE(response.doctor().in_hpr());
  EXPECT_EQ(response.doctor().contracts_size(), 1);
  ASSERT_TRUE(Get(102, response).ok());
  EXPECT_FALSE(response.doctor().in_hpr());
  EXPECT_FALSE(response.doctor().specialist()) << "of a deleted entry nothing is told";
}

TEST_F(MethodsTest, DoctorRefusalsByName) {
  Serve();
  v1::GetDoctorResponse response;
  EXPECT_EQ(ReasonOf(Get(1, response)), "NOT_READY");
  Commit({MakePerson(101, true)});
  const grpc::Status unknown = Get(987654, response);
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(unknown.error_message().find("987654"), std::string::npos) << "no HPR numbers in texts";
  EXPECT_EQ(ReasonOf(Get(0, response)), "INVALID_FIELD");
  EXPECT_EQ(ReasonOf(Get(-5, response)), "INVALID_FIELD");
  v1::GetDoctorRequest request;
  request.set_hpr_number(101);
  request.set_as_of("2020-01-01");
  EXPECT_EQ(ReasonOf(Get(request, response)), "AS_OF_NOT_SUPPORTED");
  request.clear_as_of();
  request.mutable_known_at();
  EXPECT_EQ(ReasonOf(Get(request, response)), "KNOWN_AT_NOT_SUPPORTED");
}

TEST_F(MethodsTest, ListsAreTold) {
  PatientCount count;
  count.contract_id = 1;
  count.patients = 950;
  count.counted = *ParseWallTime("2025-05-01T00:00:00");
  Commit({MakeContract(1, "0301"), count, MakePeriod(11, 1, 100), MakePeriod(12, 1, 103, "LPVI"), MakePerson(101, true),
          Merge{100, 101}});
  Contract old = MakeContract(2, "3805");
  Contract ended = MakeContract(3, "0301");
  ended.period.to = Day(2025, 1, 1);
  Commit({old, ended});
  Serve();
  v1::ListPatientListsResponse response;
  ASSERT_TRUE(List({}, response).ok());
  ASSERT_EQ(response.patient_lists_size(), 2) << "active lists only";
  const auto& staffed = response.patient_lists(0);
  EXPECT_TRUE(staffed.staffed());
  EXPECT_EQ(staffed.municipality_today(), "0301");
  EXPECT_EQ(staffed.patients(), 950);
  EXPECT_EQ(staffed.list_cap(), 1000);
  ASSERT_EQ(staffed.regular_gps_size(), 1);
  EXPECT_EQ(staffed.regular_gps(0), 101) << "the surviving number";
  ASSERT_EQ(staffed.substitutes_size(), 1);
  EXPECT_EQ(staffed.substitutes(0), 103);
  const auto& unstaffed = response.patient_lists(1);
  EXPECT_EQ(unstaffed.municipality(), "3805");
  EXPECT_EQ(unstaffed.municipality_today(), "3909") << "Larvik since 2024";
  EXPECT_EQ(unstaffed.unstaffed_since(), "2020-01-01");
  EXPECT_TRUE(unstaffed.unstaffed_over_1y());
  EXPECT_FALSE(unstaffed.has_patients());
  EXPECT_EQ(response.revision(), 2);
}

TEST_F(MethodsTest, ListsAreFiltered) {
  Contract new_list = MakeContract(3, "4601");
  new_list.period.from = Day(2025, 5, 1);
  Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakeContract(2, "0301"), MakePeriod(12, 2, 102, "LPVI"),
          new_list});
  Serve();
  v1::ListPatientListsRequest request;
  EXPECT_EQ(ListIds(request), (std::vector<int64_t>{1, 2, 3}));
  request.set_unstaffed_only(true);
  EXPECT_EQ(ListIds(request), (std::vector<int64_t>{2, 3}));
  request.set_without_substitute(true);
  EXPECT_EQ(ListIds(request), (std::vector<int64_t>{3}));
  request = {};
  request.set_unstaffed_before("2025-05-01");
  EXPECT_EQ(ListIds(request), (std::vector<int64_t>{2}));
  request.set_unstaffed_before("2025-05-02");
  EXPECT_EQ(ListIds(request), (std::vector<int64_t>{2, 3}));
  request.set_municipality("4601");
  EXPECT_EQ(ListIds(request), (std::vector<int64_t>{3}));
}

TEST_F(MethodsTest, ListsArePaged) {
  Commit(ManyContracts(1, 25));
  Serve();
  v1::ListPatientListsRequest request;
  request.set_page_size(10);
  std::vector<int64_t> ids;
  int pages = 0;
  do {
    v1::ListPatientListsResponse response;
    ASSERT_TRUE(List(request, response).ok());
    for (const auto& list : response.patient_lists()) ids.push_back(list.contract_id());
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(pages, 3);
  ASSERT_EQ(ids.size(), 25U);
  for (int64_t i = 0; i < 25; ++i) EXPECT_EQ(ids[static_cast<size_t>(i)], i + 1);
}

TEST_F(MethodsTest, ListRefusalsByName) {
  Commit({MakeContract(1, "0301"), MakeContract(2, "0301")});
  Serve();
  v1::ListPatientListsResponse response;
  v1::ListPatientListsRequest request;
  request.set_municipality("3805");
  EXPECT_EQ(ReasonOf(List(request, response)), "INVALID_FIELD") << "was, but is no longer";
  request.set_municipality("03");
  EXPECT_EQ(ReasonOf(List(request, response)), "INVALID_FIELD") << "a county";
  request = {};
  request.set_unstaffed_before("soon");
  EXPECT_EQ(ReasonOf(List(request, response)), "INVALID_FIELD");
  request = {};
  request.set_page_size(1);
  ASSERT_TRUE(List(request, response).ok());
  request.set_page_token(response.next_page_token());
  request.set_unstaffed_only(true);
  EXPECT_EQ(ReasonOf(List(request, response)), "PAGE_TOKEN_INVALID");
}

TEST_F(MethodsTest, SyncStatusTellsAll) {
  MakeSnapshots();
  CommitInput input;
  DecodedRecord bad;
  bad.outcome = RecordOutcome::kRefused;
  bad.topic = Topic::kPerson;
  bad.offset = 1000;
  bad.timestamp = now_;
  bad.notes.push_back({DeviationCode::kMalformedRecord, "", "", "is no JSON"});
  input.records.push_back(bad);
  ASSERT_TRUE(core_->Commit(std::move(input)).ok());
  Serve();
  DaemonStatus status;
  status.epoch = "epoch-1";
  status.revision = 2;
  status.started_at = {1'000'500};
  status.synced_at = Instant{2'000'000};
  status.sources.push_back({"hpr.person", 3, 40, 50, Instant{1}, false});
  status.sources.push_back({"hpr.event", 0, 7, std::nullopt, std::nullopt, true});
  status.records.read = 9;
  status.source.connected = false;
  status.source.last_error = "no broker";
  status.commits = 5;
  status.persons = 6;
  publication_->Publish(status);
  const auto told = SyncStatus();
  EXPECT_FALSE(told.version().empty());
  EXPECT_EQ(told.store_epoch(), "epoch-1");
  EXPECT_EQ(told.started_at().seconds(), 1000);
  EXPECT_EQ(told.started_at().nanos(), 500'000'000);
  EXPECT_FALSE(told.has_last_complete_sync());
  ASSERT_EQ(told.sources_size(), 2);
  EXPECT_EQ(told.sources(0).lag_records(), 10);
  EXPECT_GT(told.sources(0).age_seconds(), 1'000'000);
  EXPECT_FALSE(told.sources(1).has_end());
  EXPECT_FALSE(told.sources(1).has_age_seconds());
  EXPECT_TRUE(told.sources(1).caught_up());
  EXPECT_EQ(told.records().read(), 9);
  EXPECT_FALSE(told.connection().connected());
  EXPECT_EQ(told.connection().error(), "no broker");
  EXPECT_EQ(told.work().commits(), 5);
  EXPECT_EQ(told.holdings().persons(), 6);
  EXPECT_EQ(told.latest_snapshot().reference_date(), "2025-05-01");
  ASSERT_EQ(told.deviations_size(), 1);
  EXPECT_EQ(told.deviations(0).code(), "MALFORMED_RECORD");
  EXPECT_EQ(told.deviations(0).count(), 1);
}

std::optional<int> MethodsTest::Health(const std::string& service) const {
  google::protobuf::UnknownFieldSet request;
  if (!service.empty()) request.AddLengthDelimited(1, service);
  std::string bytes;
  request.SerializeToString(&bytes);
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer in(&slice, 1);
  grpc::ByteBuffer out;
  const auto context = Context();
  grpc::GenericStub stub(channel_);
  std::promise<grpc::Status> done;
  stub.UnaryCall(context.get(), "/grpc.health.v1.Health/Check", {}, &in, &out,
                 [&done](const grpc::Status& status) { done.set_value(status); });
  if (!done.get_future().get().ok()) return std::nullopt;
  grpc::Slice answer;
  EXPECT_TRUE(out.DumpToSingleSlice(&answer).ok());
  google::protobuf::UnknownFieldSet response;
  EXPECT_TRUE(response.ParseFromArray(answer.begin(), static_cast<int>(answer.size())));
  return response.field_count() == 1 ? static_cast<int>(response.field(0).varint()) : 0;
}

TEST_F(MethodsTest, HealthFollowsReadiness) {
  Serve();
  for (const char* service : {"", "flosync.v1.IndicatorService", "flosync.v1.SnapshotService",
                              "flosync.v1.DoctorService", "flosync.v1.PatientListService", "flosync.v1.SyncService"}) {
    EXPECT_EQ(Health(service), 2) << service;
  }
  EXPECT_EQ(Health("flosync.v1.Nonsense"), std::nullopt);
  Publish(true);
  EXPECT_TRUE(Eventually([&] { return Health("") == 1 && Health("flosync.v1.SyncService") == 1; }));
  Publish(false);
  EXPECT_TRUE(Eventually([&] { return Health("flosync.v1.IndicatorService") == 2; }));
}

TEST_F(MethodsTest, OnlyLoopbackIsListenedOn) {
  for (const char* address : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.org:0"}) {
    ServerOptions options;
    options.address = address;
    const auto server = GrpcServer::Start(options, publication_.get());
    EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument) << address;
    EXPECT_NE(std::string(server.status().message()).find("TLS"), std::string::npos) << address;
  }
  for (const char* address : {"", "127.0.0.1", ":0", "127.0.0.1:x", "127.0.0.1:70000", "::1:0", "127.0.0.999:0"}) {
    ServerOptions options;
    options.address = address;
    EXPECT_FALSE(GrpcServer::Start(options, publication_.get()).ok()) << address;
  }
}

TEST_F(MethodsTest, PortInUseIsRefused) {
  Serve();
  EXPECT_GT(server_->port(), 0);
  ServerOptions options;
  options.address = server_->address();
  const auto second = GrpcServer::Start(options, publication_.get());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(MethodsTest, NothingIsAnsweredAfterShutdown) {
  Commit({MakeContract(1, "0301")});
  Serve();
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5));
  server_->Shutdown(std::chrono::system_clock::now());
  Publish();  // finds no server
  v1::QueryIndicatorsResponse response;
  grpc::ClientContext context;
  EXPECT_EQ(v1::IndicatorService::NewStub(channel_)->QueryIndicators(&context, {}, &response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace flosync
