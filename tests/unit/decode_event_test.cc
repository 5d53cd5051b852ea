// Events, tombstones, and what stands around a value.
#include <sstream>

#include <gtest/gtest.h>

#include "tests/unit/decode_testing.h"

namespace flosync {
namespace {

constexpr const char* kEvents = "hpr.event";

Deletion PersonDeletion(int64_t number) { return {{EntityKind::kPerson, number}}; }

TEST(E10_Events, SampleFile) {
  std::istringstream in(ReadSample("events_hpr.ndjson"));
  std::vector<DecodedRecord> decoded;
  std::string line;
  while (std::getline(in, line)) decoded.push_back(DecodeValue(kEvents, line));
  ASSERT_EQ(decoded.size(), 6u);
  for (const size_t ignored : {0, 1, 4, 5}) {
    EXPECT_EQ(decoded[ignored].outcome, RecordOutcome::kIgnored);
    EXPECT_TRUE(decoded[ignored].notes.empty());
  }
  EXPECT_EQ(Only<Merge>(decoded[2]), (Merge{999000044, 999000011}));
  EXPECT_EQ(Only<Deletion>(decoded[3]), PersonDeletion(999000055));
}

TEST(E10_PersonDeleted, NumberFromPropertiesTopLevelOrKey) {
  EXPECT_EQ(
      Only<Deletion>(DecodeValue(kEvents, R"({"properties": {"EventName": "PersonDeleted", "HPRNUMMER": "0007"}})")),
      PersonDeletion(7));
  EXPECT_EQ(Only<Deletion>(DecodeValue(kEvents, R"({"eventName": "PersonDeleted", "hprNummer": 7})")),
            PersonDeletion(7));
  RawRecord record = Record(kEvents, R"({"properties": {"eventName": "PersonDeleted", "hprNummer": null}})");
  record.key = "007";
  EXPECT_EQ(Only<Deletion>(Decode(record, DecoderConfig{})), PersonDeletion(7));
  record.key = "x";
  EXPECT_EQ(Notes(Decode(record, DecoderConfig{})), std::vector<std::string>{"INVALID_IDENTIFIER - key"});
  record.key.reset();
  EXPECT_EQ(Notes(Decode(record, DecoderConfig{})), std::vector<std::string>{"INVALID_IDENTIFIER - hprNummer"});
}

TEST(E10_Events, OtherSourcesAndNamesAreIgnored) {
  for (const char* event : {R"({"properties": {"eventSource": "Lsr", "eventName": "PersonDeleted", "hprNummer": 7}})",
                            R"({"properties": {"eventSource": "hpr", "eventName": "PersonDeleted", "hprNummer": 7}})",
                            R"({"properties": {"eventName": "persondeleted", "hprNummer": 7}})",
                            R"({"eventName": "OrganizationUpdated"})", "{}"}) {
    const auto decoded = DecodeValue(kEvents, event);
    EXPECT_EQ(decoded.outcome, RecordOutcome::kIgnored) << event;
    EXPECT_TRUE(decoded.notes.empty());
  }
}

TEST(E10_Events, FieldNamesCanBeConfigured) {
  DecoderConfig config;
  config.event_number_field = "nummer";
  config.event_old_number_field = "gammelt";
  const auto record =
      Record(kEvents, R"({"properties": {"eventName": "HprNumbersMerged", "nummer": 1, "gammelt": 2}})");
  EXPECT_EQ(Only<Merge>(Decode(record, config)), (Merge{2, 1}));
}

TEST(E10_Events, BadOnesAreRefused) {
  EXPECT_EQ(Notes(DecodeValue(kEvents, R"({"properties": {"eventName": "HprNumbersMerged", "hprNummer": 1}})")),
            std::vector<std::string>{"INVALID_IDENTIFIER - hprUtgår"});
  EXPECT_EQ(Notes(DecodeValue(kEvents,
                              R"({"properties": {"eventName": "HprNumbersMerged", "hprNummer": 0, "hprUtgår": 4}})")),
            std::vector<std::string>{"INVALID_IDENTIFIER - properties.hprNummer"});
  EXPECT_EQ(Notes(DecodeValue(kEvents, R"({"properties": 7})")),
            std::vector<std::string>{"MALFORMED_RECORD - properties"});
  EXPECT_EQ(Notes(Decode(Record(kEvents, std::nullopt), DecoderConfig{})),
            std::vector<std::string>{"MALFORMED_RECORD - "});
  EXPECT_EQ(Notes(DecodeValue(kEvents, ReadSample("events_slim_sequence.json"))),
            std::vector<std::string>{"UNKNOWN_FORMAT - "});
}

TEST(E10_HprNumbersMerged, SurvivingNumberFromTheKey) {
  RawRecord record = Record(kEvents, R"({"eventName": "HprNumbersMerged", "hprUtgår": "4"})");
  record.key = "31";
  EXPECT_EQ(Only<Merge>(Decode(record, DecoderConfig{})), (Merge{4, 31}));
}

struct TombstoneCase {
  const char* what;
  std::string topic;
  std::optional<std::string> key, header;
  std::optional<EntityId> deleted;
  std::string note;
};

class Tombstone : public testing::TestWithParam<TombstoneCase> {};

TEST_P(Tombstone, DeletesWhatItNames) {
  const TombstoneCase& given = GetParam();
  RawRecord record = Record(given.topic, std::nullopt);
  record.key = given.key;
  if (given.header) record.headers = {{"Id", *given.header}};
  const auto decoded = Decode(record, DecoderConfig{});
  if (given.deleted) {
    EXPECT_EQ(Only<Deletion>(decoded), Deletion{*given.deleted});
  } else {
    EXPECT_EQ(decoded.outcome, RecordOutcome::kRefused);
    EXPECT_EQ(Notes(decoded), std::vector<std::string>{given.note});
  }
}

constexpr std::nullopt_t kNone = std::nullopt;

INSTANTIATE_TEST_SUITE_P(
    R4_Deletion, Tombstone,
    testing::Values(
        TombstoneCase{"Person", "hpr.person", "009990007", kNone, EntityId{EntityKind::kPerson, 9990007}, ""},
        TombstoneCase{"Contract", "flo.contract", " 900101 ", kNone, EntityId{EntityKind::kContract, 900101}, ""},
        TombstoneCase{"E11_PatientCount", "flo.patient-count", "900101", kNone,
                      EntityId{EntityKind::kPatientCount, 900101}, ""},
        TombstoneCase{"F12_DoctorPeriod", "flo.gp-on-contract", "900101", "0700202",
                      EntityId{EntityKind::kDoctorPeriod, 700202}, ""},
        TombstoneCase{"F12_NoHeader", "flo.gp-on-contract", "900101", kNone, kNone, "MALFORMED_RECORD - headers.id"},
        TombstoneCase{"F12_BadHeader", "flo.gp-on-contract", "900101", "x", kNone, "INVALID_IDENTIFIER - headers.id"},
        TombstoneCase{"LettersInKey", "hpr.person", "12x", kNone, kNone, "INVALID_IDENTIFIER - key"},
        TombstoneCase{"KeyTooLarge", "hpr.person", "2147483648", kNone, kNone, "INVALID_IDENTIFIER - key"},
        TombstoneCase{"NoKey", "flo.contract", kNone, kNone, kNone, "INVALID_IDENTIFIER - key"}),
    [](const auto& info) { return std::string(info.param.what); });

TEST(R24_Key, IdentityNumberIsPersonalData) {
  RawRecord record = Record("hpr.person", R"({"hprNummer": 7, "sistOppdatert": "2024-01-01"})");
  record.key = "12837520264";
  const auto decoded = Decode(record, DecoderConfig{});
  EXPECT_EQ(Only<Person>(decoded).hpr_number, 7);
  EXPECT_EQ(Notes(decoded), std::vector<std::string>{"PERSONAL_DATA_RECEIVED person:7 key"});
  record.value.reset();
  EXPECT_EQ(Notes(Decode(record, DecoderConfig{})),
            (std::vector<std::string>{"INVALID_IDENTIFIER - key", "PERSONAL_DATA_RECEIVED - key"}));
}

TEST(R24_Key, IsPassedOnAsNumberOrHashAndNotAtAllOfAnIdentityNumber) {
  RawRecord record = Record("hpr.person", R"({"hprNummer": 7, "sistOppdatert": "2024-01-01"})");
  const auto key_of = [&record](std::string text) {
    record.key = std::move(text);
    return Decode(record, DecoderConfig{}).key;
  };
  EXPECT_FALSE(Decode(record, DecoderConfig{}).key);
  EXPECT_EQ(key_of("7"), RecordKey::OfNumber(Topic::kPerson, 7));
  EXPECT_EQ(key_of("999999999")->number(), 999999999);
  for (const char* other : {"", "0", "07", " 7", "7a", "-7", "1000000000"})
    EXPECT_FALSE(key_of(other)->number()) << other;
  // The first bytes of SHA-256("a").
  EXPECT_EQ(key_of("a")->bytes[0], 0xca);
  EXPECT_EQ(key_of("a")->bytes[1], 0x97);
  EXPECT_EQ(key_of("a")->bytes[15], 0x4d);
  record.value = "no record";
  EXPECT_EQ(key_of("7"), RecordKey::OfNumber(Topic::kPerson, 7));
  EXPECT_FALSE(key_of(" 12837520264"));
}

TEST(F13_Lines, UnknownTopicsAreIgnoredAndUnreadableLinesNoted) {
  EXPECT_EQ(DecodeValue("annet.emne", "x").outcome, RecordOutcome::kIgnored);
  RawRecord record;
  record.line = "a.ndjson:3";
  record.unreadable = "is not a JSON object";
  record.value = "x";
  const auto decoded = Decode(record, DecoderConfig{});
  EXPECT_EQ(decoded.outcome, RecordOutcome::kUnreadable);
  EXPECT_EQ(decoded.topic, std::nullopt);
  EXPECT_EQ(decoded.line, "a.ndjson:3");
  ASSERT_EQ(decoded.notes.size(), 1u);
  EXPECT_EQ(decoded.notes[0].code, DeviationCode::kMalformedRecord);
  EXPECT_EQ(decoded.notes[0].detail, "is not a JSON object");
  EXPECT_EQ(decoded.dead_letter_hash, "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881");
}

TEST(Topics, CanBeConfigured) {
  DecoderConfig config;
  config.topic_names[static_cast<size_t>(Topic::kPerson)] = "nhn.personer";
  EXPECT_EQ(Decode(Record("hpr.person", "{}"), config).outcome, RecordOutcome::kIgnored);
  EXPECT_EQ(Decode(Record("nhn.personer", "{}"), config).outcome, RecordOutcome::kRefused);
}

}  // namespace
}  // namespace flosync
