// Codes of bad or doubtful records and of doubtful state, who mends them and how urgent they are (R22).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flosync {

// The numbers are stored (state/FORMAT.md): new codes go to the end. The first five are in the order in which one of
// them stands for a refused record (A14).
enum class DeviationCode : uint8_t {
  // Of records.
  kMalformedRecord,
  kUnknownFormat,
  kInvalidIdentifier,
  kInvalidPeriod,
  kNegativeNumber,
  kConflictingVersion,
  kPersonalDataReceived,
  // Of state: they hold as long as their condition does.
  kUnknownMunicipality,
  kAmbiguousMunicipality,
  kMissingBirthDate,
  kDoctorNotInHpr,
  kDoctorPeriodWithoutContract,
  kMergeCycle,
  kMergedNumberInUse,
  kCapsExceedPopulation,
  // Of the bridge.
  kMassDeleteRefused,
};
inline constexpr int kDeviationCodeCount = 16;

// Who has to mend it.
enum class DeviationOwner : uint8_t { kHelfo, kHelsedirektoratet, kNhn };
enum class DeviationPriority : uint8_t { kLow, kNormal, kHigh };
// Open until a later good record, the end of the condition or a person settles it.
enum class DeviationStatus : uint8_t { kOpen, kResolved, kIgnored };

// "MALFORMED_RECORD" and so on: the code as it is stored, listed and exported.
[[nodiscard]] std::string_view DeviationName(DeviationCode code);
[[nodiscard]] std::optional<DeviationCode> ParseDeviationCode(std::string_view name);
// What the owner should do about it, one sentence without full stop.
[[nodiscard]] std::string_view DeviationRemedy(DeviationCode code);
[[nodiscard]] DeviationOwner OwnerOf(DeviationCode code);
// Before it is known whom it touches; see state/core/deviation_report.h.
[[nodiscard]] DeviationPriority BasePriority(DeviationCode code);
// True for codes that are derived from the register and the clock rather than from one record.
[[nodiscard]] bool IsDeviationOfState(DeviationCode code);

// "helfo", "helsedirektoratet", "nhn"; "low", "normal", "high"; "open", "resolved", "ignored".
[[nodiscard]] std::string_view OwnerName(DeviationOwner owner);
[[nodiscard]] std::string_view PriorityName(DeviationPriority priority);
[[nodiscard]] std::string_view StatusName(DeviationStatus status);

// One finding about one record. `detail` names the field and what is wrong with it in our own words, never with text
// from the record (A14).
struct DeviationNote {
  DeviationCode code = DeviationCode::kMalformedRecord;
  std::string entity;  // A14 form; empty = the record itself ("record:<topic>/<partition>/<offset>")
  std::string field;   // e.g. "godkjenninger[0].periode.til"; empty if the record as a whole is meant
  std::string detail;  // e.g. "is not a date of the form yyyy-MM-dd"
  int32_t index = 0;   // element of a batch, else 0
  bool operator==(const DeviationNote&) const = default;
};

}  // namespace flosync
