#include "connectors/file/record_line.h"

#include <limits>
#include <optional>

#include "absl/strings/escaping.h"

#include "connectors/decode/ascii.h"
#include "connectors/decode/identifiers.h"
#include "connectors/decode/json_document.h"

namespace flosync {
namespace {

using simdjson::dom::element;

// The parsers keep memory for the longest line they have seen; beyond this it is given back afterwards.
constexpr size_t kKeptBytes = size_t{1024} * 1024;

// The members of a line as they stand; of one name twice the last.
struct Members {
  std::optional<element> topic, partition, offset, timestamp, key, headers, value, value_base64;
  bool tombstone = false;  // the value is null, not absent
};

Members FindMembers(simdjson::dom::object object) {
  Members members;
  for (const auto [name, value] : object) {
    if (name == "value") members.tombstone = value.is_null();
    if (value.is_null()) continue;
    if (name == "topic") members.topic = value;
    if (name == "partition") members.partition = value;
    if (name == "offset") members.offset = value;
    if (name == "timestamp") members.timestamp = value;
    if (name == "key") members.key = value;
    if (name == "headers") members.headers = value;
    if (name == "value") members.value = value;
    if (name == "value_base64") members.value_base64 = value;
  }
  return members;
}

// A whole number `smallest`..`largest`, as number or text.
std::optional<int64_t> ReadNumber(element value, int64_t smallest, int64_t largest) {
  std::string_view text;
  std::optional<int64_t> number;
  int64_t integer = 0;
  if (value.get_int64().get(integer) == simdjson::SUCCESS) {
    number = integer;
  } else if (value.get_string().get(text) == simdjson::SUCCESS) {
    number = ParseInteger(text);
  }
  if (!number || *number < smallest || *number > largest) return std::nullopt;
  return number;
}

// Text as it is; anything else as its JSON.
std::string ReadText(element value) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return std::string(text);
  return simdjson::minify(value);
}

bool ReadHeaders(element value, RawRecord& record) {
  simdjson::dom::object headers;
  if (value.get_object().get(headers) != simdjson::SUCCESS) return false;
  for (const auto [name, header] : headers) {
    if (!header.is_null()) record.headers.emplace_back(std::string(name), ReadText(header));
  }
  return true;
}

// The text of a value as it stands in the document.
std::string_view RawText(simdjson::ondemand::value& value) {
  using simdjson::ondemand::json_type;
  std::string_view text;
  simdjson::error_code error = simdjson::SUCCESS;
  switch (value.type().value_unsafe()) {
    case json_type::object: {
      simdjson::ondemand::object object;
      error = value.get_object().get(object);
      if (error == simdjson::SUCCESS) error = object.raw_json().get(text);
      break;
    }
    case json_type::array: {
      simdjson::ondemand::array array;
      error = value.get_array().get(array);
      if (error == simdjson::SUCCESS) error = array.raw_json().get(text);
      break;
    }
    default:
      text = value.raw_json_token();
  }
  return error == simdjson::SUCCESS ? text : std::string_view();
}

std::string FromBase64(std::string text) {
  std::string bytes;
  return absl::Base64Unescape(text, &bytes) ? bytes : text;
}

}  // namespace

std::string_view WithoutByteOrderMark(std::string_view line) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  return line;
}

// The text of the member `value`, byte for byte. The line is known to be a JSON object that has it.
std::string RecordLineParser::RawValue(std::string_view line) {
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  const simdjson::padded_string_view padded(line.data(), line.size(), line.size() + simdjson::SIMDJSON_PADDING);
  std::string_view raw;
  if (slicer_.iterate(padded).get(document) == simdjson::SUCCESS &&
      document.get_object().get(object) == simdjson::SUCCESS) {
    for (auto field : object) {
      std::string_view name;
      simdjson::ondemand::value value;
      if (field.unescaped_key().get(name) != simdjson::SUCCESS || name != "value") continue;
      if (field.value().get(value) != simdjson::SUCCESS) break;
      raw = RawText(value);
    }
  }
  return std::string(TrimBlanks(raw));
}

// False, with the reason, if the line is no record.
bool RecordLineParser::ReadMembers(std::string_view line, simdjson::dom::object object, RecordLine& out) {
  RawRecord& record = out.record;
  const Members members = FindMembers(object);
  const auto fail = [&](const char* reason) {
    record.unreadable = reason;
    return false;
  };
  std::string_view topic;
  if (!members.topic || members.topic->get_string().get(topic) != simdjson::SUCCESS || topic.empty()) {
    return fail("has no topic");
  }
  record.topic = topic;
  constexpr int64_t kLastMillisecond = 253402300799999;  // of the year 9999
  constexpr int64_t kLargestOffset = std::numeric_limits<int64_t>::max() - 1;
  const auto timestamp =
      members.timestamp ? ReadNumber(*members.timestamp, -kLastMillisecond, kLastMillisecond) : std::nullopt;
  if (!timestamp) return fail("has no timestamp in milliseconds since 1970");
  record.timestamp = {*timestamp};
  if (members.partition) {
    const auto partition = ReadNumber(*members.partition, 0, std::numeric_limits<int32_t>::max());
    if (!partition) return fail("has a partition that is no whole number");
    record.partition = static_cast<int32_t>(*partition);
  }
  if (members.offset) {
    const auto offset = ReadNumber(*members.offset, 0, kLargestOffset);
    if (!offset) return fail("has an offset that is no whole number");
    record.offset = *offset;
    out.has_offset = true;
  }
  if (members.headers && !ReadHeaders(*members.headers, record)) return fail("has headers that are no JSON object");
  if (members.key) record.key = ReadText(*members.key);
  if (members.value && !members.tombstone) {
    record.value = members.value->is_string() ? ReadText(*members.value) : RawValue(line);
  } else if (members.value_base64 && !members.tombstone) {
    record.value = FromBase64(ReadText(*members.value_base64));
  }
  return true;
}

RecordLine RecordLineParser::Parse(std::string_view line) {
  if (parser_.capacity() > kKeptBytes && line.size() < kKeptBytes) {
    parser_ = simdjson::dom::parser();
    slicer_ = simdjson::ondemand::parser();
  }
  element root;
  auto error = parser_.parse(line.data(), line.size(), false).get(root);
  if (error == simdjson::NUMBER_ERROR) error = parser_.parse(WithoutHugeNumbers(line)).get(root);
  RecordLine out;
  simdjson::dom::object object;
  if (error != simdjson::SUCCESS || root.get_object().get(object) != simdjson::SUCCESS) {
    out.record.unreadable = "is not a JSON object";
  } else if (ReadMembers(line, object, out)) {
    return out;
  }
  // Nothing of a line that is no record may pass for one; its bytes are kept for the dead letters' hash.
  RecordLine unreadable;
  unreadable.record.unreadable = std::move(out.record.unreadable);
  unreadable.record.value = std::string(line);
  return unreadable;
}

}  // namespace flosync
