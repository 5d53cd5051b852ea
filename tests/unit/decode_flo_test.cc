#include <gtest/gtest.h>

#include "domain/text.h"
#include "tests/unit/decode_testing.h"

namespace flosync {
namespace {

constexpr const char* kContracts = "flo.contract";
constexpr const char* kPeriods = "flo.gp-on-contract";
constexpr const char* kCounts = "flo.patient-count";

const std::string kContract = R"({"Id": 900101, "ParticipatesOnCommonList": false, "IsFixedSalary": true,
  "GPOfficeOrganizationNumber": 312345676, "MaxPatients": 1050, "Status": {"OID": 7751, "CodeValue": "FAAA"},
  "Valid": {"From": "2010-05-01T00:00:00", "To": null}, "DoctorCycles": [{"Id": "no"}],
  "Municipality": {"OID": 3402, "CodeValue": "301"}, "PatientsOnWaitingList": 12, "UpdatedOn": "2026-09-14T10:02:11.53"})";

const std::string kPeriod = R"({"Id": 700202, "GPContractId": 900101, "HprNumber": 999000022,
  "SubstituteForHprNumber": 999000011, "Valid": {"From": "2026-10-01T00:00:00", "To": "2027-01-01T00:00:00"},
  "Relationship": {"OID": 7750, "CodeValue": "LPVI"}, "WorkingPercentage": 60, "WorkingOnDays": [1, 4],
  "UpdatedOn": "2026-09-14T10:05:00"})";

Contract ExpectedContract() {
  return {900101, *ParseWallTime("2026-09-14T10:02:11.53"), {Day(2010, 5, 1), Day::Max()}, "0301", true, 1050, "FAAA"};
}

DoctorPeriod ExpectedPeriod() {
  return {
      700202, 900101, 999000022, 999000011, *ParseWallTime("2026-09-14T10:05:00"), {Day(2026, 10, 1), Day(2027, 1, 1)},
      "LPVI", 60};
}

TEST(B23_Contract, JsonAndXmlSayTheSame) {
  const auto decoded = DecodeValue(kContracts, kContract);
  EXPECT_EQ(Only<Contract>(decoded), ExpectedContract());
  EXPECT_TRUE(decoded.notes.empty());
  Contract open = ExpectedContract();
  open.fixed_salary = false;
  EXPECT_EQ(Only<Contract>(DecodeValue(kContracts, ReadSample("flr_ContractUpdated_body.xml"))), open);
}

TEST(B23_DoctorPeriod, JsonAndXmlSayTheSame) {
  const auto decoded = DecodeValue(kPeriods, kPeriod);
  EXPECT_EQ(Only<DoctorPeriod>(decoded), ExpectedPeriod());
  EXPECT_TRUE(decoded.notes.empty());
  EXPECT_EQ(Only<DoctorPeriod>(DecodeValue(kPeriods, ReadSample("flr_GPOnContractCreated_body.xml"))),
            ExpectedPeriod());
}

TEST(B23_Xml, MatchesByLocalName) {
  const std::string legacy = "http://schemas.datacontract.org/2004/07/NHN.DtoContracts.Flr.Data";
  std::string xml = With(ReadSample("flr_GPOnContractCreated_body.xml"), "http://schemas.nhn.no/reg/flr", legacy);
  EXPECT_EQ(Only<DoctorPeriod>(DecodeValue(kPeriods, xml)), ExpectedPeriod());
  xml = With(With(xml, "<Id>", "<f:Id xmlns:f=\"" + legacy + "\">"), "</Id>", "</f:Id>");
  EXPECT_EQ(Only<DoctorPeriod>(DecodeValue(kPeriods, xml)), ExpectedPeriod());
  EXPECT_EQ(Notes(DecodeValue(kContracts, xml)), std::vector<std::string>{"UNKNOWN_FORMAT - "});
}

struct Refusal {
  const char* what;
  const char* topic;
  std::string from, to, note;
};

