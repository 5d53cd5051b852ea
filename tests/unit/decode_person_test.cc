#include <gtest/gtest.h>

#include "tests/unit/decode_testing.h"

namespace flosync {
namespace {

constexpr const char* kTopic = "hpr.person";

// A doctor with everything that is kept, in both formats; the tests change one thing each.
const std::string kJson = R"({
  "person": {"fornavn": "Prøve", "fødselsdato": "1975-03-12", "dødsdato": null, "manglerNin": false,
             "nin": "12837520264", "kjønn": {"verdi": "2", "kodeverk": {"id": 3101}}},
  "hprNummer": 7, "erstattetAvHprNummer": null,
  "godkjenninger": [{
    "helsepersonellkategori": {"verdi": "LE", "kodeverk": {"id": 9060}},
    "autorisasjon": {"verdi": "1", "kodeverk": {"id": 7704}},
    "periode": {"fra": "2003-08-20", "til": "2055-03-12"},
    "rekvisisjonsretter": [{"type": {"verdi": "1"}, "periode": {"fra": "2024-05-01", "til": "2003-01-01"}}],
    "spesialistgodkjenninger": [{"type": {"verdi": "1", "kodeverk": {"id": 7426}},
                                 "periode": {"fra": "2009-02-01", "til": "2027-02-01"},
                                 "avsluttetStatus": {"verdi": "3"},
                                 "administrativeReaksjoner": [{"type": {"verdi": "5"}, "periode": {"fra": "2010-01-01"}}]}],
    "avsluttetStatus": {"verdi": "1"},
    "administrativeReaksjoner": [{"type": {"verdi": "8"}, "periode": {"fra": "2011-01-01", "til": "2011-12-31"}}]}],
  "administrativeReaksjoner": [{"type": {"verdi": "X"}, "periode": null}],
  "sistOppdatert": "2026-09-14T08:31:22.417", "gjelderForDato": "2026-09-15"})";

const std::string kXml =
    R"(<Person xmlns="http://schemas.nhn.no/reg/HPRv2" xmlns:c="http://schemas.nhn.no/reg/Common/no"
  xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
  <AdministrativeReaksjoner><AdministrativReaksjon><Id>1</Id><Periode i:nil="true"/><Type><c:Verdi>X</c:Verdi></Type>
    </AdministrativReaksjon></AdministrativeReaksjoner>
  <Dødsdato i:nil="true"/><ErstattetAvHprNummer i:nil="true"/><Fornavn>Prøve</Fornavn>
  <Fødselsdato>1975-03-12T00:00:00</Fødselsdato>
  <Godkjenninger><Godkjenning>
    <AdministrativeReaksjoner><AdministrativReaksjon><Periode><c:Fra>2011-01-01T00:00:00</c:Fra>
      <c:Til>2011-12-31T00:00:00</c:Til></Periode><Type><c:Verdi>8</c:Verdi></Type></AdministrativReaksjon>
    </AdministrativeReaksjoner>
    <Autorisasjon><c:OID>7704</c:OID><c:Verdi>1</c:Verdi></Autorisasjon>
    <AvsluttetStatus><c:Verdi>1</c:Verdi></AvsluttetStatus>
    <Gyldig><c:Fra>2003-08-20T00:00:00</c:Fra><c:Til>2055-03-12T00:00:00</c:Til></Gyldig>
    <Helsepersonellkategori><c:OID>9060</c:OID><c:Verdi>LE</c:Verdi></Helsepersonellkategori>
    <Spesialiteter><Spesialitet>
      <AdministrativeReaksjoner><AdministrativReaksjon><Periode><c:Fra>2010-01-01T00:00:00</c:Fra></Periode>
        <Type><c:Verdi>5</c:Verdi></Type></AdministrativReaksjon></AdministrativeReaksjoner>
      <AvsluttetStatus><c:Verdi>3</c:Verdi></AvsluttetStatus>
      <Gyldig><c:Fra>2009-02-01T00:00:00</c:Fra><c:Til>2027-02-01T00:00:00</c:Til></Gyldig>
      <Type><c:OID>7426</c:OID><c:Verdi>1</c:Verdi></Type></Spesialitet></Spesialiteter>
  </Godkjenning></Godkjenninger>
  <HPRNummer>7</HPRNummer><Kjønn><c:OID>3101</c:OID><c:Verdi>2</c:Verdi></Kjønn><NIN>12837520264</NIN>
  <SistOppdatert>2026-09-14T08:31:22.417</SistOppdatert></Person>)";

