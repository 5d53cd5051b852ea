#include "daemon/cli/json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

#include <absl/strings/escaping.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

namespace flosync {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Length of the UTF-8 sequence at the beginning of `text`; 0 if there is none.
size_t Utf8Length(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                        : lead >= 0xE0 && lead <= 0xEF ? 3
                        : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                       : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, beyond U+10FFFF.
  const bool wrong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F) ||
                     (lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F);
  return wrong ? 0 : length;
}

void AppendEscaped(char c, std::string& out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) {
    out.push_back(c);
    return;
  }
  out += "\\u00";
  out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
  out.push_back(kDigits[static_cast<unsigned char>(c) & 0xF]);
}

class Writer {
 public:
  explicit Writer(JsonStyle style) : pretty_(style == JsonStyle::kPretty) {}

  void Object(const Message& message) {
    if (Time(message)) return;
    out_.push_back('{');
    ++depth_;
    bool first = true;
    const auto* descriptor = message.GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const FieldDescriptor* field = descriptor->field(i);
      const bool of_oneof = field->real_containing_oneof() != nullptr;
      if (of_oneof && !message.GetReflection()->HasField(message, field)) continue;
      Next(first);
      out_ += JsonQuoted(field->name());
      out_ += pretty_ ? ": " : ":";
      Member(message, *field);
    }
    --depth_;
    if (!first) NewLine();
    out_.push_back('}');
  }

  [[nodiscard]] std::string Take() { return std::move(out_); }

 private:
  void NewLine() {
    if (!pretty_) return;
    out_.push_back('\n');
    out_.append(static_cast<size_t>(depth_) * 2, ' ');
  }

  void Next(bool& first) {
    if (!first) out_.push_back(',');
    first = false;
    NewLine();
  }

  bool Time(const Message& message) {
    using google::protobuf::util::TimeUtil;
    const std::string& name = message.GetDescriptor()->full_name();
    if (name == "google.protobuf.Timestamp") {
      google::protobuf::Timestamp timestamp;
      timestamp.CopyFrom(message);
      out_ += JsonQuoted(TimeUtil::ToString(timestamp));
      return true;
    }
    if (name == "google.protobuf.Duration") {
      google::protobuf::Duration duration;
      duration.CopyFrom(message);
      out_ += JsonQuoted(TimeUtil::ToString(duration));
      return true;
    }
    return false;
  }

  void Member(const Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    if (!field.is_repeated()) {
      if (field.has_presence() && !reflection.HasField(message, &field)) {
        out_ += "null";
      } else {
        Value(message, field, -1);
      }
      return;
    }
    out_.push_back('[');
    ++depth_;
    const int size = reflection.FieldSize(message, &field);
    bool first = true;
    for (int i = 0; i < size; ++i) {
      Next(first);
      Value(message, field, i);
    }
    --depth_;
    if (!first) NewLine();
    out_.push_back(']');
  }

  // Element `index` of a repeated field, or the value of another where it is -1.
  void Value(const Message& m, const FieldDescriptor& field, int index) {
    const Reflection& r = *m.GetReflection();
    const FieldDescriptor* f = &field;
    const bool one = index < 0;
    switch (f->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return Number(one ? r.GetInt32(m, f) : r.GetRepeatedInt32(m, f, index));
      case FieldDescriptor::CPPTYPE_INT64:
        return Number(one ? r.GetInt64(m, f) : r.GetRepeatedInt64(m, f, index));
      case FieldDescriptor::CPPTYPE_UINT32:
        return Number(one ? r.GetUInt32(m, f) : r.GetRepeatedUInt32(m, f, index));
      case FieldDescriptor::CPPTYPE_UINT64:
        return Number(one ? r.GetUInt64(m, f) : r.GetRepeatedUInt64(m, f, index));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return Number(one ? r.GetDouble(m, f) : r.GetRepeatedDouble(m, f, index));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return Number(one ? r.GetFloat(m, f) : r.GetRepeatedFloat(m, f, index));
      case FieldDescriptor::CPPTYPE_BOOL:
        out_ += (one ? r.GetBool(m, f) : r.GetRepeatedBool(m, f, index)) ? "true" : "false";
        return;
      case FieldDescriptor::CPPTYPE_ENUM:
        return EnumName(field, one ? r.GetEnumValue(m, f) : r.GetRepeatedEnumValue(m, f, index));
      case FieldDescriptor::CPPTYPE_STRING:
        return Text(field, one ? r.GetString(m, f) : r.GetRepeatedString(m, f, index));
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Object(one ? r.GetMessage(m, f) : r.GetRepeatedMessage(m, f, index));
    }
  }

  template <typename Value>
  void Number(Value value) {
    if constexpr (std::is_floating_point_v<Value>) {
      // JSON has no such numbers; protobuf writes them as texts.
      if (!std::isfinite(value)) {
        out_ += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
        return;
      }
    }
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out_.append(digits.data(), end);
  }

  // By name; one that this version does not know by its number, as protobuf does.
  void EnumName(const FieldDescriptor& field, int number) {
    const auto* value = field.enum_type()->FindValueByNumber(number);
    if (value == nullptr) return Number(number);
    out_ += JsonQuoted(value->name());
  }

  void Text(const FieldDescriptor& field, const std::string& text) {
    out_ += JsonQuoted(field.type() == FieldDescriptor::TYPE_BYTES ? absl::Base64Escape(text) : text);
  }

  const bool pretty_;
  int depth_ = 0;
  std::string out_;
};

}  // namespace

std::string JsonText(const google::protobuf::Message& message, JsonStyle style) {
  Writer writer(style);
  writer.Object(message);
  return writer.Take();
}

std::string JsonQuoted(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 1) {
      AppendEscaped(text.front(), out);
    } else if (length == 0) {
      out += "\xEF\xBF\xBD";
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out.push_back('"');
  return out;
}

}  // namespace flosync