class RefusedFloRecord : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedFloRecord, NamesTheField) {
  const Refusal& refusal = GetParam();
  const std::string& value = refusal.topic == kContracts ? kContract : kPeriod;
  const auto decoded = DecodeValue(refusal.topic, With(value, refusal.from, refusal.to));
  EXPECT_EQ(decoded.outcome, RecordOutcome::kRefused);
  EXPECT_TRUE(decoded.changes.empty());
  EXPECT_EQ(Notes(decoded), std::vector<std::string>{refusal.note});
}

INSTANTIATE_TEST_SUITE_P(
    F_Decoding, RefusedFloRecord,
    testing::Values(
        Refusal{"F5_IdZero", kContracts, "900101", "0", "INVALID_IDENTIFIER - Id"},
        Refusal{"F5_IdNegative", kContracts, "900101", "-900101", "INVALID_IDENTIFIER - Id"},
        Refusal{"F5_IdTooLarge", kContracts, "900101", "99999999999999999999", "INVALID_IDENTIFIER - Id"},
        Refusal{"F5_IdMissing", kContracts, R"("Id": 900101,)", "", "INVALID_IDENTIFIER - Id"},
        Refusal{"F5_CapNegative", kContracts, "1050", "-1", "NEGATIVE_NUMBER contract:900101 MaxPatients"},
        Refusal{"F5_CapNegativeText", kContracts, "1050", "\" -1 \"", "NEGATIVE_NUMBER contract:900101 MaxPatients"},
        Refusal{"F5_CapText", kContracts, "1050", "\"mange\"", "MALFORMED_RECORD contract:900101 MaxPatients"},
        Refusal{"F5_CapFraction", kContracts, "1050", "1050.5", "MALFORMED_RECORD contract:900101 MaxPatients"},
        Refusal{"F5_CapDouble", kContracts, "1050", "1050.0", "MALFORMED_RECORD contract:900101 MaxPatients"},
        Refusal{"F5_CapHugeNegative", kContracts, "1050", "-123456789012345678901234567890",
                "NEGATIVE_NUMBER contract:900101 MaxPatients"},
        Refusal{"F5_CapTooLarge", kContracts, "1050", "2147483648", "MALFORMED_RECORD contract:900101 MaxPatients"},
        Refusal{"F5_WaitingListNegative", kContracts, R"("PatientsOnWaitingList": 12)",
                R"("PatientsOnWaitingList": -1)", "NEGATIVE_NUMBER contract:900101 PatientsOnWaitingList"},
        Refusal{"F3_NoValid", kContracts, R"("Valid": {"From": "2010-05-01T00:00:00", "To": null},)", "",
                "INVALID_PERIOD contract:900101 Valid"},
        Refusal{"F3_NoFrom", kContracts, R"("From": "2010-05-01T00:00:00", )", "",
                "INVALID_PERIOD contract:900101 Valid.From"},
        Refusal{"F3_NullFrom", kContracts, R"("2010-05-01T00:00:00")", "null",
                "INVALID_PERIOD contract:900101 Valid.From"},
        Refusal{"R2_EmptyPeriod", kContracts, R"("To": null)", R"("To": "2010-05-01")",
                "INVALID_PERIOD contract:900101 Valid"},
        Refusal{"UnreadableFrom", kContracts, "2010-05-01T00:00:00", "2010",
                "MALFORMED_RECORD contract:900101 Valid.From"},
        Refusal{"F6_NoVersion", kContracts, R"(, "UpdatedOn": "2026-09-14T10:02:11.53")", "",
                "MALFORMED_RECORD contract:900101 UpdatedOn"},
        Refusal{"F18_NoFlag", kContracts, R"("IsFixedSalary": true)", R"("IsFixedSalary": "ja")",
                "MALFORMED_RECORD contract:900101 IsFixedSalary"},
        Refusal{"CodeNoObject", kContracts, R"({"OID": 3402, "CodeValue": "301"})", "[]",
                "MALFORMED_RECORD contract:900101 Municipality"},
        Refusal{"F5_PeriodId", kPeriods, "700202", "0", "INVALID_IDENTIFIER - Id"},
        Refusal{"F5_ContractOfPeriod", kPeriods, "900101", "-5",
                "INVALID_IDENTIFIER doctor_period:700202 GPContractId"},
        Refusal{"R8_HprNumber", kPeriods, "999000022", "null", "INVALID_IDENTIFIER doctor_period:700202 HprNumber"},
        Refusal{"R8_Substitute", kPeriods, "999000011", "-3",
                "INVALID_IDENTIFIER doctor_period:700202 SubstituteForHprNumber"},
        Refusal{"F5_Percentage", kPeriods, "60", "-60", "NEGATIVE_NUMBER doctor_period:700202 WorkingPercentage"},
        Refusal{"R2_BackwardPeriod", kPeriods, "2027-01-01T00:00:00", "2026-09-01T00:00:00",
                "INVALID_PERIOD doctor_period:700202 Valid"}),
    [](const auto& info) { return std::string(info.param.what); });

