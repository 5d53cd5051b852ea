// Makes the snapshots that are due and the new editions of earlier ones (R18, R19, B1–B9). Used by the writer only.
#pragma once

#include <cstdint>
#include <vector>

#include <absl/status/statusor.h>

#include "domain/day.h"
#include "domain/oslo.h"
#include "state/core/core.h"

namespace flosync {

struct MadeEdition {
  Day reference_date;
  int32_t edition = 0;
};

// What one call may do and hold; what is made does not depend on it.
struct SnapshotRunLimits {
  size_t most_runs = SIZE_MAX;
  // Reference dates, the latest, whose figures stay in memory for corrections: each some 10 MB of a national register.
  // Some approval is taken back every month for all days (D18), which corrects every date there is; a date that is not
  // in memory is counted from nothing for that.
  size_t most_counted_dates = 144;
};

// Works off every run that is due: t(m) after the first record, not after `end`, and every partition read past t(m),
// unless `input_ended` says that nothing more will come (B1, B2). A run makes edition 1 of m, where m is a first of
// month, from the records known before t(m), and a new edition of every earlier snapshot in which a record known since
// the last run changed a row (B3); all of it is one synced commit. Dates before the reference tables begin and after
// Geography::last_reference_date() are left out. Returns what was made, in that order.
[[nodiscard]] absl::StatusOr<std::vector<MadeEdition>> MakeDueSnapshots(Core& core, Instant end, bool input_ended,
                                                                        const SnapshotRunLimits& limits = {});

}  // namespace flosync
