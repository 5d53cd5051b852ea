#include "connectors/decode/payload.h"

#include <array>
#include <utility>

#include "absl/strings/escaping.h"

#include "connectors/decode/ascii.h"
#include "connectors/decode/field.h"
#include "connectors/decode/json_document.h"
#include "connectors/decode/xml_document.h"

namespace flosync {
namespace {

// What a content type says about the bytes.
enum class Declared : uint8_t { kNothing, kJson, kXml, kFhirJson, kFhirXml, kCloudEvent, kUnsupported };

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// Magic byte and schema id of Confluent's wire format.
constexpr size_t kConfluentPrefixBytes = 5;

Declared DeclaredBy(std::string_view content_type) {
  const size_t parameters = content_type.find(';');
  std::string type(TrimBlanks(content_type.substr(0, parameters)));
  for (char& c : type) c = AsciiLower(c);
  if (type.empty() || type == "text/plain" || type == "application/octet-stream") return Declared::kNothing;
  if (type == "application/cloudevents+json") return Declared::kCloudEvent;
  if (type == "application/fhir+json") return Declared::kFhirJson;
  if (type == "application/fhir+xml") return Declared::kFhirXml;
  if (type == "application/cloudevents-batch+json") return Declared::kUnsupported;
  if (type == "application/json" || type == "text/json" || type.ends_with("+json")) return Declared::kJson;
  if (type == "application/xml" || type == "text/xml" || type.ends_with("+xml")) return Declared::kXml;
  return Declared::kUnsupported;
}

std::string_view WithoutPrefix(std::string_view value) {
  if (value.size() >= kConfluentPrefixBytes && value.front() == '\0') value.remove_prefix(kConfluentPrefixBytes);
  if (value.starts_with(kByteOrderMark)) value.remove_prefix(kByteOrderMark.size());
  return value;
}

// The first bytes decide (F14): an object or a list is JSON; all else must be XML, unless it is the bare number, word
// or string that a JSON value can be too.
Declared Sniff(std::string_view text) {
  text = TrimBlanks(text);
  if (text.starts_with('{') || text.starts_with('[')) return Declared::kJson;
  if (text.starts_with('<')) return Declared::kXml;
  return ParseJson(text) ? Declared::kJson : Declared::kXml;
}

std::optional<Payload> Refuse(DeviationCode code, std::string_view what, Findings& findings) {
  findings.Refuse(code, Path{}, what);
  return std::nullopt;
}

std::optional<Payload> OpenJson(std::string_view text, bool declared, Findings& findings) {
  const auto root = ParseJson(text);
  if (!root) {
    return Refuse(DeviationCode::kMalformedRecord,
                  declared ? "is not JSON, which its content type says it is" : "is not well-formed JSON", findings);
  }
  return Payload{PayloadFormat::kJson, *root, {}};
}

std::optional<Payload> OpenXml(std::string_view text, bool declared, Findings& findings) {
  const auto root = ParseXml(text);
  if (!root) {
    return Refuse(DeviationCode::kMalformedRecord,
                  declared ? "is not XML, which its content type says it is" : "is neither JSON nor well-formed XML",
                  findings);
  }
  return Payload{PayloadFormat::kXml, Value::Element(*root), {}};
}

std::optional<Payload> OpenCloudEvent(std::string_view text, Findings& findings);

std::optional<Payload> Open(std::string_view value, Declared declared, Findings& findings) {
  const std::string_view text = WithoutPrefix(value);
  if (TrimBlanks(text).empty()) return Refuse(DeviationCode::kMalformedRecord, "is empty", findings);
  const bool by_header = declared != Declared::kNothing;
  if (!by_header) declared = Sniff(text);
  std::optional<Payload> payload;
  switch (declared) {
    case Declared::kUnsupported:
      return Refuse(DeviationCode::kUnknownFormat, "has a content type that is not taken here", findings);
    case Declared::kCloudEvent:
      return OpenCloudEvent(text, findings);
    case Declared::kFhirJson:
    case Declared::kJson:
    case Declared::kNothing:
      payload = OpenJson(text, by_header, findings);
      break;
    case Declared::kFhirXml:
    case Declared::kXml:
      payload = OpenXml(text, by_header, findings);
      break;
  }
  const bool fhir = declared == Declared::kFhirJson || declared == Declared::kFhirXml;
  if (payload && fhir) return Refuse(DeviationCode::kUnknownFormat, "is FHIR, which is not taken here", findings);
  return payload;
}

// What a structured CloudEvent carries: a JSON value in place, or text or bytes to be opened in turn.
struct EventData {
  Value value;
  std::optional<std::string> bytes;
  std::string content_type;
  std::string type;
};

std::optional<EventData> ReadCloudEvent(const Value& root, Findings& findings) {
  enum Member : size_t { kType, kContentType, kData, kDataBase64 };
  constexpr std::array<MemberName, 4> kNames = {
      {{"type", ""}, {"datacontenttype", ""}, {"data", ""}, {"data_base64", ""}}};
  const Field envelope{root, {}};
  if (!CheckObject(envelope, findings)) return std::nullopt;
  const Fields members(envelope, kNames);
  EventData event;
  event.type = ReadText(members[kType], findings);
  event.content_type = ReadText(members[kContentType], findings);
  event.value = members[kData].value;
  if (members.has(kDataBase64)) {
    event.bytes.emplace();
    const std::string base64 = ReadText(members[kDataBase64], findings);
    if (!absl::Base64Unescape(base64, &*event.bytes)) {
      findings.Refuse(DeviationCode::kMalformedRecord, members[kDataBase64].path, "is not base64");
    }
  } else if (const auto text = event.value.Text()) {
    event.bytes = std::string(*text);
  }
  if (findings.refused()) return std::nullopt;
  return event;
}

std::optional<Payload> OpenCloudEvent(std::string_view text, Findings& findings) {
  auto envelope = OpenJson(text, true, findings);
  if (!envelope) return std::nullopt;
  auto event = ReadCloudEvent(envelope->root, findings);
  if (!event) return std::nullopt;
  const Declared declared = DeclaredBy(event->content_type);
  if (declared == Declared::kCloudEvent || declared == Declared::kUnsupported) {
    return Refuse(DeviationCode::kUnknownFormat, "has a data content type that is not taken here", findings);
  }
  if (!event->bytes && declared != Declared::kNothing && declared != Declared::kJson) {
    return Refuse(DeviationCode::kMalformedRecord, "carries JSON, which its data content type says it is not",
                  findings);
  }
  auto payload = event->bytes ? Open(*event->bytes, declared, findings)
                              : std::optional(Payload{PayloadFormat::kJson, event->value, {}});
  if (payload) payload->event_type = std::move(event->type);
  return payload;
}

}  // namespace

std::optional<std::string_view> FindHeader(const RawRecord& record, std::string_view name) {
  for (const auto& [key, value] : record.headers) {
    if (!value.empty() && EqualsIgnoreAsciiCase(key, name)) return value;
  }
  return std::nullopt;
}

std::optional<Payload> OpenPayload(const RawRecord& record, std::string_view value, Findings& findings) {
  auto payload = Open(value, DeclaredBy(FindHeader(record, "content-type").value_or("")), findings);
  if (payload && payload->event_type.empty()) payload->event_type = FindHeader(record, "ce_type").value_or("");
  return payload;
}

}  // namespace flosync