TEST(F5_Numbers, MayBeTextEverywhere) {
  std::string json = With(kContract, "900101", "\" 0900101\"");
  json = With(json, "1050", "\"+1050 \"");
  json = With(json, "312345676", "\"312345676\"");
  json = With(json, "\"301\"", "301");
  const auto decoded = DecodeValue(kContracts, json);
  EXPECT_EQ(Only<Contract>(decoded), ExpectedContract());
  EXPECT_TRUE(decoded.notes.empty());
}

TEST(F5_Percentage, ZeroAndMoreThanHundredAreUsedAsGiven) {
  for (const int percentage : {0, 1, 100, 250}) {
    const auto json = With(kPeriod, "60", std::to_string(percentage));
    EXPECT_EQ(Only<DoctorPeriod>(DecodeValue(kPeriods, json)).percentage, percentage);
  }
  EXPECT_EQ(Only<DoctorPeriod>(DecodeValue(kPeriods, With(kPeriod, "60", "null"))).percentage, std::nullopt);
}

TEST(F8_OrganisationNumber, BadOneIsNotedAndTheRecordTakesEffect) {
  for (const char* number : {"312345677", "-17", "999944999", "\"x\"", "0"}) {
    const auto decoded = DecodeValue(kContracts, With(kContract, "312345676", number));
    EXPECT_EQ(Only<Contract>(decoded), ExpectedContract());
    EXPECT_EQ(Notes(decoded), std::vector<std::string>{"INVALID_IDENTIFIER contract:900101 GPOfficeOrganizationNumber"})
        << number;
  }
  EXPECT_TRUE(DecodeValue(kContracts, With(kContract, "312345676", "null")).notes.empty());
}

TEST(R2_FlrPeriods, ToIsRoundedUpAndFromCutToItsDay) {
  const auto period = [](const std::string& from, const std::string& to) {
    auto json = With(kPeriod, "2026-10-01T00:00:00", from);
    return Only<DoctorPeriod>(DecodeValue(kPeriods, With(json, "2027-01-01T00:00:00", to))).period;
  };
  EXPECT_EQ(period("2012-01-18T08:30:00", "2012-01-18T00:00:00.0000001"), (Period{Day(2012, 1, 18), Day(2012, 1, 19)}));
  EXPECT_EQ(period("2012-01-18", "2012-02-18"), (Period{Day(2012, 1, 18), Day(2012, 2, 18)}));
  EXPECT_EQ(period("2012-01-18", "2012-02-17T23:59:59"), (Period{Day(2012, 1, 18), Day(2012, 2, 18)}));
  EXPECT_EQ(period("2012-01-18", "9999-12-31T23:59:59.997"), (Period{Day(2012, 1, 18), Day::Max()}));
  EXPECT_EQ(period("2012-01-17T23:00:00.000Z", "2012-07-01T00:00:00+02:00"),
            (Period{Day(2012, 1, 18), Day(2012, 7, 1)}));
}

