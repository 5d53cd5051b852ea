// One line of a replay file as a record (F13, F14).
#pragma once

#include <string>
#include <string_view>

#include <simdjson.h>

#include "connectors/record.h"

namespace flosync {

// Keeps its buffers from line to line; used by one thread.
//
//   RecordLineParser parser;
//   RecordLine parsed = parser.Parse(R"({"topic":"hpr.person","timestamp":1789000000000,"key":"7","value":null})");
//   parsed.record.value  // nothing: a tombstone
//   parsed.has_offset    // false: to be counted
struct RecordLine {
  RawRecord record;  // `unreadable` is set if the line is no record
  bool has_offset = false;
};

class RecordLineParser {
 public:
  // `line` must be readable for simdjson::SIMDJSON_PADDING bytes beyond its end.
  //
  // A JSON value other than a string is delivered as its text, byte for byte; a string as its characters;
  // `value_base64` as the bytes it stands for. Base64 that cannot be read is delivered as it is written: it is neither
  // JSON nor XML, so the record is refused as MALFORMED_RECORD at its own position.
  [[nodiscard]] RecordLine Parse(std::string_view line);

 private:
  [[nodiscard]] bool ReadMembers(std::string_view line, simdjson::dom::object object, RecordLine& out);
  [[nodiscard]] std::string RawValue(std::string_view line);

  simdjson::dom::parser parser_;
  simdjson::ondemand::parser slicer_;
};

// The line without the mark that some editors put before the first (F13).
[[nodiscard]] std::string_view WithoutByteOrderMark(std::string_view line);

}  // namespace flosync
