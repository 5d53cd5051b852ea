// Records that could not be read at all, noted in STATE/deadletter.ndjson with the header names Kafka Connect uses
// (R22).
//
// Position, hash and error always; never the bytes themselves, which may hold personal data. Appends may repeat after a
// crash between append and commit; readers tell repeats by position. Not thread-safe.
#pragma once

#include <string>
#include <vector>

#include <absl/status/status.h>

#include "domain/decoded_record.h"

namespace flosync {

[[nodiscard]] absl::Status AppendDeadLetters(const std::string& state_directory,
                                             const std::vector<DecodedRecord>& records);

}  // namespace flosync
