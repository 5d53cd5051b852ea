// Read masks: answers have what is named and nothing else, whatever the method; what is logged, left out and paged
// stays as it is.
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "daemon/services/read_mask.h"
#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

using google::protobuf::util::MessageDifferencer;

class ReadMasks : public ServicesTest {
 protected:
  ReadMasks() {
    now_ = *ParseInstant("2025-02-10T10:00:00Z");
    CommitInput whole;  // alerts of lists begin when everything has been read once
    whole.whole = true;
    whole.now = now_;
    EXPECT_TRUE(core_->Commit(std::move(whole)).ok());
    // The list whose GP is not in HPR and the doctor who is not are deviations, the list without a GP an alert.
    Commit({MakeContract(1, "0301"), MakeContract(2, "1103"), MakeContract(3, "5501"), MakePeriod(11, 1, 101),
            MakePeriod(12, 1, 102), MakePerson(101, true)});
    EXPECT_EQ(MakeDueSnapshots(*core_, *ParseInstant("2025-03-15T00:00:00Z"), true)->size(), 1U);
    Serve();
  }

  template <typename Stub, typename Request, typename Response>
  grpc::Status Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response& response) const {
    const auto context = Context();
    Stub stub(channel_);
    return (stub.*method)(context.get(), request, &response);
  }
  // The answer with and without the mask.
  template <typename Stub, typename Request, typename Response>
  std::pair<Response, Response> AskTwice(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                         const std::vector<std::string>& paths, Request request = {}) const {
    std::pair<Response, Response> answers;
    EXPECT_TRUE(Ask(method, request, answers.second).ok());
    for (const std::string& path : paths) request.mutable_read_mask()->add_paths(path);
    const grpc::Status masked = Ask(method, request, answers.first);
    EXPECT_TRUE(masked.ok()) << masked.error_message();
    return answers;
  }
  template <typename Stub, typename Request, typename Response>
  grpc::Status Refused(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                       const std::vector<std::string>& paths) const {
    Request request;
    for (const std::string& path : paths) request.mutable_read_mask()->add_paths(path);
    Response response;
    return Ask(method, request, response);
  }
  std::vector<v1::ReadSnapshotResponse> ReadSnapshot(const std::vector<std::string>& paths,
                                                     grpc::Status& status) const {
    v1::ReadSnapshotRequest request;
    for (const std::string& path : paths) request.mutable_read_mask()->add_paths(path);
    const auto context = Context();
    const auto reader = v1::SnapshotService::NewStub(channel_)->ReadSnapshot(context.get(), request);
    std::vector<v1::ReadSnapshotResponse> messages;
    v1::ReadSnapshotResponse message;
    while (reader->Read(&message)) messages.push_back(message);
    status = reader->Finish();
    return messages;
  }
  static void ExpectOnly(const v1::IndicatorRow& masked, const v1::IndicatorRow& whole) {
    v1::IndicatorRow expected;
    expected.mutable_area()->set_code(whole.area().code());
    expected.set_measure(whole.measure());
    expected.set_value(whole.value());
    EXPECT_EQ(masked.DebugString(), expected.DebugString());
  }
};

TEST_F(ReadMasks, ADoctorHasWhatIsNamed) {
  v1::GetDoctorRequest request;
  request.set_hpr_number(101);
  const auto [masked, whole] =
      AskTwice(&v1::DoctorService::Stub::GetDoctor, {"specialist", "hpr_record.known_from", "contracts"}, request);
  v1::GetDoctorResponse expected = whole;
  expected.clear_doctor();
  expected.mutable_doctor()->set_specialist(true);
  *expected.mutable_doctor()->mutable_hpr_record()->mutable_known_from() = whole.doctor().hpr_record().known_from();
  *expected.mutable_doctor()->mutable_contracts() = whole.doctor().contracts();
  EXPECT_EQ(masked.DebugString(), expected.DebugString());
  ASSERT_EQ(masked.doctor().contracts_size(), 1);
}

