// Every refusal of every method can be told from others without reading its text (AIP-193).
#include <functional>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

using Metadata = std::map<std::string, std::string>;

class ErrorsOfServices : public ServicesTest {
 protected:
  ErrorsOfServices() {
    now_ = *ParseInstant("2025-02-10T10:00:00Z");
    Commit({MakeContract(1, "0301"), MakePeriod(11, 1, 101), MakePerson(101, true)});
    EXPECT_EQ(MakeDueSnapshots(*core_, *ParseInstant("2025-03-15T00:00:00Z"), true)->size(), 1U);
    Serve();
    StartWriter();
  }

  // The status of one unary call.
  template <typename Service, typename Request, typename Response>
  grpc::Status Ask(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const std::function<void(Request&)>& fill) const {
    Request request;
    fill(request);
    Response response;
    const auto context = Context();
    const auto stub = Service::NewStub(channel_);
    return (stub.get()->*method)(context.get(), request, &response);
  }
  static void Expect(const grpc::Status& status, grpc::StatusCode code, const std::string& reason,
                     const Metadata& metadata = {}) {
    SCOPED_TRACE(status.error_message());
    EXPECT_EQ(status.error_code(), code);
    const ErrorDetails details = ReadErrorDetails(status);
    EXPECT_EQ(details.reason, reason);
    EXPECT_EQ(details.metadata, metadata);
    EXPECT_NE(status.error_details().find(std::string("\x12\x07") + kErrorDomain), std::string::npos);
    EXPECT_EQ(details.violations.empty(), code != grpc::StatusCode::INVALID_ARGUMENT);
  }
};

constexpr auto kInvalid = grpc::StatusCode::INVALID_ARGUMENT;
constexpr auto kNotFound = grpc::StatusCode::NOT_FOUND;
constexpr auto kOutOfRange = grpc::StatusCode::OUT_OF_RANGE;

TEST_F(ErrorsOfServices, OfAlertService) {
  using Service = v1::AlertService;
  Expect(Ask<Service, v1::ListAlertsRequest, v1::ListAlertsResponse>(&Service::Stub::ListAlerts,
                                                                     [](auto& request) { request.set_page_size(-1); }),
         kInvalid, "INVALID_FIELD");
  Expect(Ask<Service, v1::GetAlertRequest, v1::GetAlertResponse>(&Service::Stub::GetAlert,
                                                                 [](auto& request) { request.set_alert_id(17); }),
         kNotFound, "ALERT_NOT_FOUND", {{"alert_id", "17"}});
  Expect(Ask<Service, v1::AcknowledgeAlertRequest, v1::AcknowledgeAlertResponse>(&Service::Stub::AcknowledgeAlert,
                                                                                 [](auto& request) {
                                                                                   request.set_alert_id(17);
                                                                                   request.set_who("FLO");
                                                                                 }),
         kNotFound, "ALERT_NOT_FOUND", {{"alert_id", "17"}});
}

TEST_F(ErrorsOfServices, OfDeviationService) {
  using Service = v1::DeviationService;
  Expect(Ask<Service, v1::ListDeviationsRequest, v1::ListDeviationsResponse>(
             &Service::Stub::ListDeviations, [](auto& request) { request.set_page_token("x"); }),
         kInvalid, "PAGE_TOKEN_INVALID");
  Expect(Ask<Service, v1::GetDeviationRequest, v1::GetDeviationResponse>(&Service::Stub::GetDeviation,
                                                                         [](auto& request) { request.set_id(99); }),
         kNotFound, "DEVIATION_NOT_FOUND", {{"id", "99"}});
  Expect(Ask<Service, v1::ResolveDeviationRequest, v1::ResolveDeviationResponse>(&Service::Stub::ResolveDeviation,
                                                                                 [](auto& request) {
                                                                                   request.set_id(99);
                                                                                   request.set_status(
                                                                                       v1::DEVIATION_STATUS_IGNORED);
                                                                                   request.set_by("kari");
                                                                                   request.set_reason("known");
                                                                                 }),
         kNotFound, "DEVIATION_NOT_FOUND", {{"id", "99"}});
}

