// The one way in which all commands print JSON: protobuf's own mapping with the field names of the API, and three
// things that scripts are better served by. Whole numbers of 64 bits are numbers, not texts; every field is there, also
// with its default value; what is absent is null (of a oneof only what is set). Times are RFC 3339 in UTC.
//
//   JsonText(status, JsonStyle::kPretty);  // {\n  "version": "0.1.0",\n  "revision": 17,\n …
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <google/protobuf/message.h>

namespace flosync {

enum class JsonStyle : uint8_t { kPretty, kOneLine };

// Without a line end. Maps and messages of google.protobuf other than Timestamp and Duration are not in the API and
// print as protobuf stores them.
[[nodiscard]] std::string JsonText(const google::protobuf::Message& message, JsonStyle style);

// The text in quotes, with everything escaped that JSON wants escaped; bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string JsonQuoted(std::string_view text);

}  // namespace flosync