TEST_F(ReadMasks, ListsHaveWhatIsNamedOfEach) {
  const auto [doctors, all_doctors] = AskTwice(&v1::DoctorService::Stub::ListDoctors, {"hpr_number", "specialist"});
  ASSERT_EQ(doctors.doctors_size(), 2);
  EXPECT_EQ(doctors.doctors(0).ShortDebugString(), "hpr_number: 101 specialist: true");
  EXPECT_EQ(doctors.reference_date(), all_doctors.reference_date()) << "beside the resource everything is there";

  const auto [lists, all_lists] = AskTwice(&v1::PatientListService::Stub::ListPatientLists, {"municipality"});
  ASSERT_EQ(lists.patient_lists_size(), 3);
  EXPECT_EQ(lists.patient_lists(1).ShortDebugString(), "municipality: \"1103\"");
  EXPECT_GT(all_lists.patient_lists(1).contract_id(), 0);
  EXPECT_EQ(lists.revision(), all_lists.revision());

  const auto [alerts, all_alerts] = AskTwice(&v1::AlertService::Stub::ListAlerts, {"kind"});
  ASSERT_GT(alerts.alerts_size(), 0);
  EXPECT_EQ(alerts.alerts(0).ShortDebugString(), "kind: \"" + all_alerts.alerts(0).kind() + "\"");

  const auto [deviations, all_deviations] = AskTwice(&v1::DeviationService::Stub::ListDeviations, {"code", "count"});
  ASSERT_GT(deviations.deviations_size(), 0);
  EXPECT_EQ(deviations.deviations(0).ShortDebugString(),
            "code: \"" + all_deviations.deviations(0).code() + "\" count: 1");

  const auto [snapshots, all_snapshots] = AskTwice(&v1::SnapshotService::Stub::ListSnapshots, {"reference_date"});
  ASSERT_EQ(snapshots.snapshots_size(), 1);
  EXPECT_EQ(snapshots.snapshots(0).ShortDebugString(), "reference_date: \"2025-03-01\"");
  EXPECT_GT(all_snapshots.snapshots(0).positions_size(), 0);
}

TEST_F(ReadMasks, FiguresHaveWhatIsNamed) {
  for (const char* date : {"", "2025-02-01"}) {
    SCOPED_TRACE(date);
    v1::QueryIndicatorsRequest request;
    request.set_reference_date(date);
    const auto [masked, whole] =
        AskTwice(&v1::IndicatorService::Stub::QueryIndicators, {"area.code", "measure", "value"}, request);
    ASSERT_GT(masked.rows_size(), 10);
    ASSERT_EQ(masked.rows_size(), whole.rows_size());
    for (int i = 0; i < masked.rows_size(); ++i) ExpectOnly(masked.rows(i), whole.rows(i));
    EXPECT_EQ(masked.next_page_token(), whole.next_page_token());
    EXPECT_EQ(masked.reference_date(), whole.reference_date());
  }
}

TEST_F(ReadMasks, RowsOfASnapshotHaveWhatIsNamedAndItsDescriptionIsWhole) {
  grpc::Status status;
  const auto masked = ReadSnapshot({"area.code", "measure", "value"}, status);
  EXPECT_TRUE(status.ok()) << status.error_message();
  const auto whole = ReadSnapshot({}, status);
  ASSERT_GT(masked.size(), 1U);
  ASSERT_EQ(masked.size(), whole.size());
  EXPECT_TRUE(MessageDifferencer::Equals(masked.front().snapshot(), whole.front().snapshot()));
  for (size_t m = 0; m < masked.size(); ++m) {
    ASSERT_EQ(masked[m].rows_size(), whole[m].rows_size());
    for (int i = 0; i < masked[m].rows_size(); ++i) ExpectOnly(masked[m].rows(i), whole[m].rows(i));
  }
}

TEST_F(ReadMasks, WhatIsNoFieldIsRefusedByEveryMethod) {
  const std::vector<std::string> many(kMostMaskPaths + 1, "revision");
  for (const auto& paths :
       std::vector<std::vector<std::string>>{{"secret"}, {""}, {"."}, {"*"}, {"doctors.hpr_number"}, {"rows"}, many}) {
    SCOPED_TRACE(paths.front());
    grpc::Status of_stream;
    EXPECT_TRUE(ReadSnapshot(paths, of_stream).empty());
    for (const grpc::Status& status :
         {Refused(&v1::DoctorService::Stub::GetDoctor, paths), Refused(&v1::DoctorService::Stub::ListDoctors, paths),
          Refused(&v1::PatientListService::Stub::ListPatientLists, paths),
          Refused(&v1::AlertService::Stub::ListAlerts, paths),
          Refused(&v1::DeviationService::Stub::ListDeviations, paths),
          Refused(&v1::SnapshotService::Stub::ListSnapshots, paths),
          Refused(&v1::IndicatorService::Stub::QueryIndicators, paths), of_stream}) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
      const ErrorDetails details = ReadErrorDetails(status);
      EXPECT_EQ(details.reason, "INVALID_FIELD");
      ASSERT_EQ(details.violations.size(), 1U);
      EXPECT_EQ(details.violations[0].field, "read_mask");
      EXPECT_EQ(status.error_message().find("secret"), std::string::npos) << "texts end up in logs";
    }
  }
  const grpc::Status into_list = Refused(&v1::DoctorService::Stub::ListDoctors, {"specialist", "contracts.period"});
  EXPECT_EQ(ReadErrorDetails(into_list).violations.at(0).description,
            "path 2 names no field of ListedDoctor; there are hpr_number, surviving_hpr_number, specialist, "
            "specialist_reason, contracts, lists only whole");
}