TEST(R2_FlrPeriods, ThatBeginOnOrAfterTheirEndRefuseTheRecord) {
  for (const char* to : {"2026-10-01T00:00:00", "2026-09-30T23:00:00"}) {
    const DecodedRecord decoded = DecodeValue(kPeriods, With(kPeriod, "2027-01-01T00:00:00", to));
    EXPECT_TRUE(decoded.changes.empty());
    ASSERT_EQ(decoded.notes.size(), 1U);
    EXPECT_EQ(decoded.notes[0].code, DeviationCode::kInvalidPeriod);
  }
}

TEST(F18_Flags, TextsAndNull) {
  const auto fixed = [](const std::string& flag) {
    const auto json = With(kContract, R"("IsFixedSalary": true)", R"("IsFixedSalary": )" + flag);
    return Only<Contract>(DecodeValue(kContracts, json)).fixed_salary;
  };
  EXPECT_TRUE(fixed("\"true\""));
  EXPECT_TRUE(fixed("\"1\""));
  EXPECT_FALSE(fixed("\"false\""));
  EXPECT_FALSE(fixed("\"0\""));
  EXPECT_FALSE(fixed("null"));
}

TEST(B23_Contract, LittleIsEnough) {
  const auto decoded =
      DecodeValue(kContracts, R"({"id": 1, "updatedon": "2024-01-01", "VALID": {"from": "2020-01-01"}})");
  const Contract expected{1, *ParseWallTime("2024-01-01"), {Day(2020, 1, 1), Day::Max()}, "", false, std::nullopt, ""};
  EXPECT_EQ(Only<Contract>(decoded), expected);
}

TEST(F11_OpenInterface, IsUnknownFormat) {
  const std::string list = ReadSample("flr_offentlig_contracts.json");
  EXPECT_EQ(Notes(DecodeValue(kContracts, list)), std::vector<std::string>{"UNKNOWN_FORMAT - "});
  const std::string object =
      R"({"id": 900101, "period": {"from": "2010-05-01T00:00:00"}, "maxNumberOfPatients": 1050})";
  const auto decoded = DecodeValue(kContracts, object);
  EXPECT_EQ(Notes(decoded), std::vector<std::string>{"UNKNOWN_FORMAT - "});
  EXPECT_EQ(decoded.dead_letter_hash.size(), 64u);
  EXPECT_EQ(Notes(DecodeValue(kContracts, ReadSample("flr_offentlig_contracts_truncated.json"))),
            std::vector<std::string>{"MALFORMED_RECORD - "});
}

TEST(R24_Patients, IdentityNumbersInAContractAreNotedAndNotKept) {
  const auto json =
      With(kContract, R"("DoctorCycles")", R"("PatientList": [{"PatientNIN": "12837520264"}], "DoctorCycles")");
  const auto decoded = DecodeValue(kContracts, json);
  EXPECT_EQ(Only<Contract>(decoded), ExpectedContract());
  EXPECT_EQ(Notes(decoded), std::vector<std::string>{"PERSONAL_DATA_RECEIVED contract:900101 PatientList"});
}

TEST(R24_Identifiers, AnIdentityNumberAsIdIsNotKept) {
  for (const char* id : {"12837520264", R"("12837520264")", R"(" +12837520264")", R"("0012837520264")"}) {
    const auto decoded = DecodeValue(kContracts, With(kContract, R"("Id": 900101)", Join(R"("Id": )", id)));
    EXPECT_TRUE(decoded.changes.empty()) << id;
    EXPECT_EQ(Notes(decoded), (std::vector<std::string>{"INVALID_IDENTIFIER - Id", "PERSONAL_DATA_RECEIVED - Id"}));
  }
  const auto decoded =
      DecodeValue(kPeriods, With(kPeriod, R"("GPContractId": 900101)", R"("GPContractId": 12837520264)"));
  EXPECT_TRUE(decoded.changes.empty());
  EXPECT_EQ(Notes(decoded), (std::vector<std::string>{"INVALID_IDENTIFIER doctor_period:700202 GPContractId",
                                                      "PERSONAL_DATA_RECEIVED doctor_period:700202 GPContractId"}));
}

