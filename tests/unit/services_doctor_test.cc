// DoctorService: one doctor today and on other days, the history, the refusals.
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "daemon/security/access_log_check.h"
#include "state/core/shrinking.h"
#include "tests/unit/services_fixture.h"

namespace flosync {
namespace {

std::string ReasonOf(const grpc::Status& status) { return ReadErrorDetails(status).reason; }

class DoctorServiceTest : public ServicesTest {
 protected:
  grpc::Status Get(int32_t hpr_number, v1::GetDoctorResponse& response) const {
    v1::GetDoctorRequest request;
    request.set_hpr_number(hpr_number);
    return Get(request, response);
  }
  grpc::Status Get(const v1::GetDoctorRequest& request, v1::GetDoctorResponse& response) const {
    const auto context = Context();
    return v1::DoctorService::NewStub(channel_)->GetDoctor(context.get(), request, &response);
  }
  v1::GetDoctorResponse Ask(int32_t hpr_number, const std::string& as_of, const std::string& known_at) const {
    v1::GetDoctorRequest request;
    request.set_hpr_number(hpr_number);
    request.set_as_of(as_of);
    if (!known_at.empty()) request.mutable_known_at()->set_seconds(ParseInstant(known_at)->ms / 1000);
    v1::GetDoctorResponse response;
    const grpc::Status status = Get(request, response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  grpc::Status History(const v1::GetDoctorHistoryRequest& request, v1::GetDoctorHistoryResponse& response) const {
    const auto context = Context();
    return v1::DoctorService::NewStub(channel_)->GetDoctorHistory(context.get(), request, &response);
  }
  // A person without speciality, and a day later the same with one.
  void BecomeSpecialist() {
    now_ = *ParseInstant("2025-03-01T10:00:00Z");
    Commit({MakePerson(101, false), MakeContract(1, "0301"), MakePeriod(11, 1, 101)});
    now_ = *ParseInstant("2025-03-02T10:00:00Z");
    Person person = MakePerson(101, true);
    person.updated = *ParseWallTime("2025-03-02T08:00:00");
    Commit({person});
    now_ = *ParseInstant("2025-06-01T10:00:00Z");
    AdvanceTo(now_);
  }
};

TEST_F(DoctorServiceTest, DoctorIsTold) {
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

TEST_F(DoctorServiceTest, EveryAnswerIsInTheAccessLogBeforeItComesHoweverManyAskAtOnce) {
  Commit({MakePerson(101, true)});
  Serve();
  constexpr int kThreads = 8;
  constexpr int kEach = 25;
  const auto logged = [this] {
    std::ifstream file(AccessLogPath());
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  std::vector<std::thread> asking;
  for (int thread = 0; thread < kThreads; ++thread) {
    asking.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const std::string id = Join("call-", thread, "-", i);
        v1::GetDoctorRequest request;
        request.set_hpr_number(i % 2 == 0 ? 101 : 102);  // known, and not known
        v1::GetDoctorResponse response;
        const auto context = Context();
        context->AddMetadata("x-correlation-id", id);
        const grpc::Status status = v1::DoctorService::NewStub(channel_)->GetDoctor(context.get(), request, &response);
        ASSERT_EQ(status.error_code(), i % 2 == 0 ? grpc::StatusCode::OK : grpc::StatusCode::NOT_FOUND);
        ASSERT_NE(logged().find(Join("\"correlation_id\":\"", id, "\"")), std::string::npos) << id;
      }
    });
  }
  for (std::thread& thread : asking) thread.join();
  std::istringstream lines(logged());
  const AccessLogReport report = VerifyAccessLog(lines, "");
  EXPECT_EQ(report.first_bad_line, 0);
  EXPECT_EQ(report.end.entries, kThreads * kEach);
}

TEST_F(DoctorServiceTest, MergedNumbersAreOneDoctor) {
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

TEST_F(DoctorServiceTest, DoctorWhoIsNotInHprIsKnownByContracts) {
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

TEST_F(DoctorServiceTest, DoctorRefusalsByName) {
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
  request.set_as_of("1 May");
  EXPECT_EQ(ReasonOf(Get(request, response)), "INVALID_FIELD");
  request.clear_as_of();
  request.mutable_known_at()->set_nanos(-1);
  EXPECT_EQ(ReasonOf(Get(request, response)), "INVALID_FIELD");
  request.mutable_known_at()->set_nanos(0);
  EXPECT_EQ(ReasonOf(Get(request, response)), "DOCTOR_NOT_KNOWN") << "nothing was, in 1970";
  request.mutable_known_at()->set_seconds(INT64_MAX);
  EXPECT_EQ(ReasonOf(Get(request, response)), "INVALID_FIELD");
}

TEST_F(DoctorServiceTest, NothingAskedIsTodayByAllRecords) {
  BecomeSpecialist();
  Serve();
  const auto answer = Ask(101, "", "");
  EXPECT_EQ(answer.reference_date(), "2025-06-01");
  EXPECT_EQ(answer.reference_instant().seconds(), ParseInstant("2025-06-01T10:00:01Z")->ms / 1000);
  EXPECT_FALSE(answer.has_known_at());
  EXPECT_EQ(answer.doctor().specialist_reason(), v1::SPECIALIST_REASON_SPECIALIST);
  EXPECT_EQ(answer.doctor().hpr_record().offset(), 3);
}

TEST_F(DoctorServiceTest, AsOfAloneGoesByAllRecordsAtSixOnThatDay) {
  BecomeSpecialist();
  Serve();
  const auto answer = Ask(101, "2014-12-31", "");
  EXPECT_EQ(answer.reference_date(), "2014-12-31");
  EXPECT_EQ(answer.reference_instant().seconds(), ParseInstant("2014-12-31T05:00:00Z")->ms / 1000);
  EXPECT_FALSE(answer.has_known_at());
  EXPECT_EQ(answer.doctor().specialist_reason(), v1::SPECIALIST_REASON_SPECIALITY_NOT_BEGUN);
  EXPECT_FALSE(answer.doctor().contracts(0).current()) << "the period began in 2020";
  EXPECT_TRUE(Ask(101, "2015-01-01", "").doctor().specialist());
  EXPECT_TRUE(Ask(101, "2030-01-01", "").doctor().contracts(0).current()) << "days to come can be asked for";
}

TEST_F(DoctorServiceTest, KnownAtAloneIsAsOfItsOwnDayAndInstant) {
  BecomeSpecialist();
  Serve();
  // 23:30 UTC is the next day in Oslo.
  const auto answer = Ask(101, "", "2025-03-01T23:30:00Z");
  EXPECT_EQ(answer.reference_date(), "2025-03-02");
  EXPECT_EQ(answer.reference_instant().seconds(), answer.known_at().seconds());
  EXPECT_EQ(answer.doctor().specialist_reason(), v1::SPECIALIST_REASON_NO_SPECIALITY);
  EXPECT_FALSE(Ask(101, "", "2025-03-02T10:00:00Z").doctor().specialist()) << "K excludes the record at K";
  EXPECT_TRUE(Ask(101, "", "2025-03-02T10:00:01Z").doctor().specialist());
}

TEST_F(DoctorServiceTest, AsOfAndKnownAtTogether) {
  BecomeSpecialist();
  Serve();
  EXPECT_TRUE(Ask(101, "2025-02-01", "2025-04-01").doctor().specialist()) << "known later, true then";
  const auto answer = Ask(101, "2025-04-01", "2025-03-02");
  EXPECT_FALSE(answer.doctor().specialist()) << "true then, but not yet known";
  EXPECT_EQ(answer.doctor().hpr_updated(), "2020-01-01T12:00:00");
}

TEST_F(DoctorServiceTest, AFractionOfAMillisecondAfterARecordIncludesIt) {
  Commit({MakePerson(101, true)});
  Serve();
  v1::GetDoctorRequest request;
  request.set_hpr_number(101);
  request.mutable_known_at()->set_seconds(ParseInstant("2025-06-01T10:00:00Z")->ms / 1000);
  v1::GetDoctorResponse response;
  EXPECT_EQ(ReasonOf(Get(request, response)), "DOCTOR_NOT_KNOWN");
  request.mutable_known_at()->set_nanos(1);
  EXPECT_TRUE(Get(request, response).ok());
}

TEST_F(DoctorServiceTest, HistoryTellsWhatEachRecordChanged) {
  BecomeSpecialist();
  Commit({Deletion{{EntityKind::kPerson, 101}}});
  Serve();
  v1::GetDoctorHistoryRequest request;
  request.set_hpr_number(101);
  v1::GetDoctorHistoryResponse response;
  ASSERT_TRUE(History(request, response).ok());
  ASSERT_EQ(response.records_size(), 4);
  EXPECT_EQ(response.revision(), core_->revision());
  const auto changes = [&](int record) {
    std::map<std::string, std::string> told;
    for (const auto& change : response.records(record).changes())
      told[change.field()] = Join(change.old_value(), " -> ", change.new_value());
    return told;
  };
  using Changes = std::map<std::string, std::string>;
  EXPECT_EQ(response.records(0).doctor_period_id(), 11) << "in the order of topics at one instant";
  EXPECT_EQ(changes(0), (Changes{{"contract_id", " -> 1"},
                                 {"hpr_number", " -> 101"},
                                 {"relationship", " -> LPFL"},
                                 {"period", " -> 2020-01-01.."},
                                 {"percentage", " -> 100"}}));
  EXPECT_EQ(changes(1), (Changes{{"in_hpr", " -> true"},
                                 {"birth_year", " -> 1980"},
                                 {"sex", " -> female"},
                                 {"authorised_periods", " -> 2010-01-01.."},
                                 {"approvals[0]", " -> type 1 2010-01-01.."}}));
  const auto& specialist = response.records(2);
  EXPECT_EQ(specialist.hpr_number(), 101);
  EXPECT_EQ(specialist.kind(), v1::RECORD_KIND_STATE);
  EXPECT_EQ(specialist.effect(), v1::RECORD_EFFECT_APPLIED);
  EXPECT_EQ(specialist.version(), "2025-03-02T08:00:00");
  EXPECT_EQ(specialist.position().topic(), "hpr.person");
  EXPECT_EQ(specialist.position().known_from().seconds(), ParseInstant("2025-03-02T10:00:00Z")->ms / 1000);
  EXPECT_EQ(specialist.facts().specialist_periods(0).from(), "2015-01-01");
  EXPECT_TRUE(specialist.facts().birth_year_known());
  EXPECT_EQ(
      changes(2),
      (Changes{{"specialist_periods", " -> 2015-01-01.."},
               {"approvals[0]", "type 1 2010-01-01.. -> type 1 2010-01-01..; speciality 1 of 7426 2015-01-01.."}}));
  EXPECT_EQ(response.records(3).kind(), v1::RECORD_KIND_DELETION);
  EXPECT_EQ(changes(3), (Changes{{"in_hpr", "true -> "}}));
  EXPECT_FALSE(response.records(3).facts().in_hpr());
}

TEST_F(DoctorServiceTest, R24_HistorySaysWhatHasShrunk) {
  BecomeSpecialist();
  Shrinking pass(now_);
  ASSERT_EQ(pass.Next(*core_)->shrunk, 1);
  Serve();
  v1::GetDoctorHistoryRequest request;
  request.set_hpr_number(101);
  v1::GetDoctorHistoryResponse response;
  ASSERT_TRUE(History(request, response).ok());
  ASSERT_EQ(response.records_size(), 3);
  std::map<std::string, std::string> first;
  for (const auto& change : response.records(1).changes()) first[change.field()] = change.new_value();
  EXPECT_TRUE(response.records(1).shrunk());
  EXPECT_EQ(response.records(1).version(), "2020-01-01T12:00:00");
  EXPECT_EQ(response.records(1).effect(), v1::RECORD_EFFECT_APPLIED);
  EXPECT_EQ(first["authorised_periods"], "2010-01-01..") << "facts stay";
  EXPECT_FALSE(first.contains("approvals[0]"));
  const v1::DoctorRecord& newest = response.records(2);
  EXPECT_FALSE(newest.shrunk());
  std::map<std::string, std::pair<std::string, std::string>> then;
  for (const auto& change : newest.changes()) then[change.field()] = {change.old_value(), change.new_value()};
  EXPECT_EQ(then["specialist_periods"], std::pair(std::string(), std::string("2015-01-01..")));
  EXPECT_EQ(then["approvals[0]"].first, "shrunk");
  EXPECT_NE(then["approvals[0]"].second.find("speciality 1 of 7426"), std::string::npos);
}

TEST_F(DoctorServiceTest, HistoryIsPagedAndEndsAtKnownAt) {
  for (int i = 0; i < 7; ++i) Commit({MakePerson(101, i % 2 == 0)});
  Serve();
  v1::GetDoctorHistoryRequest request;
  request.set_hpr_number(101);
  request.set_page_size(3);
  *request.mutable_known_at() = Ask(101, "", "").reference_instant();
  std::vector<int64_t> offsets;
  do {
    v1::GetDoctorHistoryResponse response;
    ASSERT_TRUE(History(request, response).ok());
    ASSERT_LE(response.records_size(), 3);
    for (const auto& record : response.records()) offsets.push_back(record.position().offset());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(offsets, (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6}));
  request.mutable_known_at()->set_seconds(request.known_at().seconds() - 1);  // the last record's own timestamp
  request.set_page_size(0);
  v1::GetDoctorHistoryResponse response;
  ASSERT_TRUE(History(request, response).ok());
  EXPECT_EQ(response.records_size(), 6);
}

TEST_F(DoctorServiceTest, HistoryRefusalsByName) {
  Serve();
  v1::GetDoctorHistoryRequest request;
  v1::GetDoctorHistoryResponse response;
  EXPECT_EQ(ReasonOf(History(request, response)), "INVALID_FIELD");
  request.set_hpr_number(101);
  EXPECT_EQ(ReasonOf(History(request, response)), "NOT_READY");
  Commit({MakePerson(101, true), MakePerson(101, false)});
  request.set_page_size(1);
  ASSERT_TRUE(History(request, response).ok());
  request.set_page_token(response.next_page_token());
  request.set_hpr_number(102);
  EXPECT_EQ(ReasonOf(History(request, response)), "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  EXPECT_EQ(ReasonOf(History(request, response)), "DOCTOR_NOT_KNOWN");
  request.mutable_known_at()->set_nanos(1'000'000'000);
  EXPECT_EQ(ReasonOf(History(request, response)), "INVALID_FIELD");
}

}  // namespace
}  // namespace flosync
