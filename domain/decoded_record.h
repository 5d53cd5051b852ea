// One record after decoding: what passes from the connectors to the state.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/deviation.h"
#include "domain/oslo.h"
#include "domain/position.h"
#include "domain/register_change.h"

namespace flosync {

struct DecodedChange {
  RegisterChange change;
  int32_t index = 0;  // element of a batch, else 0
};

enum class RecordOutcome : uint8_t {
  kChanges,     // at least one change
  kRefused,     // well-formed line of a known topic, no change taken from it
  kIgnored,     // an event of no consequence, or an unknown topic
  kUnreadable,  // a line of a file that is no record (F13)
};

// A record's topic and key: the number of what the record is about, or else the first 16 bytes of the key's SHA-256, as
// keys may hold personal data (R24). `bytes` holds either, a number big-endian behind zero bytes.
struct RecordKey {
  Topic topic = Topic::kContract;
  std::array<uint8_t, 16> bytes{};
  // `number` is 1..999999999, shorter than any identity number.
  [[nodiscard]] static RecordKey OfNumber(Topic topic, int64_t number);
  [[nodiscard]] std::optional<int64_t> number() const;
  auto operator<=>(const RecordKey&) const = default;
};

struct DecodedRecord {
  RecordOutcome outcome = RecordOutcome::kIgnored;
  std::optional<Topic> topic;  // nothing for an unknown topic or an unreadable line
  int32_t partition = 0;
  int64_t offset = 0;
  Instant timestamp;
  std::string line;  // "<file>:<line>" for files
  std::vector<DecodedChange> changes;
  std::vector<DeviationNote> notes;
  int32_t refused = 0;  // elements that were refused; the record itself counts as one
  // Nothing for a record without key, and where the key is a national identity number: of those not even a hash is
  // kept, since it is easily found out what it stands for.
  std::optional<RecordKey> key;
  // SHA-256 of the value, lower-case hex, and its size; set when the record goes to the dead letters (refused as
  // unreadable).
  std::string dead_letter_hash;
  // The value itself, only where the decoder was told to keep it (DecoderConfig::keep_dead_letter_values).
  std::optional<std::string> dead_letter_value;
  int64_t value_bytes = 0;
};

// A record of the topic tells of one entity, by whose number it is keyed unless the sender does otherwise.
[[nodiscard]] constexpr bool KeyedByEntity(Topic topic) { return topic == Topic::kPerson || topic == Topic::kContract; }
// The record is one change of such a topic, under the number of its entity as key.
[[nodiscard]] bool HasOwnKey(const DecodedRecord& record);

}  // namespace flosync
