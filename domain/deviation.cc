#include "domain/deviation.h"

#include <array>

namespace flosync {
namespace {

struct CodeFacts {
  std::string_view name;
  DeviationOwner owner;
  DeviationPriority base;
  std::string_view remedy;
};

// By the number of the code.
constexpr std::array<CodeFacts, kDeviationCodeCount> kCodes = {{
    {"MALFORMED_RECORD", DeviationOwner::kNhn, DeviationPriority::kHigh,
     "mend the record at its source and send the full state again"},
    {"UNKNOWN_FORMAT", DeviationOwner::kNhn, DeviationPriority::kHigh,
     "send the record in a format this topic takes, or set the content-type header"},
    {"INVALID_IDENTIFIER", DeviationOwner::kHelfo, DeviationPriority::kNormal,
     "correct the identifier at its source and send the full state again"},
    {"INVALID_PERIOD", DeviationOwner::kHelfo, DeviationPriority::kNormal,
     "correct the period at its source and send the full state again"},
    {"NEGATIVE_NUMBER", DeviationOwner::kHelfo, DeviationPriority::kNormal,
     "correct the number at its source and send the full state again"},
    {"CONFLICTING_VERSION", DeviationOwner::kNhn, DeviationPriority::kLow,
     "ask the source why one version was sent with two contents; the later one is used"},
    {"PERSONAL_DATA_RECEIVED", DeviationOwner::kNhn, DeviationPriority::kHigh,
     "stop the source from sending identity numbers where none belong"},
    {"UNKNOWN_MUNICIPALITY", DeviationOwner::kHelfo, DeviationPriority::kNormal,
     "give the contract a municipality number that exists; until then it counts for the nation only"},
    {"AMBIGUOUS_MUNICIPALITY", DeviationOwner::kHelfo, DeviationPriority::kNormal,
     "give the contract the municipality it belongs to since the old one was divided"},
    {"MISSING_BIRTH_DATE", DeviationOwner::kHelsedirektoratet, DeviationPriority::kLow,
     "add the date of birth in HPR; until then the doctor is in no age band"},
    {"DOCTOR_NOT_IN_HPR", DeviationOwner::kHelsedirektoratet, DeviationPriority::kNormal,
     "find out whether the number in FLO is wrong or the entry in HPR is missing"},
    {"DOCTOR_PERIOD_WITHOUT_CONTRACT", DeviationOwner::kHelfo, DeviationPriority::kNormal,
     "send the contract that the doctor period names, or delete the doctor period"},
    {"MERGE_CYCLE", DeviationOwner::kHelsedirektoratet, DeviationPriority::kNormal,
     "correct in HPR which number replaces which; until then these aliases are ignored"},
    {"MERGED_NUMBER_IN_USE", DeviationOwner::kHelfo, DeviationPriority::kLow,
     "put the surviving HPR number on the doctor period"},
    {"CAPS_EXCEED_POPULATION", DeviationOwner::kHelfo, DeviationPriority::kLow,
     "check the list caps of the municipality: they are more than its inhabitants"},
    {"MASS_DELETE_REFUSED", DeviationOwner::kNhn, DeviationPriority::kHigh,
     "check the source; if the deletions are meant, let them through at the bridge"},
}};

const CodeFacts& FactsOf(DeviationCode code) { return kCodes.at(static_cast<size_t>(code)); }

}  // namespace

std::string_view DeviationName(DeviationCode code) { return FactsOf(code).name; }

std::optional<DeviationCode> ParseDeviationCode(std::string_view name) {
  for (size_t i = 0; i < kCodes.size(); ++i) {
    if (kCodes.at(i).name == name) return static_cast<DeviationCode>(i);
  }
  return std::nullopt;
}

std::string_view DeviationRemedy(DeviationCode code) { return FactsOf(code).remedy; }

DeviationOwner OwnerOf(DeviationCode code) { return FactsOf(code).owner; }

DeviationPriority BasePriority(DeviationCode code) { return FactsOf(code).base; }

bool IsDeviationOfState(DeviationCode code) {
  return code >= DeviationCode::kUnknownMunicipality && code <= DeviationCode::kCapsExceedPopulation;
}

std::string_view OwnerName(DeviationOwner owner) {
  constexpr std::array<std::string_view, 3> kNames = {"helfo", "helsedirektoratet", "nhn"};
  return kNames.at(static_cast<size_t>(owner));
}

std::string_view PriorityName(DeviationPriority priority) {
  constexpr std::array<std::string_view, 3> kNames = {"low", "normal", "high"};
  return kNames.at(static_cast<size_t>(priority));
}

std::string_view StatusName(DeviationStatus status) {
  constexpr std::array<std::string_view, 3> kNames = {"open", "resolved", "ignored"};
  return kNames.at(static_cast<size_t>(status));
}

}  // namespace flosync
