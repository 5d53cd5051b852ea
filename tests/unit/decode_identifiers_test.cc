#include <sstream>

#include <gtest/gtest.h>

#include "connectors/decode/identifiers.h"
#include "tests/unit/decode_testing.h"

namespace flosync {
namespace {

struct Vector {
  std::string kind, value, expected, note;
};

// `kind,value,expected,note`; only the note may be quoted and hold commas.
std::vector<Vector> ReadVectors() {
  std::istringstream in(ReadSample("identifier_vectors.csv"));
  std::vector<Vector> vectors;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream columns(line);
    Vector vector;
    std::getline(columns, vector.kind, ',');
    std::getline(columns, vector.value, ',');
    std::getline(columns, vector.expected, ',');
    std::getline(columns, vector.note);
    vectors.push_back(vector);
  }
  return vectors;
}

TEST(R8_Identifiers, EveryPublishedVector) {
  const auto vectors = ReadVectors();
  ASSERT_EQ(vectors.size(), 75u);
  for (const Vector& vector : vectors) {
    SCOPED_TRACE(vector.kind + " " + vector.value + " " + vector.note);
    const bool valid = vector.expected == "valid" || vector.expected == "valid-2032";
    if (vector.kind == "nin") {
      EXPECT_EQ(IsValidNin(vector.value), valid);
    } else if (vector.kind == "orgnr") {
      EXPECT_EQ(IsValidOrganisationNumber(vector.value), valid);
    } else if (vector.kind == "hpr") {
      EXPECT_EQ(ParseHprNumber(vector.value).has_value(), valid);
    } else {
      ASSERT_EQ(vector.kind, "kommunenr");
      EXPECT_EQ(PadMunicipality(vector.value), vector.expected == "repair" ? "0" + vector.value : vector.value);
    }
  }
}

TEST(R8_Identifiers, DatesOfNins) {
  EXPECT_TRUE(IsValidNin("29029648784"));   // 29 February 1996
  EXPECT_FALSE(IsValidNin("00000000000"));  // right control digits, no date
  EXPECT_FALSE(IsValidNin("1283752026x"));
  EXPECT_FALSE(IsValidNin(""));
}

TEST(R8_Identifiers, LeadingZerosOfHprNumbersAreDropped) {
  EXPECT_EQ(ParseHprNumber("009990007"), 9990007);
  EXPECT_EQ(ParseHprNumber("2147483647"), 2147483647);
  EXPECT_EQ(ParseHprNumber("-7"), std::nullopt);
  EXPECT_EQ(ParseHprNumber(""), std::nullopt);
}

TEST(F5_Numbers, SignDigitsAndBlanks) {
  EXPECT_EQ(ParseInteger(" +12\t"), 12);
  EXPECT_EQ(ParseInteger("-0012"), -12);
  EXPECT_EQ(ParseInteger("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(ParseInteger("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(ParseInteger("99999999999999999999"), INT64_MAX);
  EXPECT_EQ(ParseInteger("-99999999999999999999"), INT64_MIN);
  for (const char* text : {"", " ", "+", "-", "1 2", "1.0", "0x1", "--1", "١"}) {
    EXPECT_EQ(ParseInteger(text), std::nullopt) << text;
  }
}

TEST(R8_Municipality, PaddedOnlyWhereNumeric) {
  EXPECT_EQ(PadMunicipality(" 301 "), "0301");
  EXPECT_EQ(PadMunicipality("1"), "0001");
  EXPECT_EQ(PadMunicipality("0301"), "0301");
  EXPECT_EQ(PadMunicipality("12345"), "12345");
  EXPECT_EQ(PadMunicipality("x1"), "x1");
  EXPECT_EQ(PadMunicipality(""), "");
}

TEST(R24_IdentityNumbers, FoundAsWholeRunsOfDigits) {
  EXPECT_TRUE(ContainsNin("12837520264"));
  EXPECT_TRUE(ContainsNin("{\"a\":\"12837520264\"}"));
  EXPECT_FALSE(ContainsNin("112837520264"));
  EXPECT_FALSE(ContainsNin("1283752026"));
  EXPECT_FALSE(ContainsNin(""));
}

}  // namespace
}  // namespace flosync