Person Doctor() {
  const auto updated = ParseWallTime("2026-09-14T08:31:22.417");
  Speciality speciality{"1", "7426", {Day(2009, 2, 1), Day(2027, 2, 2)}, "3", {{"5", {Day(2010, 1, 1), Day::Max()}}},
                        {}};
  Approval approval{
      "1", {Day(2003, 8, 20), Day(2055, 3, 13)}, "1", {{"8", {Day(2011, 1, 1), Day(2012, 1, 1)}}}, {}, {speciality}};
  return {7, 0, *updated, 1975, std::nullopt, Sex::kFemale, {approval}, {{"X", Period{}}}};
}

TEST(B1A_JsonPerson, KeepsWhatTheRulesNeed) {
  const auto decoded = DecodeValue(kTopic, kJson);
  EXPECT_EQ(Only<Person>(decoded), Doctor());
  EXPECT_TRUE(decoded.notes.empty());
  EXPECT_EQ(decoded.topic, Topic::kPerson);
  EXPECT_EQ(decoded.dead_letter_hash, "");
  EXPECT_EQ(decoded.value_bytes, static_cast<int64_t>(kJson.size()));
}

TEST(B1B_XmlPerson, SaysTheSameAsJson) {
  const auto decoded = DecodeValue(kTopic, kXml);
  EXPECT_EQ(Only<Person>(decoded), Doctor());
  EXPECT_TRUE(decoded.notes.empty());
}

TEST(B1B_XmlPerson, SuspensionPeriodsOfApprovalAndSpeciality) {
  const std::string suspensions =
      "<Suspensjonsperioder><Suspensjonsperiode><ETag>1</ETag><Id>7</Id><Periode><c:Fra>2015-01-01T00:00:00</c:Fra>"
      "<c:Til>2015-03-01T00:00:00</c:Til></Periode></Suspensjonsperiode></Suspensjonsperioder>";
  std::string xml = With(kXml, "</Spesialitet>", suspensions + "</Spesialitet>");
  xml = With(xml, "</Godkjenning>", suspensions + "</Godkjenning>");
  const Person person = Only<Person>(DecodeValue(kTopic, xml));
  const std::vector<Period> expected = {{Day(2015, 1, 1), Day(2015, 3, 2)}};
  EXPECT_EQ(person.approvals[0].suspensions, expected);
  EXPECT_EQ(person.approvals[0].specialities[0].suspensions, expected);
}

struct Refusal {
  const char* what;
  std::string from, to, note;
};

class RefusedPerson : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedPerson, NamesTheField) {
  const Refusal& refusal = GetParam();
  const auto decoded = DecodeValue(kTopic, With(kJson, refusal.from, refusal.to));
  EXPECT_EQ(decoded.outcome, RecordOutcome::kRefused);
  EXPECT_TRUE(decoded.changes.empty());
  EXPECT_EQ(Notes(decoded), std::vector<std::string>{refusal.note});
  EXPECT_EQ(decoded.dead_letter_hash.empty(), !refusal.note.starts_with("MALFORMED"));
}

