// A deviation as it is kept: what was wrong with a record or with the state, how often, and how it stands (R22).
//
// Values and pure functions over a View; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "domain/decoded_record.h"
#include "domain/deviation.h"
#include "domain/oslo.h"
#include "domain/position.h"
#include "state/store/store.h"

namespace flosync {

// What a person decided about a deviation. It holds until the deviation occurs again, that is while the count is the
// one decided on.
struct DeviationDecision {
  DeviationStatus status = DeviationStatus::kResolved;  // kResolved or kIgnored
  std::string by;
  std::string reason;
  Instant at;
  int64_t count = 0;
};

struct Deviation {
  int64_t id = 0;  // from 1, in the order noted in this store; never given to another deviation
  DeviationCode code = DeviationCode::kMalformedRecord;
  std::string entity;
  std::string field;
  std::string detail;
  std::string line;               // of the first, where it came from a file
  std::optional<Position> first;  // by position; nothing for lines that are no records and deviations of state
  std::optional<Position> last;
  // Nothing for lines that are no records; of a deviation of state the sync instants at which it began.
  std::optional<Instant> first_seen;
  std::optional<Instant> last_seen;
  int64_t count = 0;
  bool settled = false;  // by a later good record, or because the condition has ended
  std::optional<DeviationDecision> decision;
  std::optional<RecordKey> key;  // of the record, for `record:` entities

  [[nodiscard]] DeviationStatus status() const;
};

[[nodiscard]] std::string EncodeDeviation(const Deviation& deviation);
// DATA_LOSS if these are no such bytes.
[[nodiscard]] absl::StatusOr<Deviation> DecodeDeviation(std::string_view bytes);

// Every deviation, in the order of code and entity.
[[nodiscard]] absl::StatusOr<std::vector<Deviation>> ReadDeviations(const View& view);
// Nothing if there is no deviation with this id.
[[nodiscard]] absl::StatusOr<std::optional<Deviation>> FindDeviation(const View& view, int64_t id);

}  // namespace flosync
