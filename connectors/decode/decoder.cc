#include "connectors/decode/decoder.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "absl/strings/escaping.h"
#include <openssl/sha.h>

#include "connectors/decode/ascii.h"
#include "connectors/decode/findings.h"
#include "connectors/decode/identifiers.h"
#include "connectors/decode/payload.h"
#include "connectors/decode/readers.h"

namespace flosync {
namespace {

std::optional<Topic> FindTopic(const std::string& name, const DecoderConfig& config) {
  for (size_t i = 0; i < config.topic_names.size(); ++i) {
    if (config.topic_names[i] == name) return static_cast<Topic>(i);
  }
  return std::nullopt;
}

std::string Sha256Hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// The number that the key is, if it is written as the keys of registers are; nothing for longer ones.
std::optional<int64_t> RegisterNumber(std::string_view key) {
  constexpr size_t kMostDigits = 9;
  if (key.empty() || key.size() > kMostDigits || key.front() == '0') return std::nullopt;
  if (!std::all_of(key.begin(), key.end(), IsAsciiDigit)) return std::nullopt;
  return ParseInteger(key);
}

std::optional<RecordKey> KeyOf(Topic topic, const std::optional<std::string>& key) {
  if (!key || IsValidNin(TrimBlanks(*key))) return std::nullopt;
  if (const auto number = RegisterNumber(*key)) return RecordKey::OfNumber(topic, *number);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(key->data()), key->size(), digest.data());
  RecordKey hashed{topic, {}};
  std::copy_n(digest.begin(), hashed.bytes.size(), hashed.bytes.begin());
  return hashed;
}

// Adds what was found about `change`, and the change itself unless it is refused.
void Finish(RegisterChange change, int32_t index, Findings& findings, DecodedRecord& out) {
  if (!findings.empty()) {
    const EntityId entity = EntityOf(change);
    const bool refused = findings.refused();
    for (DeviationNote& note : findings.TakeNotes(entity.id > 0 ? FormatEntity(entity) : std::string())) {
      note.index = index;
      out.notes.push_back(std::move(note));
    }
    if (refused) {
      ++out.refused;
      return;
    }
  }
  out.changes.push_back({std::move(change), index});
}

void RefuseRecord(DeviationCode code, std::string_view field, std::string_view what, DecodedRecord& out) {
  out.notes.push_back({code, "", std::string(field), std::string(what)});
  ++out.refused;
}

// The element that is the person: the root, or the only Person below a SOAP envelope (B.1B, F20). Walks the document
// without recursion, since its depth is the sender's choice.
std::optional<Value> FindPersonElement(pugi::xml_node root, DecodedRecord& out) {
  pugi::xml_node found;
  pugi::xml_node at = root;
  while (at) {
    const bool person = LocalName(at) == "Person";
    if (person && found) {
      RefuseRecord(DeviationCode::kMalformedRecord, "", "holds more than one person", out);
      return std::nullopt;
    }
    if (person) found = at;
    pugi::xml_node next = person ? pugi::xml_node() : at.first_child();
    while (!next && at != root) {
      next = at.next_sibling();
      if (!next) at = at.parent();
    }
    at = next;
  }
  if (!found) {
    RefuseRecord(DeviationCode::kUnknownFormat, "", "holds no HPR person", out);
    return std::nullopt;
  }
  return Value::Element(found);
}

// True if the record is one object: well-formed JSON of another kind is in no format that is taken (A14).
bool CheckJsonObject(const Payload& payload, DecodedRecord& out) {
  if (payload.root.IsObject()) return true;
  RefuseRecord(DeviationCode::kUnknownFormat, "", "is JSON, but not one object", out);
  return false;
}

void DecodePerson(const Payload& payload, const DecoderConfig& config, DecodedRecord& out) {
  Field root{payload.root, {}};
  if (payload.format == PayloadFormat::kXml) {
    const auto person = FindPersonElement(*payload.root.xml(), out);
    if (!person) return;
    root.value = *person;
  } else if (payload.root.Items().size() > 1) {
    return RefuseRecord(DeviationCode::kMalformedRecord, "", "holds more than one person", out);
  } else if (!CheckJsonObject(payload, out)) {
    return;
  } else if (!LooksLikePerson(root.value)) {
    return RefuseRecord(DeviationCode::kUnknownFormat, "", "is a JSON object, but no HPR person", out);
  }
  Findings findings;
  Person person = ReadPerson(root, config, findings);
  Finish(std::move(person), 0, findings, out);
}

// True if the record is one object of FLO: a JSON object, or an XML element with this name.
bool CheckFloRoot(const Payload& payload, std::string_view element, DecodedRecord& out) {
  if (payload.format == PayloadFormat::kJson) return CheckJsonObject(payload, out);
  if (LocalName(*payload.root.xml()) == element) return true;
  RefuseRecord(DeviationCode::kUnknownFormat, "", "is XML of another kind than " + std::string(element), out);
  return false;
}

void DecodeContract(const Payload& payload, DecodedRecord& out) {
  if (!CheckFloRoot(payload, "GPContract", out)) return;
  if (payload.format == PayloadFormat::kJson && IsFlrOpenContract(payload.root)) {
    return RefuseRecord(DeviationCode::kUnknownFormat, "",
                        "is a contract of FLR's open interface, which the bridge turns into one of FLO", out);
  }
  Findings findings;
  Contract contract = ReadContract({payload.root, {}}, findings);
  Finish(std::move(contract), 0, findings, out);
}

void DecodeDoctorPeriod(const Payload& payload, DecodedRecord& out) {
  if (!CheckFloRoot(payload, "GPOnContractAssociation", out)) return;
  Findings findings;
  DoctorPeriod period = ReadDoctorPeriod({payload.root, {}}, findings);
  Finish(std::move(period), 0, findings, out);
}

// F1: one element of a batch is refused without the others. The record itself may be the one element.
void DecodePatientCount(const Field& element, DecodedRecord& out) {
  Findings findings;
  PatientCount count;
  if (element.value.IsObject()) {
    count = ReadPatientCount(element, findings);
  } else {
    findings.Refuse(DeviationCode::kMalformedRecord, element.path, "is not an object");
  }
  Finish(count, std::max(element.path.index, 0), findings, out);
}

void DecodePatientCounts(const Payload& payload, DecodedRecord& out) {
  if (payload.format == PayloadFormat::kXml) {
    return RefuseRecord(DeviationCode::kUnknownFormat, "", "is XML, but patient counts come as JSON", out);
  }
  if (!payload.root.IsList()) {
    if (CheckJsonObject(payload, out)) DecodePatientCount({payload.root, {}}, out);
    return;
  }
  int index = 0;
  for (const Value& item : payload.root.Items()) DecodePatientCount({item, {nullptr, "", index++}}, out);
}

void DecodeEvent(const RawRecord& record, const Payload& payload, const DecoderConfig& config, DecodedRecord& out) {
  if (payload.format == PayloadFormat::kXml) {
    return RefuseRecord(DeviationCode::kUnknownFormat, "", "is XML, but events come as JSON", out);
  }
  // A CloudEvent may have no data: then its type and the record's key say it all.
  const bool type_only = payload.root.absent() && !payload.event_type.empty();
  if (!type_only && !CheckJsonObject(payload, out)) return;
  const Field root{payload.root, {}};
  Findings findings;
  auto change = ReadEvent(root, payload.event_type, record.key, config, findings);
  if (!change && findings.empty()) return;
  // A refused event is a deviation of the record: it is no state of the person it would have named.
  Finish(change && !findings.refused() ? *std::move(change) : RegisterChange(Merge{}), 0, findings, out);
}

void DecodeValue(const RawRecord& record, const DecoderConfig& config, DecodedRecord& out) {
  if (out.value_bytes > kMaxValueBytes) {
    return RefuseRecord(DeviationCode::kMalformedRecord, "", "is larger than 4 MiB", out);
  }
  Findings findings;
  const auto payload = OpenPayload(record, *record.value, findings);
  if (!payload) {
    out.notes = findings.TakeNotes("");
    ++out.refused;
    return;
  }
  switch (*out.topic) {
    case Topic::kContract:
      return DecodeContract(*payload, out);
    case Topic::kDoctorPeriod:
      return DecodeDoctorPeriod(*payload, out);
    case Topic::kPatientCount:
      return DecodePatientCounts(*payload, out);
    case Topic::kEvent:
      return DecodeEvent(record, *payload, config, out);
    case Topic::kPerson:
      return DecodePerson(*payload, config, out);
  }
}

EntityKind DeletedKind(Topic topic) {
  switch (topic) {
    case Topic::kContract:
      return EntityKind::kContract;
    case Topic::kDoctorPeriod:
      return EntityKind::kDoctorPeriod;
    case Topic::kPatientCount:
      return EntityKind::kPatientCount;
    case Topic::kEvent:
    case Topic::kPerson:
      break;
  }
  return EntityKind::kPerson;
}

// R4: the key names what is deleted; for doctor periods, whose key is the contract, the header `id` (F12).
void DecodeTombstone(const RawRecord& record, DecodedRecord& out) {
  if (*out.topic == Topic::kEvent) {
    return RefuseRecord(DeviationCode::kMalformedRecord, "", "is an event without a value", out);
  }
  const bool by_header = *out.topic == Topic::kDoctorPeriod;
  const auto header = FindHeader(record, "id");
  if (by_header && !header) {
    return RefuseRecord(DeviationCode::kMalformedRecord, "headers.id", "is missing on a deletion", out);
  }
  const std::string_view field = by_header ? "headers.id" : "key";
  const std::string_view text = by_header ? *header : std::string_view(record.key ? *record.key : std::string_view());
  const int64_t largest =
      *out.topic == Topic::kPerson ? std::numeric_limits<int32_t>::max() : std::numeric_limits<int64_t>::max() - 1;
  const auto number = ParseInteger(text);
  // An identity number would be kept as the id of what is deleted (R24).
  if (!number || *number <= 0 || *number > largest || IsValidNin(TrimBlanks(text))) {
    return RefuseRecord(DeviationCode::kInvalidIdentifier, field, "does not name what is deleted", out);
  }
  out.changes.push_back({Deletion{{DeletedKind(*out.topic), *number}}, 0});
}

// R24: an identity number as key, or in a record of FLO that could not be read, is reported; it is kept nowhere.
void CheckForIdentityNumbers(const RawRecord& record, DecodedRecord& out) {
  const std::string entity = out.changes.empty() ? std::string() : FormatEntity(EntityOf(out.changes.front().change));
  if (record.key && IsValidNin(TrimBlanks(*record.key))) {
    out.notes.push_back({DeviationCode::kPersonalDataReceived, entity, "key", "is a national identity number"});
  }
  const bool person = *out.topic == Topic::kPerson;
  if (!out.dead_letter_hash.empty() && !person && record.value && ContainsNin(*record.value)) {
    out.notes.push_back({DeviationCode::kPersonalDataReceived, "", "", "holds a national identity number"});
  }
}

void KeepDeadLetterValue(const RawRecord& record, DecodedRecord& out) {
  if (out.dead_letter_hash.empty() || !record.value || out.value_bytes > kMaxDeadLetterValueBytes) return;
  if (!ContainsNin(*record.value)) out.dead_letter_value = record.value;
}

bool IsUnreadable(const DecodedRecord& out) {
  if (out.outcome != RecordOutcome::kRefused) return false;
  for (const DeviationNote& note : out.notes) {
    if (note.code == DeviationCode::kMalformedRecord || note.code == DeviationCode::kUnknownFormat) return true;
  }
  return false;
}

}  // namespace

