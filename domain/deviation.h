// Codes of bad or doubtful records and of doubtful state (R22).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace flosync {

enum class DeviationCode : uint8_t {
  kMalformedRecord,
  kUnknownFormat,
  kInvalidIdentifier,
  kInvalidPeriod,
  kNegativeNumber,
  kConflictingVersion,
  kPersonalDataReceived,
};

// "MALFORMED_RECORD" and so on: the code as it is stored, listed and exported.
[[nodiscard]] std::string_view DeviationName(DeviationCode code);
// What the owner of the source should do about it, one sentence.
[[nodiscard]] std::string_view DeviationRemedy(DeviationCode code);

// One finding about one record. `detail` names the field and what is wrong with it in our own words, never with text
// from the record (A14).
struct DeviationNote {
  DeviationCode code = DeviationCode::kMalformedRecord;
  std::string entity;  // A14 form; empty = the record itself ("record:<topic>/<partition>/<offset>")
  std::string field;   // e.g. "godkjenninger[0].periode.til"; empty if the record as a whole is meant
  std::string detail;  // e.g. "is not a date of the form yyyy-MM-dd"
  bool operator==(const DeviationNote&) const = default;
};

}  // namespace flosync
