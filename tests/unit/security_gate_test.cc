// The gate: who gets in, what each may ask, and what an answer may name.
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "daemon/confirmed_clock.h"
#include "daemon/security/authorizer.h"
#include "daemon/security/doctor_numbers.h"
#include "daemon/security/gatekeeper.h"
#include "tests/support/source_directory.h"
#include "tests/unit/security_testing.h"
#include "tests/unit/temp_directory.h"

#include "flosync/v1/alert_service.pb.h"
#include "flosync/v1/deviation_service.pb.h"
#include "flosync/v1/doctor_service.pb.h"
#include "flosync/v1/indicator_service.pb.h"
#include "flosync/v1/patient_list_service.pb.h"
#include "flosync/v1/snapshot_service.pb.h"
#include "flosync/v1/sync_service.pb.h"

namespace flosync {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;

std::vector<const FileDescriptor*> ApiFiles() {
  const std::vector<const FileDescriptor*> files = {
      v1::ListAlertsRequest::descriptor()->file(),       v1::ListDeviationsRequest::descriptor()->file(),
      v1::GetDoctorRequest::descriptor()->file(),        v1::QueryIndicatorsRequest::descriptor()->file(),
      v1::ListPatientListsRequest::descriptor()->file(), v1::ListSnapshotsRequest::descriptor()->file(),
      v1::GetSyncStatusRequest::descriptor()->file()};
  size_t services = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SourceDirectory() + "/proto/flosync/v1")) {
    services += entry.path().string().ends_with("_service.proto") ? 1 : 0;
  }
  EXPECT_EQ(files.size(), services) << "a file of the API is missing here";
  return files;
}

void EachField(const Descriptor& type, const std::function<void(const FieldDescriptor&)>& visit) {
  for (int i = 0; i < type.field_count(); ++i) visit(*type.field(i));
  for (int i = 0; i < type.nested_type_count(); ++i) EachField(*type.nested_type(i), visit);
}

TEST(ApiMethods, EachHasAScope) {
  int methods = 0;
  for (const FileDescriptor* file : ApiFiles()) {
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m, ++methods) {
        const MethodDescriptor& method = *file->service(s)->method(m);
        const std::string name = Join(method.service()->full_name(), "/", method.name());
        EXPECT_TRUE(RequiredScope(name)) << name << ": give it a scope in daemon/security/authorizer.cc";
        if (!CanNameDoctors(*method.output_type()) || !method.server_streaming()) continue;
        EXPECT_TRUE(method.name().starts_with("Watch")) << name << ": only WatchStream passes Gatekeeper::Disclose";
      }
    }
  }
  EXPECT_GE(methods, 28);
}

TEST(ApiFields, ThoseThatCanNameADoctorAreInTheTable) {
  // Numbers of other things, counts and flags.
  const std::set<std::string> harmless = {"flosync.v1.GetDoctorResponse.doctor",
                                          "flosync.v1.DoctorRecord.doctor_period_id",
                                          "flosync.v1.DoctorOnContract.doctor_period_id",
                                          "flosync.v1.Doctor.hpr_updated",
                                          "flosync.v1.Doctor.hpr_record",
                                          "flosync.v1.Doctor.in_hpr",
                                          "flosync.v1.DoctorStatus.in_hpr",
                                          "flosync.v1.ListDoctorsResponse.doctors",
                                          "flosync.v1.DoctorFacts.in_hpr",
                                          "flosync.v1.Holdings.doctor_periods",
                                          "flosync.v1.Holdings.persons",
                                          "flosync.v1.ListPatientListsRequest.without_substitute"};
  for (const FileDescriptor* file : ApiFiles()) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      EachField(*file->message_type(i), [&harmless](const FieldDescriptor& field) {
        bool suspicious = false;
        for (const char* word : {"hpr", "doctor", "gps", "substitute", "subject", "entity", "person", "alias"}) {
          suspicious |= field.name().find(word) != std::string::npos;
        }
        if (!suspicious || harmless.contains(field.full_name())) return;
        EXPECT_NE(DoctorFieldOf(field), DoctorField::kNone)
            << field.full_name() << ": can it name a doctor? Then it belongs in daemon/security/doctor_numbers.cc";
      });
    }
  }
}

