// Headers, prefixes, encodings and samples: which decoder reads a value (F14, F16, F17).
#include <gtest/gtest.h>

#include "connectors/decode/json_document.h"
#include "tests/unit/decode_testing.h"

namespace flosync {
namespace {

constexpr const char* kTopic = "hpr.person";
const std::string kJson = R"({"hprNummer": 7, "sistOppdatert": "2024-01-01"})";
const std::string kXml = "<Person><HPRNummer>7</HPRNummer><SistOppdatert>2024-01-01T00:00:00</SistOppdatert></Person>";

DecodedRecord DecodeAs(const std::string& content_type, const std::string& value) {
  RawRecord record = Record(kTopic, value);
  record.headers = {{"trace", "1"}, {"Content-Type", content_type}};
  return Decode(record, DecoderConfig{});
}

bool IsPerson7(const DecodedRecord& decoded) {
  return decoded.changes.size() == 1 && EntityOf(decoded.changes[0].change) == EntityId{EntityKind::kPerson, 7};
}

std::string FirstNote(const DecodedRecord& decoded) {
  return decoded.notes.empty() ? "" : std::string(DeviationName(decoded.notes[0].code));
}

TEST(F17_ContentType, DecidesBeforeSniffing) {
  for (const char* json :
       {"application/json", "Application/JSON; charset=utf-8", "text/json", "application/vnd.hpr+json"}) {
    EXPECT_TRUE(IsPerson7(DecodeAs(json, kJson))) << json;
    EXPECT_EQ(FirstNote(DecodeAs(json, kXml)), "MALFORMED_RECORD") << json;
  }
  for (const char* xml : {"application/xml", "text/xml", "application/soap+xml; action=x"}) {
    EXPECT_TRUE(IsPerson7(DecodeAs(xml, kXml))) << xml;
    EXPECT_EQ(FirstNote(DecodeAs(xml, kJson)), "MALFORMED_RECORD") << xml;
  }
  for (const char* silent : {"", "text/plain", "application/octet-stream"}) {
    EXPECT_TRUE(IsPerson7(DecodeAs(silent, kJson))) << silent;
    EXPECT_TRUE(IsPerson7(DecodeAs(silent, kXml))) << silent;
  }
  EXPECT_EQ(FirstNote(DecodeAs("application/avro", kJson)), "UNKNOWN_FORMAT");
  EXPECT_EQ(FirstNote(DecodeAs("application/fhir+json", kJson)), "UNKNOWN_FORMAT");
  EXPECT_EQ(FirstNote(DecodeAs("application/fhir+json", "{")), "MALFORMED_RECORD");
}

TEST(F14_Sniffing, JsonBeginsWithABraceElseItIsXml) {
  EXPECT_TRUE(IsPerson7(DecodeValue(kTopic, "\n " + kJson)));
  EXPECT_TRUE(IsPerson7(DecodeValue(kTopic, kXml + "\n")));
  for (const char* value : {"", " \n", "tekst", "7x", "<Person><HPRNummer>96</HPRNummer>", "{\"a\":1}}", "{\"a\":tru}",
                            "<a/><b/>", "<a/>x", "<a>", "\xff\xfe\x01garbage"}) {
    const auto decoded = DecodeValue(kTopic, value);
    EXPECT_EQ(Notes(decoded), std::vector<std::string>{"MALFORMED_RECORD - "}) << value;
    EXPECT_EQ(decoded.outcome, RecordOutcome::kRefused);
    EXPECT_EQ(decoded.dead_letter_hash.size(), 64u);
  }
}

TEST(F14_Sniffing, WellFormedButOfNoKnownKind) {
  for (const char* value : {"<Noe/>", "7", "true", "\"x\"", "null", "[]", "[{}]", "{}", "{\"a\":1}"}) {
    const auto decoded = DecodeValue(kTopic, value);
    EXPECT_EQ(Notes(decoded), std::vector<std::string>{"UNKNOWN_FORMAT - "}) << value;
    EXPECT_EQ(decoded.dead_letter_hash.size(), 64u);
  }
  for (const char* topic : {"flo.contract", "flo.gp-on-contract", "hpr.event"}) {
    EXPECT_EQ(FirstNote(DecodeValue(topic, "[{}]")), "UNKNOWN_FORMAT") << topic;
    EXPECT_EQ(FirstNote(DecodeValue(topic, "7")), "UNKNOWN_FORMAT") << topic;
  }
  EXPECT_EQ(FirstNote(DecodeValue("flo.patient-count", "7")), "UNKNOWN_FORMAT");
}

TEST(F14_DeadLetters, HashTheWholeValue) {
  EXPECT_EQ(DecodeValue(kTopic, "x").dead_letter_hash,
            "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
}

TEST(PartA_Prefixes, ByteOrderMarkAndConfluentAreSkipped) {
  const std::string mark = "\xEF\xBB\xBF";
  const std::string confluent(std::string("\0\0\0\1\2", 5));
  for (const std::string& text : {kJson, kXml}) {
    EXPECT_TRUE(IsPerson7(DecodeValue(kTopic, mark + text)));
    EXPECT_TRUE(IsPerson7(DecodeValue(kTopic, confluent + text)));
    EXPECT_TRUE(IsPerson7(DecodeValue(kTopic, confluent + mark + text)));
  }
  EXPECT_TRUE(IsPerson7(DecodeAs("application/json", confluent + kJson)));
  EXPECT_EQ(FirstNote(DecodeValue(kTopic, confluent)), "MALFORMED_RECORD");
}

TEST(PartA_CloudEvents, StructuredMode) {
  const auto event = [](const std::string& members) {
    return DecodeAs("application/cloudevents+json",
                    R"({"specversion": "1.0", "type": "no.x.Person", )" + members + "}");
  };
  EXPECT_TRUE(IsPerson7(event("\"data\": " + kJson)));
  EXPECT_TRUE(IsPerson7(event(R"("datacontenttype": "application/json", "data": )" + kJson)));
  EXPECT_TRUE(IsPerson7(event(R"("datacontenttype": "application/xml", "data": ")" + kXml + "\"")));
  EXPECT_TRUE(IsPerson7(event(R"("data": ")" + kXml + "\"")));
  EXPECT_TRUE(IsPerson7(event(R"("data_base64": "eyJocHJOdW1tZXIiOjcsInNpc3RPcHBkYXRlcnQiOiIyMDI0LTAxLTAxIn0=")")));
  EXPECT_EQ(FirstNote(event(R"("data_base64": "?")")), "MALFORMED_RECORD");
  EXPECT_EQ(FirstNote(event(R"("datacontenttype": "application/xml", "data": {})")), "MALFORMED_RECORD");
  EXPECT_EQ(FirstNote(event(R"("datacontenttype": "application/avro", "data_base64": "AA==")")), "UNKNOWN_FORMAT");
  EXPECT_EQ(FirstNote(event(R"("data": null)")), "UNKNOWN_FORMAT");
  EXPECT_EQ(FirstNote(DecodeAs("application/cloudevents+json", "[1]")), "MALFORMED_RECORD");
  EXPECT_EQ(FirstNote(DecodeAs("application/cloudevents-batch+json", "[]")), "UNKNOWN_FORMAT");
}

TEST(PartA_CloudEvents, TypeNamesTheEvent) {
  RawRecord record = Record("hpr.event", R"({"hprNummer": 7})");
  record.headers = {{"ce_type", "no.nhn.hpr.PersonDeleted"}, {"content-type", "application/json"}};
  EXPECT_EQ(Only<Deletion>(Decode(record, DecoderConfig{})), (Deletion{{EntityKind::kPerson, 7}}));
  record.headers = {{"content-type", "application/cloudevents+json"}};
  record.value = R"({"specversion": "1.0", "type": "PersonDeleted"})";
  record.key = "7";
  EXPECT_EQ(Only<Deletion>(Decode(record, DecoderConfig{})), (Deletion{{EntityKind::kPerson, 7}}));
}

TEST(F16_Size, FourMebibytesOfValue) {
  const std::string most = kJson + std::string(static_cast<size_t>(kMaxValueBytes) - kJson.size(), ' ');
  EXPECT_TRUE(IsPerson7(DecodeValue(kTopic, most)));
  EXPECT_EQ(FirstNote(DecodeValue(kTopic, most + " ")), "MALFORMED_RECORD");
  EXPECT_TRUE(IsPerson7(DecodeValue(kTopic, kJson)));
}

TEST(Xml_Encoding, Utf8WhateverIsDeclared) {
  const std::string body =
      "<Person><HPRNummer>7</HPRNummer><SistOppdatert>2024-01-01</SistOppdatert><D\xC3\xB8"
      "dsdato>"
      "2020-01-02</D\xC3\xB8"
      "dsdato></Person>";
  const std::string latin1 = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>";
  EXPECT_EQ(Only<Person>(DecodeValue(kTopic, latin1 + body)).death, Day(2020, 1, 2));
  std::string really = body;
  for (size_t at = 0; (at = really.find("\xC3\xB8", at)) != std::string::npos;) really.replace(at, 2, "\xF8");
  EXPECT_EQ(Only<Person>(DecodeValue(kTopic, latin1 + really)).death, Day(2020, 1, 2));
  EXPECT_EQ(FirstNote(DecodeValue(kTopic, really)), "MALFORMED_RECORD");
}

TEST(Xml_Entities, AreNeverFetchedOrExpanded) {
  const std::string xml = R"(<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Person><HPRNummer>&x;</HPRNummer>)"
                          "<SistOppdatert>2024-01-01</SistOppdatert></Person>";
  EXPECT_EQ(Notes(DecodeValue(kTopic, xml)), std::vector<std::string>{"INVALID_IDENTIFIER - HPRNummer"});
}

TEST(Xml_Depth, DoesNotMatter) {
  std::string xml = "<Envelope>";
  for (int i = 0; i < 200000; ++i) xml += "<a>";
  for (int i = 0; i < 200000; ++i) xml += "</a>";
  EXPECT_EQ(FirstNote(DecodeValue(kTopic, xml + "</Envelope>")), "UNKNOWN_FORMAT");
  EXPECT_EQ(FirstNote(DecodeValue(kTopic, std::string(100000, '['))), "MALFORMED_RECORD");
}

TEST(Json_Numbers, OfAnyLengthAreTaken) {
  EXPECT_EQ(WithoutHugeNumbers(R"({"a":-123456789012345678901234567890,"b":"12345678901234567890123","c":1})"),
            R"({"a":-9e299,"b":"12345678901234567890123","c":1})");
  EXPECT_EQ(WithoutHugeNumbers("[1e999, 1e5, 012345678901234567890123456789]"),
            "[9e299, 1e5, 012345678901234567890123456789]");
  EXPECT_TRUE(IsPerson7(DecodeValue(kTopic, R"({"x": 123456789012345678901234567890, "y": 1e999, "hprNummer": 7,
                                               "sistOppdatert": "2024-01-01"})")));
  EXPECT_EQ(FirstNote(DecodeValue(kTopic, R"({"hprNummer": 012345678901234567890123456789})")), "MALFORMED_RECORD");
}

TEST(Samples, HprExportPersons) {
  std::vector<Person> persons;
  std::vector<std::string> texts;
  simdjson::dom::parser parser;
  simdjson::dom::element root = parser.parse(ReadSample("hpr_export_persons.json"));
  for (const simdjson::dom::element person : root) texts.push_back(simdjson::minify(person));
  for (const std::string& text : texts) {
    const auto decoded = DecodeValue(kTopic, text);
    EXPECT_TRUE(decoded.notes.empty());
    persons.push_back(Only<Person>(decoded));
  }
  ASSERT_EQ(persons.size(), 5u);
  EXPECT_EQ(persons[0].approvals.at(0).specialities.at(0),
            (Speciality{"1", "7426", {Day(2009, 2, 1), Day(2027, 2, 2)}, "", {}, {}}));
  EXPECT_EQ(persons[1].approvals.at(0).type, "18");
  EXPECT_EQ(persons[2].approvals.at(0).reactions, (std::vector<Reaction>{{"5", {Day(2026, 9, 10), Day::Max()}}}));
  EXPECT_EQ(persons[3].approvals.size(), 1u);
  EXPECT_EQ(persons[3].approvals.at(0).ended_status, "1");
  EXPECT_EQ(persons[4].replaced_by, 999000011);
  EXPECT_EQ(persons[4].birth_year, 1975);
  EXPECT_EQ(FirstNote(DecodeValue(kTopic, ReadSample("hpr_export_persons.json"))), "MALFORMED_RECORD");
}

TEST(Samples, HprSoapResponses) {
  const Person person = Only<Person>(DecodeValue(kTopic, ReadSample("hpr2_HentRegisterEndringer_response.xml")));
  EXPECT_EQ(person.hpr_number, 999000011);
  EXPECT_EQ(person.sex, Sex::kFemale);
  EXPECT_EQ(person.birth_year, 1975);
  EXPECT_EQ(person.updated, *ParseWallTime("2026-09-14T08:31:22.417"));
  EXPECT_EQ(person.approvals.at(0).suspensions, (std::vector<Period>{{Day(2015, 1, 1), Day(2015, 3, 2)}}));
  EXPECT_EQ(person.approvals.at(0).specialities.at(0).period, (Period{Day(2009, 2, 1), Day::Max()}));
  EXPECT_EQ(FirstNote(DecodeValue(kTopic, ReadSample("hpr2_fault.xml"))), "UNKNOWN_FORMAT");
}

TEST(Samples, FhirIsNotTakenHere) {
  for (const char* name : {"fhir_practitioner_r4.json", "fhir_notification_r4b.json", "fhir_notification_r5.json"}) {
    EXPECT_EQ(FirstNote(DecodeValue(kTopic, ReadSample(name))), "UNKNOWN_FORMAT") << name;
  }
}

}  // namespace
}  // namespace flosync