// The number is left out: details end up in logs.
TEST_F(ErrorsOfServices, OfDoctorService) {
  using Service = v1::DoctorService;
  const auto get = [this](int32_t number, const std::string& known_at) {
    return Ask<Service, v1::GetDoctorRequest, v1::GetDoctorResponse>(&Service::Stub::GetDoctor, [&](auto& request) {
      request.set_hpr_number(number);
      if (!known_at.empty()) request.mutable_known_at()->set_seconds(ParseInstant(known_at)->ms / 1000);
    });
  };
  Expect(get(0, ""), kInvalid, "INVALID_FIELD");
  Expect(get(999, ""), kNotFound, "DOCTOR_NOT_KNOWN", {{"known_at", ""}});
  EXPECT_EQ(get(999, "").error_message().find("known_at"), std::string::npos) << "it was not asked with one";
  Expect(get(101, "2025-02-09T00:00:00Z"), kNotFound, "DOCTOR_NOT_KNOWN", {{"known_at", "2025-02-09T00:00:00.000Z"}});
  // In Oslo this is the year 10000 already.
  Expect(get(101, "9999-12-31T23:00:00Z"), kInvalid, "INVALID_FIELD");
  EXPECT_TRUE(get(101, "9999-12-31T22:59:59Z").ok());
  Expect(Ask<Service, v1::GetDoctorHistoryRequest, v1::GetDoctorHistoryResponse>(
             &Service::Stub::GetDoctorHistory, [](auto& request) { request.set_hpr_number(999); }),
         kNotFound, "DOCTOR_NOT_KNOWN", {{"known_at", ""}});
}

TEST_F(ErrorsOfServices, OfIndicatorService) {
  using Service = v1::IndicatorService;
  const auto query = [this](const std::function<void(v1::QueryIndicatorsRequest&)>& fill) {
    return Ask<Service, v1::QueryIndicatorsRequest, v1::QueryIndicatorsResponse>(&Service::Stub::QueryIndicators, fill);
  };
  Expect(query([](auto& request) { request.mutable_filter()->add_measures("gp_cuont"); }), kInvalid, "FILTER_INVALID");
  const Metadata bounds = {{"first", "2015-01-01"}, {"last", "2026-12-31"}};
  Expect(query([](auto& request) { request.set_reference_date("2014-12-01"); }), kOutOfRange, "DATE_OUT_OF_RANGE",
         bounds);
  Expect(query([](auto& request) {
           request.set_reference_date("2025-01-01");
           request.set_structure_date("2027-01-01");
         }),
         kOutOfRange, "DATE_OUT_OF_RANGE", bounds);
  Expect(query([](auto& request) { request.set_reference_date("9999-12-31"); }), kOutOfRange, "DATE_OUT_OF_RANGE",
         {{"first", "2015-01-01"}, {"last", "2036-12-31"}});
  v1::WatchIndicatorsRequest request;
  request.set_resume_token("x");
  const auto context = Context();
  const auto stream = Service::NewStub(channel_)->WatchIndicators(context.get(), request);
  v1::WatchIndicatorsResponse message;
  EXPECT_FALSE(stream->Read(&message));
  Expect(stream->Finish(), kInvalid, "RESUME_TOKEN_INVALID");
}

TEST_F(ErrorsOfServices, OfPatientListService) {
  using Service = v1::PatientListService;
  Expect(Ask<Service, v1::ListPatientListsRequest, v1::ListPatientListsResponse>(
             &Service::Stub::ListPatientLists, [](auto& request) { request.set_municipality("9999"); }),
         kInvalid, "INVALID_FIELD");
}

