// One record after decoding: what passes from the connectors to the state.
#pragma once

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

struct DecodedRecord {
  RecordOutcome outcome = RecordOutcome::kIgnored;
  std::optional<Topic> topic;  // nothing for an unknown topic or an unreadable line
  int32_t partition = 0;
  int64_t offset = 0;
  Instant timestamp;
  std::string line;  // "<file>:<line>" for files
  std::vector<DecodedChange> changes;
  std::vector<DeviationNote> notes;
  // SHA-256 of the value, lower-case hex, and its size; set when the record goes to the dead letters (refused as
  // unreadable).
  std::string dead_letter_hash;
  int64_t value_bytes = 0;
};

}  // namespace flosync