INSTANTIATE_TEST_SUITE_P(
    F_Decoding, RefusedPerson,
    testing::Values(
        Refusal{"F6_NoVersion", R"("sistOppdatert": "2026-09-14T08:31:22.417", )", "",
                "MALFORMED_RECORD person:7 sistOppdatert"},
        Refusal{"F6_NullVersion", R"("2026-09-14T08:31:22.417")", "null", "MALFORMED_RECORD person:7 sistOppdatert"},
        Refusal{"F6_UnreadableVersion", "2026-09-14T08:31:22.417", "14.09.2026",
                "MALFORMED_RECORD person:7 sistOppdatert"},
        Refusal{"F15_BlankInDate", "T08:31:22.417", " 08:31:22", "MALFORMED_RECORD person:7 sistOppdatert"},
        Refusal{"F9_UnreadableBirth", "1975-03-12", "1975-02-30", "MALFORMED_RECORD person:7 person.fødselsdato"},
        Refusal{"D18_UnreadableDeath", R"("dødsdato": null)", R"("dødsdato": "ukjent")",
                "MALFORMED_RECORD person:7 person.dødsdato"},
        Refusal{"R8_NumberZero", R"("hprNummer": 7)", R"("hprNummer": 0)", "INVALID_IDENTIFIER - hprNummer"},
        Refusal{"R8_NumberTooLarge", R"("hprNummer": 7)", R"("hprNummer": 2147483648)",
                "INVALID_IDENTIFIER - hprNummer"},
        Refusal{"R8_NumberVeryLarge", R"("hprNummer": 7)", R"("hprNummer": 123456789012345678901234567890)",
                "INVALID_IDENTIFIER - hprNummer"},
        Refusal{"R8_NumberWithLetters", R"("hprNummer": 7)", R"("hprNummer": "12A4567")",
                "INVALID_IDENTIFIER - hprNummer"},
        Refusal{"R8_NumberMissing", R"("hprNummer": 7,)", "", "INVALID_IDENTIFIER - hprNummer"},
        Refusal{"R8_AliasNegative", R"("erstattetAvHprNummer": null)", R"("erstattetAvHprNummer": -1)",
                "INVALID_IDENTIFIER person:7 erstattetAvHprNummer"},
        Refusal{"F2_ApprovalPeriod", R"("til": "2055-03-12")", R"("til": "2003-08-19")",
                "INVALID_PERIOD person:7 godkjenninger[0].periode"},
        Refusal{"F2_SpecialityPeriod", R"("til": "2027-02-01")", R"("til": "2009-01-31")",
                "INVALID_PERIOD person:7 godkjenninger[0].spesialistgodkjenninger[0].periode"},
        Refusal{"F2_SpecialityReaction", R"({"fra": "2010-01-01"})", R"({"fra": "2010-01-01", "til": "2009-01-01"})",
                "INVALID_PERIOD person:7 "
                "godkjenninger[0].spesialistgodkjenninger[0].administrativeReaksjoner[0].periode"},
        Refusal{"F2_ApprovalReaction", R"("til": "2011-12-31")", R"("til": "2010-12-31")",
                "INVALID_PERIOD person:7 godkjenninger[0].administrativeReaksjoner[0].periode"},
        Refusal{"F2_PersonReaction", R"("periode": null)", R"("periode": {"fra": "2011-01-02", "til": "2011-01-01"})",
                "INVALID_PERIOD person:7 administrativeReaksjoner[0].periode"},
        Refusal{"UnreadableBound", "2003-08-20", "20.08.2003",
                "MALFORMED_RECORD person:7 godkjenninger[0].periode.fra"},
        Refusal{"PeriodNoObject", R"("periode": null)", R"("periode": "2011")",
                "MALFORMED_RECORD person:7 administrativeReaksjoner[0].periode"},
        Refusal{"ListIsText", R"("administrativeReaksjoner": [{"type": {"verdi": "X"}, "periode": null}])",
                R"("administrativeReaksjoner": "x")", "MALFORMED_RECORD person:7 administrativeReaksjoner"},
        Refusal{"ItemIsNull", R"({"type": {"verdi": "X"}, "periode": null})", "null",
                "MALFORMED_RECORD person:7 administrativeReaksjoner[0]"},
        Refusal{"CodeIsText", R"("avsluttetStatus": {"verdi": "1"})", R"("avsluttetStatus": "1")",
                "MALFORMED_RECORD person:7 godkjenninger[0].avsluttetStatus"},
        Refusal{"PersonIsText", R"("person": {)", R"("person": "x", "annet": {)", "MALFORMED_RECORD person:7 person"}),
    [](const auto& info) { return std::string(info.param.what); });

TEST(A14_OneDeviation, TheFirstInOrderWins) {
  // Bad NIN (a doubt), invalid period, bad number and no version: the version is MALFORMED_RECORD, the first in order.
  std::string json = With(kJson, "12837520264", "12837520265");
  json = With(json, R"("til": "2055-03-12")", R"("til": "2003-08-19")");
  json = With(json, R"("hprNummer": 7)", R"("hprNummer": 0)");
  EXPECT_EQ(Notes(DecodeValue(kTopic, json)), std::vector<std::string>{"INVALID_IDENTIFIER - hprNummer"});
  json = With(json, "2026-09-14T08:31:22.417", "x");
  EXPECT_EQ(Notes(DecodeValue(kTopic, json)), std::vector<std::string>{"MALFORMED_RECORD - sistOppdatert"});
}