// The table is of names; one that were no field's would guard nothing.
TEST(DoctorNumbers, FieldsWhoseNamesDoNotSayItAreInTheTable) {
  const auto kind = [](const Descriptor* type, const char* field) {
    return DoctorFieldOf(*type->FindFieldByName(field));
  };
  EXPECT_EQ(kind(v1::FieldChange::descriptor(), "new_value"), DoctorField::kChange);
  EXPECT_EQ(kind(v1::FieldChange::descriptor(), "old_value"), DoctorField::kChange);
  EXPECT_EQ(kind(v1::FieldChange::descriptor(), "field"), DoctorField::kNone);
}

TEST(DoctorNumbers, AreFoundWhereverTheyStand) {
  v1::ListAlertsResponse alerts;
  v1::Alert* alert = alerts.add_alerts();
  alert->set_subject("person:999000011");
  alert->add_hpr_numbers(999000012);
  alert->add_hpr_numbers(999000013);
  alerts.add_alerts()->set_subject("contract:900101");
  EXPECT_EQ(DoctorsIn(alerts), (std::set<int64_t>{999000011, 999000012, 999000013}));
  LeaveOutDoctors(alerts);
  EXPECT_EQ(alerts.alerts(0).subject(), "person:");
  EXPECT_EQ(alerts.alerts(0).hpr_numbers_size(), 0);
  EXPECT_EQ(alerts.alerts(1).subject(), "contract:900101");

  v1::GetDoctorHistoryResponse history;
  v1::DoctorRecord* record = history.add_records();
  record->set_doctor_period_id(7);
  v1::FieldChange* change = record->add_changes();
  change->set_field("substitute_for_hpr_number");
  change->set_new_value("999000014");
  change = record->add_changes();
  change->set_field("contract_id");
  change->set_new_value("900101");
  EXPECT_EQ(DoctorsIn(history), std::set<int64_t>{999000014});
  EXPECT_FALSE(CanNameDoctors(*v1::QueryIndicatorsResponse::descriptor()));
}

TEST(RateLimiter, ABucketHoldsASecondsCallsAndFillsEvenly) {
  RateLimiter limiter(2, 3);
  const Instant t{1000};
  EXPECT_TRUE(limiter.Take("a", t));
  EXPECT_TRUE(limiter.Take("a", t));
  EXPECT_FALSE(limiter.Take("a", t));
  EXPECT_TRUE(limiter.Take("b", t)) << "one client's calls are not another's";
  EXPECT_FALSE(limiter.Take("a", {1400}));
  EXPECT_TRUE(limiter.Take("a", {1500}));
  EXPECT_FALSE(limiter.Take("a", {1500}));
  for (const char* client : {"c", "d", "e", "f"}) EXPECT_TRUE(limiter.Take(client, t));
  EXPECT_EQ(limiter.clients(), 3);
}

// A call of an address, with what it brings along.
Arrival From(const std::string& authorization, const std::string& purpose = "", const std::string& correlation_id = "",
             const std::string& address = "ipv4:192.0.2.7") {
  Arrival arrival;
  arrival.address = address;
  arrival.authorization = authorization;
  arrival.purpose = purpose;
  arrival.correlation_id = correlation_id;
  return arrival;
}

class GateTest : public ::testing::Test {
 protected:
  void Open() {
    auto gate = Gatekeeper::Open(config_, directory_.path() + "/access_log.ndjson");
    ASSERT_TRUE(gate.ok()) << gate.status();
    gate_ = *std::move(gate);
  }
  void OpenForTokens() {
    std::ofstream(directory_.path() + "/keys.json") << KeySetOf({TestKey::Curve().public_jwk});
    config_.tokens.issuer = "i";
    config_.tokens.audience = "a";
    config_.tokens.keys = directory_.path() + "/keys.json";
    Open();
  }
  [[nodiscard]] static std::string Token(const std::string& scopes) {
    const int64_t until = SystemNow().ms / 1000 + 600;
    return "Bearer " +
           SignToken(R"({"alg":"ES256","typ":"at+jwt","kid":"curve"})",
                     Join(R"({"iss":"i","aud":"a","sub":"report","exp":)", until, R"(,"scope":")", scopes, "\"}"),
                     TestKey::Curve());
  }
  // "" = admitted.
  std::string Reason(const Arrival& arrival, const std::string& method) {
    caller_ = {};
    const auto denial = gate_->Admit(arrival, method, caller_);
    return denial ? denial->reason : "";
  }
  [[nodiscard]] std::string Log() const {
    std::ifstream file(directory_.path() + "/access_log.ndjson");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TempDirectory directory_;
  SecurityConfig config_;
  std::unique_ptr<Gatekeeper> gate_;
  Caller caller_;
};