TEST_F(ErrorsOfServices, OfSnapshotService) {
  using Service = v1::SnapshotService;
  const Metadata january = {{"reference_date", "2024-01-01"}, {"edition", "2"}};
  const auto name = [](auto* snapshot) {
    snapshot->set_reference_date("2024-01-01");
    snapshot->set_edition(2);
  };
  Expect(Ask<Service, v1::ListSnapshotsRequest, v1::ListSnapshotsResponse>(
             &Service::Stub::ListSnapshots, [](auto& request) { request.set_page_token("x"); }),
         kInvalid, "PAGE_TOKEN_INVALID");
  Expect(Ask<Service, v1::GetSnapshotRequest, v1::GetSnapshotResponse>(&Service::Stub::GetSnapshot,
                                                                       [&](auto& request) { name(&request); }),
         kNotFound, "SNAPSHOT_NOT_FOUND", january);
  Expect(Ask<Service, v1::CompareSnapshotsRequest, v1::CompareSnapshotsResponse>(
             &Service::Stub::CompareSnapshots, [&](auto& request) { name(request.mutable_before()); }),
         kNotFound, "SNAPSHOT_NOT_FOUND", january);
  const auto explain = [this](const std::function<void(v1::ExplainFigureRequest&)>& fill) {
    return Ask<Service, v1::ExplainFigureRequest, v1::ExplainFigureResponse>(&Service::Stub::ExplainFigure, fill);
  };
  Expect(explain([&](auto& request) { name(request.mutable_snapshot()); }), kNotFound, "SNAPSHOT_NOT_FOUND", january);
  Expect(explain([](auto& request) {
           request.set_level(v1::LEVEL_MUNICIPALITY);
           request.set_area_code("9999");
           request.set_measure("list_count");
         }),
         kNotFound, "FIGURE_NOT_FOUND",
         {{"definition", "gp-statistics/1.0"}, {"area_code", "9999"}, {"measure", "list_count"}, {"breakdown", "all"}});
  v1::ReadSnapshotRequest request;
  name(&request);
  const auto context = Context();
  const auto stream = Service::NewStub(channel_)->ReadSnapshot(context.get(), request);
  v1::ReadSnapshotResponse message;
  EXPECT_FALSE(stream->Read(&message));
  Expect(stream->Finish(), kNotFound, "SNAPSHOT_NOT_FOUND", january);
}

// What is wrong with the disk is told by the code's name.
TEST_F(ErrorsOfServices, OfTheStore) {
  Batch batch(*store_);
  batch.Put(Family::kDeviations, "x", "no deviation");
  ASSERT_TRUE(store_->Commit(batch).ok());
  Expect(Ask<v1::DeviationService, v1::ListDeviationsRequest, v1::ListDeviationsResponse>(
             &v1::DeviationService::Stub::ListDeviations, [](auto&) {}),
         grpc::StatusCode::DATA_LOSS, "DATA_LOSS");
}

class ErrorsBeforeTheFirstCommit : public ServicesTest {};

TEST_F(ErrorsBeforeTheFirstCommit, OfSyncService) {
  Serve();
  v1::AuditStateResponse response;
  const auto context = Context();
  const grpc::Status status = v1::SyncService::NewStub(channel_)->AuditState(context.get(), {}, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReadErrorDetails(status).reason, "NOT_READY");
  EXPECT_TRUE(ReadErrorDetails(status).retry_after.has_value());
}

TEST(ErrorsOfStatus, EveryCodeHasAReason) {
  for (const absl::Status& status :
       {absl::NotFoundError("x"), absl::DataLossError("x"), absl::UnavailableError("x"), absl::InternalError("x")}) {
    EXPECT_EQ(ReadErrorDetails(FromStatus(status)).reason, absl::StatusCodeToString(status.code()));
  }
  const grpc::Status changed = FromChange(absl::FailedPreconditionError("x"), "A", "B", {{"id", "1"}});
  EXPECT_EQ(ReadErrorDetails(changed).reason, "B");
  EXPECT_EQ(ReadErrorDetails(changed).metadata, (Metadata{{"id", "1"}}));
  EXPECT_EQ(ReadErrorDetails(FromChange(absl::ResourceExhaustedError("x"), "A", "B", {})).reason, "TOO_MANY_CHANGES");
  EXPECT_EQ(ReadErrorDetails(GivenUp()).reason, "CANCELLED");
}

}  // namespace
}  // namespace flosync
