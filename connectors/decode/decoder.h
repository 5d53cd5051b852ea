// From raw records to register changes: one pure function, safe to call from any thread.
//
//   DecodedRecord r = Decode(raw, DecoderConfig{});
//   r.changes  // what takes effect, in the order of the batch; empty if the record is refused or ignored
//   r.notes    // what is bad or doubtful about it, each naming field and remedy
//
// Nothing of the record's text is copied into notes (A14), and nothing that no rule needs into changes (R24).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "connectors/record.h"
#include "domain/decoded_record.h"
#include "domain/position.h"

namespace flosync {

// Names that no public source fixes, so that an operator can set them; the defaults are the assumed ones.
struct DecoderConfig {
  // Topic names in the order of enum Topic.
  std::array<std::string, kTopicCount> topic_names = {"flo.contract", "flo.gp-on-contract", "flo.patient-count",
                                                      "hpr.event", "hpr.person"};
  std::string sex_field = "kjønn";               // below `person` (D3)
  std::string event_number_field = "hprNummer";  // below `properties` of an event (E10)
  std::string event_old_number_field = "hprUtgår";
  // Dead letters keep their value, unless it is longer than kMaxDeadLetterValueBytes or holds a national identity
  // number (R22, R24).
  bool keep_dead_letter_values = false;
};

// What fits into a message by the brokers' defaults.
inline constexpr int64_t kMaxDeadLetterValueBytes = int64_t{512} * 1024;

// The largest value that is decoded (F16); a larger one is MALFORMED_RECORD.
inline constexpr int64_t kMaxValueBytes = int64_t{4} * 1024 * 1024;

[[nodiscard]] DecodedRecord Decode(const RawRecord& record, const DecoderConfig& config);

}  // namespace flosync