TEST(A14_Notes, HoldNoTextOfTheRecord) {
  const auto decoded = DecodeValue(kTopic, With(kJson, "1975-03-12", "Hemmelig"));
  ASSERT_EQ(decoded.notes.size(), 1u);
  EXPECT_EQ(decoded.notes[0].detail.find("Hemmelig"), std::string::npos);
  EXPECT_NE(decoded.notes[0].detail, "");
}

TEST(F8_Nin, BadOneIsNotedAndTheRecordTakesEffect) {
  const auto decoded = DecodeValue(kTopic, With(kJson, "12837520264", "12837520265"));
  EXPECT_EQ(Only<Person>(decoded), Doctor());
  EXPECT_EQ(Notes(decoded), std::vector<std::string>{"INVALID_IDENTIFIER person:7 person.nin"});
  const auto xml = DecodeValue(kTopic, With(kXml, "12837520264", "12837520265"));
  EXPECT_EQ(Notes(xml), std::vector<std::string>{"INVALID_IDENTIFIER person:7 NIN"});
}

TEST(F7_Numbers, TheValueCountsNotTheKey) {
  RawRecord record = Record(kTopic, kJson);
  record.key = "8";
  EXPECT_EQ(Only<Person>(Decode(record, DecoderConfig{})).hpr_number, 7);
}

TEST(F7_Alias, ZeroIsNone) {
  for (const auto& [text, expected] :
       std::vector<std::pair<std::string, int>>{{"0", 0}, {"\"0\"", 0}, {"\" 0091 \"", 91}}) {
    const auto json = With(kJson, R"("erstattetAvHprNummer": null)", R"("erstattetAvHprNummer": )" + text);
    EXPECT_EQ(Only<Person>(DecodeValue(kTopic, json)).replaced_by, expected) << text;
  }
}

TEST(R2_Periods, LastDayIsInclusiveAndEndOfTimeIsOpen) {
  const auto period = [](const std::string& periode) {
    const auto json = With(kJson, R"({"fra": "2003-08-20", "til": "2055-03-12"})", periode);
    return Only<Person>(DecodeValue(kTopic, json)).approvals.at(0).period;
  };
  EXPECT_EQ(period(R"({"fra": "2003-08-20", "til": "2003-08-20"})"), (Period{Day(2003, 8, 20), Day(2003, 8, 21)}));
  EXPECT_EQ(period(R"({"fra": "2003-08-20", "til": "9999-12-31"})"), (Period{Day(2003, 8, 20), Day::Max()}));
  EXPECT_EQ(period(R"({"til": "9999-12-31T23:59:59.997"})"), Period{});
  EXPECT_EQ(period(R"({"fra": null, "til": "2003-08-20T23:59:59"})"), (Period{Day::Min(), Day(2003, 8, 21)}));
  EXPECT_EQ(period(R"({"fra": "2003-08-19T22:00:00Z", "til": null})"), (Period{Day(2003, 8, 20), Day::Max()}));
  EXPECT_EQ(period("null"), Period{});
  EXPECT_EQ(period("{}"), Period{});
}

TEST(D3_Sex, CodeBareValueOrLetter) {
  const auto sex = [](const std::string& code) {
    const auto json = With(kJson, R"({"verdi": "2", "kodeverk": {"id": 3101}})", code);
    const auto decoded = DecodeValue(kTopic, json);
    EXPECT_TRUE(decoded.notes.empty()) << code;
    return Only<Person>(decoded).sex;
  };
  for (const char* male : {R"({"verdi": "1"})", R"({"verdi": 1})", "\"1\"", "1", "\"M\"", R"({"verdi": "M"})"}) {
    EXPECT_EQ(sex(male), Sex::kMale) << male;
  }
  for (const char* female : {R"({"VERDI": "2"})", "\"2\"", "\"K\""}) EXPECT_EQ(sex(female), Sex::kFemale) << female;
  for (const char* unknown : {R"({"verdi": "9"})", "null", "{}", "[]", "true", "\"m\"", "\"\""}) {
    EXPECT_EQ(sex(unknown), Sex::kUnknown) << unknown;
  }
}

