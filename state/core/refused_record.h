// A record of which something was refused: what is kept of it so that it can be read again once a decoder was mended.
//
// Lines of files that are no records have no position and are not kept. Values and pure functions over a View; any
// thread.
//
//   auto refused = ReadRefused(view, std::nullopt, 1000);  // the first thousand
//   refused->front().position;                             // where to look for it
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "domain/decoded_record.h"
#include "domain/position.h"
#include "state/store/store.h"

namespace flosync {

// What a record counts as; of a batch the greatest of its elements. Kept in the store by number.
enum class CountedAs : uint8_t {
  kSkipped = 0,
  kIgnored = 1,
  kRefused = 2,
  kDuplicate = 3,
  kOlder = 4,
  kConflicting = 5,
  kApplied = 6,
};

// A deviation that the record, or the element `index` of it, raised.
struct RaisedDeviation {
  DeviationCode code = DeviationCode::kMalformedRecord;
  std::string entity;  // empty = the record itself
  int32_t index = 0;
  auto operator<=>(const RaisedDeviation&) const = default;
};

struct RefusedRecord {
  Position position;  // of the record: index 0
  std::string line;   // "<file>:<line>" where it came from a file
  CountedAs counted_as = CountedAs::kRefused;
  std::vector<RaisedDeviation> raised;  // by what was refused, not by what was taken with a doubt
};

// Something of the record was refused.
[[nodiscard]] bool HasRefusals(const DecodedRecord& record);
// The deviations that the refused elements of the record raise.
[[nodiscard]] std::vector<RaisedDeviation> RaisedByRefusals(const DecodedRecord& record);

[[nodiscard]] std::string KeyOf(const RefusedRecord& record);
[[nodiscard]] std::string EncodeRefused(const RefusedRecord& record);
// Nothing if no refusal is kept of the record read there. DATA_LOSS if it cannot be read.
[[nodiscard]] absl::StatusOr<std::optional<RefusedRecord>> FindRefused(const View& view, Topic topic, int32_t partition,
                                                                       int64_t offset);
// Up to `most` of those kept, by topic, partition and offset, from behind `after` on.
[[nodiscard]] absl::StatusOr<std::vector<RefusedRecord>> ReadRefused(const View& view,
                                                                     const std::optional<Position>& after, size_t most);

}  // namespace flosync
