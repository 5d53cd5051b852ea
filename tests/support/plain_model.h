// The six measures counted plainly: every record so far, every rule as it is written, nothing kept from one question to
// the next.
//
// It is what the incremental figures and the snapshots are held against, so it shares nothing with them but the
// records' types and the areas of a frame. Slow and simple on purpose.
//
//   const AreaFrame frame = *Geography::Shipped().Frame(d, d.year());
//   PlainCells cells = CountPlainly(records_in_read_order, frame, {.d = d, .t = t});
//   cells["0301 gp_specialist_share all"];  // {specialists, GPs}
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "domain/decoded_record.h"
#include "state/geography/geography.h"

namespace flosync {

struct PlainQuestion {
  Day d;                              // the reference date
  Instant t;                          // the reference instant
  Instant known_at = Instant::Max();  // only records known before it take part (R6)
};

struct PlainCell {
  int64_t numerator = 0;
  int64_t denominator = 0;
  bool operator==(const PlainCell&) const = default;
};

// "<area> <measure> <breakdown>"; cells of zeros are left out.
using PlainCells = std::map<std::string, PlainCell>;

[[nodiscard]] PlainCells CountPlainly(const std::vector<DecodedRecord>& in_read_order, const AreaFrame& frame,
                                      const PlainQuestion& question);

}  // namespace flosync