TEST(D3_Sex, TheFieldCanBeConfigured) {
  DecoderConfig config;
  config.sex_field = "juridiskKjønn";
  EXPECT_EQ(Only<Person>(Decode(Record(kTopic, kJson), config)).sex, Sex::kUnknown);
  EXPECT_EQ(Only<Person>(Decode(Record(kTopic, With(kJson, "kjønn", "juridiskKjønn")), config)).sex, Sex::kFemale);
  EXPECT_EQ(Only<Person>(Decode(Record(kTopic, kXml), config)).sex, Sex::kFemale);
}

TEST(F18_Absence, OfPersonAndLists) {
  const Person expected{7, 0, WallTime{1, 0}, std::nullopt, std::nullopt, Sex::kUnknown, {}, {}};
  for (const char* json : {R"({"hprNummer": 7, "sistOppdatert": "1970-01-01T00:00:01"})",
                           R"({"hprNummer": "0007", "sistOppdatert": "1970-01-01T00:00:01", "person": null,
                               "godkjenninger": null, "administrativeReaksjoner": null})"}) {
    EXPECT_EQ(Only<Person>(DecodeValue(kTopic, json)), expected);
  }
  EXPECT_EQ(Only<Person>(DecodeValue(kTopic,
                                     "<Person><HPRNummer>7</HPRNummer><SistOppdatert>1970-01-01T00:00:01"
                                     "</SistOppdatert><Godkjenninger/></Person>")),
            expected);
}

TEST(R24_Minimisation, OnlyDoctorsKeepApprovalsAndReactions) {
  for (const char* category : {"SP", "le", "", "LE "}) {
    const auto person = Only<Person>(DecodeValue(kTopic, With(kJson, "LE", category)));
    EXPECT_TRUE(person.approvals.empty());
    EXPECT_TRUE(person.reactions.empty());
    EXPECT_EQ(person.birth_year, 1975);
    EXPECT_EQ(person.sex, Sex::kFemale);
  }
}

TEST(R2_Periods, ThatBeginOnOrAfterTheirEndRefuseThePerson) {
  // The last day is in the period, so one that begins and ends on a day is in order.
  for (const char* last : {"2003-08-19", "2001-01-01"}) {
    EXPECT_EQ(Notes(DecodeValue(kTopic, With(kJson, "2055-03-12", last))),
              std::vector<std::string>{"INVALID_PERIOD person:7 godkjenninger[0].periode"});
  }
  EXPECT_EQ(Notes(DecodeValue(kTopic, With(kJson, "2055-03-12", "2003-08-20"))), std::vector<std::string>{});
}

TEST(R8_HprNumbers, OutsideTheirRangeRefuseThePerson) {
  for (const char* number : {"0", "-7", "2147483648", "\"7x\""}) {
    EXPECT_EQ(Notes(DecodeValue(kTopic, With(kJson, R"("hprNummer": 7)", std::string(R"("hprNummer": )") + number))),
              std::vector<std::string>{"INVALID_IDENTIFIER - hprNummer"})
        << number;
  }
}

TEST(F2_Periods, OfOtherProfessionsRefuseToo) {
  const auto json = With(With(kJson, "LE", "SP"), R"("til": "2055-03-12")", R"("til": "2003-08-19")");
  EXPECT_EQ(Notes(DecodeValue(kTopic, json)),
            std::vector<std::string>{"INVALID_PERIOD person:7 godkjenninger[0].periode"});
}

TEST(R8_Codes, AreKeptVerbatim) {
  auto json =
      With(kJson, R"({"verdi": "1", "kodeverk": {"id": 7426}})", R"({"verdi": "01 ", "kodeverk": {"id": "7426"}})");
  auto speciality = Only<Person>(DecodeValue(kTopic, json)).approvals.at(0).specialities.at(0);
  EXPECT_EQ(speciality.code, "01 ");
  EXPECT_EQ(speciality.code_system, "7426");
  json = With(kJson, R"({"verdi": "1", "kodeverk": {"id": 7426}})", R"({"verdi": 1, "kodeverk": null})");
  speciality = Only<Person>(DecodeValue(kTopic, json)).approvals.at(0).specialities.at(0);
  EXPECT_EQ(speciality.code, "1");
  EXPECT_EQ(speciality.code_system, "");
}

