#include "connectors/decode/ascii.h"
#include "connectors/decode/identifiers.h"
#include "connectors/decode/readers.h"

namespace flosync {
namespace {

enum EventMember : size_t { kSource, kName, kType, kNumber, kOldNumber, kProperties };

// An event's members, each taken from below `properties` or else from the top level (E10).
class EventFields {
 public:
  EventFields(const Field& top, const Field& properties, const std::array<MemberName, 6>& names)
      : top_(top, names), below_(properties, names) {}
  [[nodiscard]] Field operator[](size_t i) const { return below_.has(i) ? below_[i] : top_[i]; }
  [[nodiscard]] bool has(size_t i) const { return below_.has(i) || top_.has(i); }

 private:
  Fields<6> top_;
  Fields<6> below_;
};

// "PersonDeleted" of the CloudEvents type "no.nhn.hpr.PersonDeleted".
std::string_view LastPart(std::string_view type) {
  const size_t at = type.find_last_of("./:");
  return at == std::string_view::npos ? type : type.substr(at + 1);
}

std::string_view EventName(const EventFields& members, std::string_view type) {
  if (const auto name = members[kName].value.Text()) return *name;
  if (const auto name = members[kType].value.Text()) return *name;
  return LastPart(type);
}

// The person an event is about: its number, or else the record's key (E10).
int32_t ReadSubject(const EventFields& members, const std::optional<std::string>& key, Findings& findings) {
  if (members.has(kNumber) || !key) return ReadHprNumber(members[kNumber], findings);
  const auto number = ParseHprNumber(*key);
  if (!number || IsValidNin(TrimBlanks(*key))) {
    findings.Refuse(DeviationCode::kInvalidIdentifier, {nullptr, "key"}, "is not an HPR number (1..2147483647)");
  }
  return number.value_or(0);
}

}  // namespace

std::optional<RegisterChange> ReadEvent(const Field& root, std::string_view type, const std::optional<std::string>& key,
                                        const DecoderConfig& config, Findings& findings) {
  const std::array<MemberName, 6> names = {{{"eventSource", ""},
                                            {"eventName", ""},
                                            {"eventType", ""},
                                            {config.event_number_field, ""},
                                            {config.event_old_number_field, ""},
                                            {"properties", ""}}};
  const Field properties = Fields(root, names)[kProperties];
  if (!properties.value.absent() && !CheckObject(properties, findings)) return std::nullopt;
  const EventFields members(root, properties, names);
  if (members.has(kSource) && members[kSource].value.Text() != "Hpr") return std::nullopt;
  const std::string_view name = EventName(members, type);
  if (name == "PersonDeleted") return Deletion{{EntityKind::kPerson, ReadSubject(members, key, findings)}};
  if (name == "HprNumbersMerged") {
    const int32_t old_number = ReadHprNumber(members[kOldNumber], findings);
    return Merge{old_number, ReadSubject(members, key, findings)};
  }
  return std::nullopt;
}

}  // namespace flosync
