// What the records read so far give, every live measure counted plainly: which records are known at an instant is said
// here, the rest by the self-audit's own path (state/audit/).
//
// It is what the incremental figures and the snapshots are held against. Slow and simple on purpose.
//
//   const AreaFrame frame = *Geography::Shipped().Frame(d, d.year());
//   FigureMap figures = CountRecords(records_in_read_order, frame, {.d = d, .t = t});
//   figures["0301 gp_specialist_share all"];  // {specialists, GPs, percent}
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "domain/decoded_record.h"
#include "state/geography/geography.h"
#include "tests/support/core_harness.h"

namespace flosync {

// When records were learnt that were refused at first, by where they were read; Instant::Max() = they are refused
// still.
using Place = std::tuple<Topic, int32_t, int64_t>;
using LearntInstants = std::map<Place, Instant>;
[[nodiscard]] inline Place PlaceOf(const DecodedRecord& record) {
  return {*record.topic, record.partition, record.offset};
}

struct RecordsQuestion {
  Day d;                              // the reference date
  Instant t;                          // the reference instant
  Instant known_at = Instant::Max();  // only records known before it take part (R6)
  const LearntInstants* learnt = nullptr;
};

// Of the published definitions, without empty figures.
[[nodiscard]] FigureMap CountRecords(const std::vector<DecodedRecord>& in_read_order, const AreaFrame& frame,
                                     const RecordsQuestion& question);

}  // namespace flosync