TEST(F19_Names, CaseFoldsButExactSpellingWins) {
  const auto number = [](const std::string& members) {
    return Only<Person>(DecodeValue(kTopic, "{" + members + R"(, "sistOppdatert": "2024-01-01"})")).hpr_number;
  };
  EXPECT_EQ(number(R"("HPRNUMMER": 1, "hprNummer": 2, "hprnummer": 3)"), 2);
  EXPECT_EQ(number(R"("HprNummer": 1, "HPRNUMMER": 3)"), 1);
  EXPECT_EQ(number(R"("hprnumme\u0072": 5)"), 5);
  // Only ASCII letters fold: this is not fødselsdato.
  const auto json = With(kJson, "fødselsdato", "FØDSELSDATO");
  EXPECT_EQ(Only<Person>(DecodeValue(kTopic, json)).birth_year, std::nullopt);
  EXPECT_EQ(Only<Person>(DecodeValue(kTopic, With(kJson, "fødselsdato", "F\\u00f8DSELSdato"))).birth_year, 1975);
}

TEST(F20_Persons, OneInARecord) {
  const std::string envelope = "<s:Envelope xmlns:s=\"x\"><s:Body><R>";
  EXPECT_EQ(Only<Person>(DecodeValue(kTopic, envelope + kXml + "</R></s:Body></s:Envelope>")), Doctor());
  EXPECT_EQ(Notes(DecodeValue(kTopic, envelope + kXml + kXml + "</R></s:Body></s:Envelope>")),
            std::vector<std::string>{"MALFORMED_RECORD - "});
  EXPECT_EQ(Notes(DecodeValue(kTopic, envelope + "</R></s:Body></s:Envelope>")),
            std::vector<std::string>{"UNKNOWN_FORMAT - "});
  EXPECT_EQ(Notes(DecodeValue(kTopic, "[" + kJson + "," + kJson + "]")),
            std::vector<std::string>{"MALFORMED_RECORD - "});
  EXPECT_EQ(Notes(DecodeValue(kTopic, "[" + kJson + "]")), std::vector<std::string>{"UNKNOWN_FORMAT - "});
}

TEST(B1B_XmlPerson, EmptyElementsSayNothing) {
  std::string xml = With(kXml, "<Dødsdato i:nil=\"true\"/>", "<Dødsdato/>");
  xml = With(xml, "<ErstattetAvHprNummer i:nil=\"true\"/>", "<ErstattetAvHprNummer></ErstattetAvHprNummer>");
  xml = With(xml, "<Periode i:nil=\"true\"/>", "<Periode/>");
  EXPECT_EQ(Only<Person>(DecodeValue(kTopic, xml)), Doctor());
  const std::string empty_items = "<Godkjenninger><Godkjenning/></Godkjenninger>";
  const auto decoded = DecodeValue(
      kTopic, "<Person><HPRNummer>7</HPRNummer><SistOppdatert>2024-01-01</SistOppdatert>" + empty_items + "</Person>");
  EXPECT_TRUE(Only<Person>(decoded).approvals.empty());
  EXPECT_EQ(Notes(DecodeValue(kTopic, "<Person/>")), std::vector<std::string>{"MALFORMED_RECORD - SistOppdatert"});
}

TEST(B1B_XmlPerson, RefusalsNameTheElement) {
  EXPECT_EQ(Notes(DecodeValue(kTopic, With(kXml, "2055-03-12", "2003-08-19"))),
            std::vector<std::string>{"INVALID_PERIOD person:7 Godkjenninger[0].Gyldig"});
  EXPECT_EQ(Notes(DecodeValue(kTopic, With(kXml, "<HPRNummer>7", "<HPRNummer>x"))),
            std::vector<std::string>{"INVALID_IDENTIFIER - HPRNummer"});
  EXPECT_EQ(Notes(DecodeValue(kTopic, With(kXml, "<SistOppdatert>2026", "<SistOppdatert>26"))),
            std::vector<std::string>{"MALFORMED_RECORD person:7 SistOppdatert"});
}

}  // namespace
}  // namespace flosync