TEST(R24_Codes, AnIdentityNumberAsCodeIsLeftOut) {
  const auto json = R"({"Id": 1, "UpdatedOn": "2024-01-01", "Valid": {"From": "2024-01-01"},
                        "Status": {"CodeValue": "fnr 12837520264"}})";
  const auto decoded = DecodeValue(kContracts, json);
  EXPECT_EQ(Only<Contract>(decoded).status, "");
  EXPECT_EQ(Notes(decoded), std::vector<std::string>{"PERSONAL_DATA_RECEIVED contract:1 Status.CodeValue"});
}

TEST(R24_Patients, IdentityNumbersInAnUnreadableRecordAreNoted) {
  EXPECT_EQ(Notes(DecodeValue(kContracts, R"({"PatientNIN": "12837520264")")),
            (std::vector<std::string>{"MALFORMED_RECORD - ", "PERSONAL_DATA_RECEIVED - "}));
}

TEST(PatientCounts, Single) {
  const auto decoded = DecodeValue(
      kCounts, R"({"contractId": 900101, "patientCount": "1020", "countedAt": "2024-01-01T06:00:00+02:00"})");
  EXPECT_EQ(Only<PatientCount>(decoded), (PatientCount{900101, 1020, *ParseWallTime("2024-01-01T05:00:00")}));
  EXPECT_EQ(decoded.changes[0].index, 0);
}

TEST(F1_PatientCounts, BatchIsRefusedElementByElement) {
  const auto decoded = DecodeValue(kCounts, R"([
    {"contractId": 1, "patientCount": 10, "countedAt": "2024-01-01"},
    {"contractId": 2, "patientCount": -10, "countedAt": "2024-01-01"},
    {"contractId": 3, "patientCount": 10},
    {"contractId": 0, "patientCount": 10, "countedAt": "2024-01-01"},
    {"contractId": 5, "countedAt": "2024-01-01"},
    7,
    {"ContractId": "6", "PATIENTCOUNT": 0, "countedat": "2024-01-01"}])");
  EXPECT_EQ(decoded.outcome, RecordOutcome::kChanges);
  ASSERT_EQ(decoded.changes.size(), 2u);
  EXPECT_EQ(std::get<PatientCount>(decoded.changes[0].change).contract_id, 1);
  EXPECT_EQ(decoded.changes[0].index, 0);
  EXPECT_EQ(std::get<PatientCount>(decoded.changes[1].change), (PatientCount{6, 0, *ParseWallTime("2024-01-01")}));
  EXPECT_EQ(decoded.changes[1].index, 6);
  EXPECT_EQ(decoded.refused, 5);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(decoded.notes[static_cast<size_t>(i)].index, i + 1);
  EXPECT_EQ(Notes(decoded), (std::vector<std::string>{
                                "NEGATIVE_NUMBER patient_count:2 [1].patientCount",
                                "MALFORMED_RECORD patient_count:3 [2].countedAt", "INVALID_IDENTIFIER - [3].contractId",
                                "MALFORMED_RECORD patient_count:5 [4].patientCount", "MALFORMED_RECORD - [5]"}));
  EXPECT_EQ(decoded.dead_letter_hash, "");
}

TEST(F1_PatientCounts, NothingTakenIsRefused) {
  const auto decoded = DecodeValue(kCounts, R"([{"contractId": 2, "patientCount": -1, "countedAt": "2024-01-01"}])");
  EXPECT_EQ(decoded.outcome, RecordOutcome::kRefused);
  EXPECT_EQ(decoded.refused, 1);
  EXPECT_EQ(DecodeValue(kCounts, "[]").outcome, RecordOutcome::kIgnored);
  EXPECT_EQ(DecodeValue(kCounts, "[]").refused, 0);
  EXPECT_EQ(Notes(DecodeValue(kCounts, "<a/>")), std::vector<std::string>{"UNKNOWN_FORMAT - "});
}

}  // namespace
}  // namespace flosync