DecodedRecord Decode(const RawRecord& record, const DecoderConfig& config) {
  DecodedRecord out;
  out.partition = record.partition;
  out.offset = record.offset;
  out.timestamp = record.timestamp;
  out.line = record.line;
  out.value_bytes = record.value ? static_cast<int64_t>(record.value->size()) : 0;
  if (!record.unreadable.empty()) {
    out.outcome = RecordOutcome::kUnreadable;
    RefuseRecord(DeviationCode::kMalformedRecord, "", record.unreadable, out);
    if (record.value) out.dead_letter_hash = Sha256Hex(*record.value);
    if (config.keep_dead_letter_values) KeepDeadLetterValue(record, out);
    return out;
  }
  out.topic = FindTopic(record.topic, config);
  if (!out.topic) return out;
  out.key = KeyOf(*out.topic, record.key);
  if (record.value) {
    DecodeValue(record, config, out);
  } else {
    DecodeTombstone(record, out);
  }
  if (!out.changes.empty()) {
    out.outcome = RecordOutcome::kChanges;
  } else if (!out.notes.empty()) {
    out.outcome = RecordOutcome::kRefused;
  }
  if (IsUnreadable(out)) out.dead_letter_hash = Sha256Hex(record.value ? *record.value : std::string());
  CheckForIdentityNumbers(record, out);
  if (config.keep_dead_letter_values) KeepDeadLetterValue(record, out);
  return out;
}

}  // namespace flosync
