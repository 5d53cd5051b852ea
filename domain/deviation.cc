#include "domain/deviation.h"

namespace flosync {

std::string_view DeviationName(DeviationCode code) {
  switch (code) {
    case DeviationCode::kMalformedRecord:
      return "MALFORMED_RECORD";
    case DeviationCode::kUnknownFormat:
      return "UNKNOWN_FORMAT";
    case DeviationCode::kInvalidIdentifier:
      return "INVALID_IDENTIFIER";
    case DeviationCode::kInvalidPeriod:
      return "INVALID_PERIOD";
    case DeviationCode::kNegativeNumber:
      return "NEGATIVE_NUMBER";
    case DeviationCode::kConflictingVersion:
      return "CONFLICTING_VERSION";
    case DeviationCode::kPersonalDataReceived:
      return "PERSONAL_DATA_RECEIVED";
  }
  return "";
}

std::string_view DeviationRemedy(DeviationCode code) {
  switch (code) {
    case DeviationCode::kMalformedRecord:
      return "mend the record at its source and send the full state again";
    case DeviationCode::kUnknownFormat:
      return "send the record in a format this topic takes, or set the content-type header";
    case DeviationCode::kInvalidIdentifier:
      return "correct the identifier at its source and send the full state again";
    case DeviationCode::kInvalidPeriod:
      return "correct the period at its source and send the full state again";
    case DeviationCode::kNegativeNumber:
      return "correct the number at its source and send the full state again";
    case DeviationCode::kConflictingVersion:
      return "ask the source why one version was sent with two contents; the later one is used";
    case DeviationCode::kPersonalDataReceived:
      return "stop the source from sending identity numbers where none belong";
  }
  return "";
}

}  // namespace flosync