TEST_F(ReadMasks, TokensOfPagesGoOnWithAnyMask) {
  v1::ListDoctorsRequest request;
  request.set_page_size(1);
  request.mutable_read_mask()->add_paths("specialist");
  v1::ListDoctorsResponse first;
  ASSERT_TRUE(Ask(&v1::DoctorService::Stub::ListDoctors, request, first).ok());
  EXPECT_EQ(first.doctors(0).ShortDebugString(), "specialist: true");
  request.set_page_token(first.next_page_token());
  for (const char* path : {"hpr_number", "surviving_hpr_number", ""}) {
    request.clear_read_mask();
    if (*path != 0) request.mutable_read_mask()->add_paths(path);
    v1::ListDoctorsResponse second;
    const grpc::Status status = Ask(&v1::DoctorService::Stub::ListDoctors, request, second);
    ASSERT_TRUE(status.ok()) << status.error_message();
    const v1::ListedDoctor& doctor = second.doctors(0);
    EXPECT_EQ(doctor.hpr_number() + doctor.surviving_hpr_number(), *path == 0 ? 2 * 102 : 102);
  }
}

TEST_F(ReadMasks, TheAccessLogIsTheSameWithAndWithout) {
  const auto lines = [this] {
    std::ifstream file(AccessLogPath());
    std::vector<std::string> numbers;
    for (std::string line; std::getline(file, line);) {
      const size_t at = line.find("\"doctors\":");
      if (at != std::string::npos) numbers.push_back(line.substr(at, line.find(']', at) - at));
    }
    return numbers;
  };
  v1::GetDoctorRequest one;
  one.set_hpr_number(102);
  const size_t before = lines().size();
  (void)AskTwice(&v1::DoctorService::Stub::GetDoctor, {"specialist"}, one);
  (void)AskTwice(&v1::DoctorService::Stub::ListDoctors, {"specialist"});
  (void)AskTwice(&v1::PatientListService::Stub::ListPatientLists, {"contract_id"});
  const auto noted = lines();
  ASSERT_EQ(noted.size(), before + 6);
  for (size_t i = before; i < noted.size(); i += 2) EXPECT_EQ(noted[i], noted[i + 1]);
  EXPECT_NE(noted[before + 2].find("101"), std::string::npos) << noted[before + 2];
}

// A method that gets a mask is to say here what its resource is.
TEST(ReadMaskedMethods, HaveTheResourceThatIsMeant) {
  const std::map<std::string, std::string> expected = {
      {"GetDoctor", "doctor"},     {"ListDoctors", "doctors"},       {"ListPatientLists", "patient_lists"},
      {"ListAlerts", "alerts"},    {"ListDeviations", "deviations"}, {"ListSnapshots", "snapshots"},
      {"QueryIndicators", "rows"}, {"ReadSnapshot", "rows"}};
  std::map<std::string, std::string> found;
  for (const auto* file :
       {v1::AlertFilter::descriptor()->file(), v1::Deviation::descriptor()->file(), v1::Doctor::descriptor()->file(),
        v1::IndicatorFilter::descriptor()->file(), v1::PatientList::descriptor()->file(),
        v1::Snapshot::descriptor()->file(), v1::Work::descriptor()->file()}) {
    for (int m = 0; m < file->service(0)->method_count(); ++m) {
      const auto& method = *file->service(0)->method(m);
      if (method.input_type()->FindFieldByName("read_mask") == nullptr) continue;
      found[method.name()] = ResourceIn(*method.output_type()).name();
    }
  }
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace flosync
