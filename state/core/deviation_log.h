// Bad and doubtful records, kept by code and entity (R22): what was wrong, first and last seen, how often.
//
// Notes are gathered during a commit and merged into the stored entries when it is written. First and last are by
// position, so the log does not depend on how partitions were interleaved. One writer; not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include <absl/status/status.h>

#include "domain/deviation.h"
#include "domain/position.h"
#include "state/store/store.h"

namespace flosync {

struct Deviation {
  DeviationCode code = DeviationCode::kMalformedRecord;
  std::string entity;
  std::string field;
  std::string detail;
  std::string line;               // of the first, where it came from a file
  std::optional<Position> first;  // nothing for lines that are no records
  std::optional<Position> last;
  int64_t count = 0;
  bool resolved = false;
};

class DeviationLog {
 public:
  // `at` is absent for a line of a file that is no record.
  void Note(const DeviationNote& note, const std::string& entity, const std::string& line,
            const std::optional<Position>& at);
  // Replaces what is known of conflicting versions of an entity; a count of 0 removes it.
  void SetConflicts(const std::string& entity, int64_t count, const Position& first, const Position& last);
  // Merges the notes into the store and writes the result.
  [[nodiscard]] absl::Status Write(const View& view, Batch& batch);

 private:
  std::map<std::string, Deviation> pending_;   // by key; counts since the last Write
  std::map<std::string, Deviation> replaced_;  // by key; whole entries
};

// Every deviation, in the order of code and entity.
[[nodiscard]] absl::StatusOr<std::vector<Deviation>> ReadDeviations(const View& view);

// Base priority "high", "normal" or "low" (R22; docs/domain.md has the table).
[[nodiscard]] std::string_view DeviationPriority(DeviationCode code);

// deviations.csv (A14).
[[nodiscard]] std::string DeviationsCsv(const std::vector<Deviation>& deviations);

}  // namespace flosync