constexpr const char* kGetDoctor = "flosync.v1.DoctorService/GetDoctor";
constexpr const char* kListAlerts = "flosync.v1.AlertService/ListAlerts";

TEST_F(GateTest, WithoutConfigurationThisMachineMayEverythingAndReadsAreLogged) {
  Open();
  ASSERT_EQ(Reason(From(""), kGetDoctor), "");
  EXPECT_EQ(caller_.who, "local");
  v1::GetDoctorResponse response;
  response.mutable_doctor()->set_hpr_number(999000011);
  EXPECT_FALSE(gate_->Disclose(caller_, kGetDoctor, v1::GetDoctorRequest(), response));
  EXPECT_EQ(response.doctor().hpr_number(), 999000011);
  EXPECT_NE(Log().find("\"who\":\"local\""), std::string::npos);
  EXPECT_NE(Log().find("999000011"), std::string::npos);
  EXPECT_EQ(Reason(From(""), "flosync.v1.DoctorService/Nonsense"), "METHOD_NOT_ALLOWED");
}

TEST_F(GateTest, AMethodNeedsItsScope) {
  OpenForTokens();
  const std::string all = "flosync:indicators.read flosync:lists.read flosync:alerts.write flosync:admin";
  EXPECT_EQ(Reason(From(Token("flosync:lists.read")), kListAlerts), "");
  EXPECT_EQ(Reason(From(Token("flosync:indicators.read")), kListAlerts), "SCOPE_MISSING");
  EXPECT_EQ(Reason(From(Token(all), "p"), kGetDoctor), "SCOPE_MISSING");
  EXPECT_EQ(Reason(From(Token("flosync:doctors.read")), kGetDoctor), "PURPOSE_MISSING");
  EXPECT_EQ(Reason(From(Token("flosync:doctors.read"), "   "), kGetDoctor), "PURPOSE_MISSING");
  EXPECT_EQ(Reason(From(Token("flosync:doctors.read"), "p"), kGetDoctor), "");
  EXPECT_EQ(Reason(From(""), kListAlerts), "CREDENTIALS_MISSING");
  EXPECT_EQ(Reason(From("Basic Zm9vOmJhcg=="), kListAlerts), "CREDENTIALS_MISSING");
  EXPECT_EQ(Reason(From("DPoP x"), kListAlerts), "CREDENTIALS_MISSING");
}

TEST_F(GateTest, WithoutScopeOrPurposeNumbersAreLeftOutWithBothTheReadIsLogged) {
  OpenForTokens();
  const std::string both = Token("flosync:lists.read flosync:doctors.read");
  const auto read = [this](const Arrival& arrival) {
    EXPECT_EQ(Reason(arrival, kListAlerts), "");
    v1::ListAlertsResponse response;
    response.add_alerts()->add_hpr_numbers(999000011);
    EXPECT_FALSE(gate_->Disclose(caller_, kListAlerts, v1::ListAlertsRequest(), response));
    return response.alerts(0).hpr_numbers_size();
  };
  EXPECT_EQ(read(From(Token("flosync:lists.read"), "p")), 0);
  EXPECT_EQ(read(From(both)), 0);
  EXPECT_EQ(Log(), "");
  EXPECT_EQ(read(From(both, "case 17", "a-1")), 1);
  EXPECT_NE(Log().find("\"purpose\":\"case 17\",\"correlation_id\":\"a-1\""), std::string::npos);
}

TEST_F(GateTest, AskingForOneDoctorIsNoWayRoundTheScope) {
  OpenForTokens();
  ASSERT_EQ(Reason(From(Token("flosync:lists.read")), kListAlerts), "");
  v1::ListAlertsRequest alerts;
  EXPECT_FALSE(gate_->CheckQuestion(caller_, alerts));
  alerts.mutable_filter()->set_subject("person:999000011");
  EXPECT_TRUE(gate_->CheckQuestion(caller_, alerts));
  v1::ListDeviationsRequest deviations;
  deviations.set_entity_prefix("person:");
  EXPECT_FALSE(gate_->CheckQuestion(caller_, deviations));
  deviations.set_entity_prefix("person:9");
  EXPECT_TRUE(gate_->CheckQuestion(caller_, deviations));
}

