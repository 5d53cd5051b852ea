// F13, F14: what one line of a replay file says.
#include <gtest/gtest.h>

#include "connectors/file/record_line.h"

namespace flosync {
namespace {

RecordLine Parse(const std::string& line) {
  static RecordLineParser parser;
  const std::string padded = line + std::string(simdjson::SIMDJSON_PADDING, '#');
  return parser.Parse(std::string_view(padded).substr(0, line.size()));
}

// The value of a line with these members besides topic and timestamp.
std::optional<std::string> ValueOf(const std::string& members) {
  const auto parsed = Parse(R"({"topic":"x","timestamp":1,)" + members + R"(,"key":"k"})");
  EXPECT_EQ(parsed.record.unreadable, "") << members;
  EXPECT_EQ(parsed.record.key, "k") << members;
  return parsed.record.value;
}

TEST(F13_Line, AllMembers) {
  const auto parsed =
      Parse(R"({"topic":"hpr.person","partition":2,"offset":17,"timestamp":1789000000000,"key":"999000011",)"
            R"("headers":{"content-type":"application/json","id":7,"none":null},"value":{"a": [1, 2]},"ny":1})");
  const RawRecord& record = parsed.record;
  EXPECT_TRUE(parsed.has_offset);
  EXPECT_EQ(record.topic, "hpr.person");
  EXPECT_EQ(record.partition, 2);
  EXPECT_EQ(record.offset, 17);
  EXPECT_EQ(record.timestamp, Instant{1789000000000});
  EXPECT_EQ(record.key, "999000011");
  EXPECT_EQ(record.value, R"({"a": [1, 2]})");
  const std::vector<std::pair<std::string, std::string>> headers = {{"content-type", "application/json"}, {"id", "7"}};
  EXPECT_EQ(record.headers, headers);
  EXPECT_EQ(record.unreadable, "");
}

TEST(F13_Line, LittleIsEnough) {
  const auto parsed = Parse(R"({"topic":"x","timestamp":"12","key":null})");
  EXPECT_FALSE(parsed.has_offset);
  EXPECT_EQ(parsed.record.partition, 0);
  EXPECT_EQ(parsed.record.timestamp, Instant{12});
  EXPECT_EQ(parsed.record.key, std::nullopt);
  EXPECT_EQ(parsed.record.value, std::nullopt);
}

TEST(F14_Value, JsonIsDeliveredByteForByte) {
  EXPECT_EQ(ValueOf(R"("value":{ "f\u00f8": 1.50,  "x":"\"}" })"), R"({ "f\u00f8": 1.50,  "x":"\"}" })");
  EXPECT_EQ(ValueOf(R"("value" : [ 1,{"value":2} ] )"), R"([ 1,{"value":2} ])");
  EXPECT_EQ(ValueOf(R"("value": 7 )"), "7");
  EXPECT_EQ(ValueOf(R"("value":true)"), "true");
  EXPECT_EQ(ValueOf(R"("value":123456789012345678901234567890)"), "123456789012345678901234567890");
  EXPECT_EQ(ValueOf(R"("v\u0061lue":{"a":1e999})"), R"({"a":1e999})");
}

TEST(F14_Value, StringsAreUnescaped) {
  EXPECT_EQ(ValueOf(R"("value":"<P a=\"1\">\u00d8\n</P>")"), "<P a=\"1\">Ø\n</P>");
  EXPECT_EQ(ValueOf(R"("value":"")"), "");
}

TEST(F14_Value, NullOrAbsentIsATombstone) {
  EXPECT_EQ(ValueOf(R"("value":null)"), std::nullopt);
  EXPECT_EQ(ValueOf(R"("value_base64":null)"), std::nullopt);
  EXPECT_EQ(ValueOf(R"("annet":1)"), std::nullopt);
  EXPECT_EQ(ValueOf(R"("value":null,"value_base64":"AP8B")"), std::nullopt);
}

TEST(F14_Value, Base64) {
  EXPECT_EQ(ValueOf(R"("value_base64":"AP8B")"), std::string("\0\xFF\1", 3));
  EXPECT_EQ(ValueOf(R"("value_base64":"")"), "");
  // Delivered as written, to be refused at its position.
  EXPECT_EQ(ValueOf(R"("value_base64":"A?")"), "A?");
  EXPECT_EQ(ValueOf(R"("value_base64":7)"), "7");
}

TEST(F13_Line, Unreadable) {
  const std::vector<std::pair<std::string, std::string>> lines = {
      {"", "is not a JSON object"},
      {"7", "is not a JSON object"},
      {"[1,2]", "is not a JSON object"},
      {R"({"topic":"x","timestamp":1,"value":{"a":tru}})", "is not a JSON object"},
      {R"({"topic":"x","timestamp":1} x)", "is not a JSON object"},
      {R"({"topic":"x","timestamp":1)", "is not a JSON object"},
      {R"({"timestamp":1})", "has no topic"},
      {R"({"topic":7,"timestamp":1})", "has no topic"},
      {R"({"topic":"x"})", "has no timestamp in milliseconds since 1970"},
      {R"({"topic":"x","timestamp":null})", "has no timestamp in milliseconds since 1970"},
      {R"({"topic":"x","timestamp":1.5})", "has no timestamp in milliseconds since 1970"},
      {R"({"topic":"x","timestamp":99999999999999999999})", "has no timestamp in milliseconds since 1970"},
      {R"({"topic":"x","timestamp":1,"partition":-1})", "has a partition that is no whole number"},
      {R"({"topic":"x","timestamp":1,"offset":"x"})", "has an offset that is no whole number"},
      {R"({"topic":"x","timestamp":1,"headers":[]})", "has headers that are no JSON object"},
  };
  for (const auto& [line, reason] : lines) {
    const auto parsed = Parse(line);
    EXPECT_EQ(parsed.record.unreadable, reason) << line;
    EXPECT_EQ(parsed.record.topic, "") << line;
    EXPECT_EQ(parsed.record.value, line);
  }
}

}  // namespace
}  // namespace flosync