TEST_F(GateTest, NoLogNoAnswer) {
  Open();
  ASSERT_EQ(Reason(From(""), kListAlerts), "");
  v1::ListAlertsResponse response;
  response.add_alerts()->add_hpr_numbers(999000011);
  // A disk that is full.
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  rlimit limit = old_limit;
  limit.rlim_cur = 10;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
  const auto denial = gate_->Disclose(caller_, kListAlerts, v1::ListAlertsRequest(), response);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_TRUE(denial);
  EXPECT_EQ(denial->reason, "ACCESS_LOG_FAILED");
  EXPECT_EQ(Log(), "");
  EXPECT_FALSE(gate_->Disclose(caller_, kListAlerts, v1::ListAlertsRequest(), response)) << "and goes on afterwards";
}

TEST_F(GateTest, AnAnswerWithMoreDoctorsThanAnEntryHoldsIsRefused) {
  Open();
  ASSERT_EQ(Reason(From(""), kListAlerts), "");
  v1::ListAlertsResponse response;
  for (int i = 0; i < 120'000; ++i) response.add_alerts()->add_hpr_numbers(999'000'000 + i);
  const auto denial = gate_->Disclose(caller_, kListAlerts, v1::ListAlertsRequest(), response);
  ASSERT_TRUE(denial);
  EXPECT_EQ(denial->reason, "TOO_MANY_DOCTORS");
}

TEST_F(GateTest, MetadataIsChecked) {
  Open();
  Arrival twice = From("");
  twice.repeated_metadata = true;
  for (const Arrival& arrival :
       {From("", std::string(201, 'x')), From("", "a\nb"), From("", "12837520264"), From("", "p", "a b"),
        From("", "p", std::string(129, 'x')), From("", "p", "12837520264"), twice}) {
    EXPECT_EQ(Reason(arrival, kListAlerts), "METADATA_INVALID");
  }
}

TEST_F(GateTest, CallsBeyondTheRateAreRefused) {
  config_.max_calls_per_second = 3;
  OpenForTokens();
  const Arrival good = From(Token("flosync:lists.read"));
  std::string last;
  for (int i = 0; i < 50 && last != "TOO_MANY_CALLS"; ++i) last = Reason(good, kListAlerts);
  EXPECT_EQ(last, "TOO_MANY_CALLS");
}

TEST_F(GateTest, BadAttemptsOfAnAddressAreBounded) {
  OpenForTokens();
  const Arrival bad = From("Bearer a.b.c");
  std::string last;
  for (int i = 0; i < 500 && last != "TOO_MANY_CALLS"; ++i) last = Reason(bad, kListAlerts);
  EXPECT_EQ(last, "TOO_MANY_CALLS");
  EXPECT_EQ(Reason(From(Token("flosync:lists.read"), "", "", "ipv4:192.0.2.8"), kListAlerts), "");
}

TEST_F(GateTest, BadAttemptsOfAnAddressLockOutNobodyWhoIsGood) {
  OpenForTokens();
  const Arrival good = From(Token("flosync:lists.read"));
  for (const char* bad : {"", "Bearer a.b.c"}) {
    for (int i = 0; i < 50; ++i) static_cast<void>(Reason(From(bad), kListAlerts));
    ASSERT_EQ(Reason(From(bad), kListAlerts), "TOO_MANY_CALLS");
    EXPECT_EQ(Reason(good, kListAlerts), "") << bad;
  }
}

TEST(ClientGrant, IsAnOrganisationAndScopes) {
  EXPECT_TRUE(IsClientGrant("974760673 flosync:lists.read flosync:doctors.read"));
  for (const char* bad :
       {"", "974760673", "flosync:lists.read", "974760673 lists.read", "974760673  flosync:lists.read"}) {
    EXPECT_FALSE(IsClientGrant(bad)) << bad;
  }
}

}  // namespace
}  // namespace flosync
