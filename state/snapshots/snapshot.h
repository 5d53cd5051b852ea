// First-of-month snapshots: made once, immutable, with content hash and source position (R18, A16).
//
// Snapshots live in the store; the writer makes them, any thread reads them through a View.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "domain/day.h"
#include "domain/oslo.h"
#include "state/core/core.h"
#include "state/indicators/indicator_row.h"
#include "state/store/store.h"

namespace flosync {

// The first offset of a partition that is not in the snapshot.
struct SourcePosition {
  std::string topic;
  int32_t partition = 0;
  int64_t first_offset_not_included = 0;
};

struct SnapshotHeader {
  Day reference_date;
  int32_t edition = 0;
  std::string content_hash;  // SHA-256 of the exported CSV, lower-case hex (A16)
  int64_t row_count = 0;
  Instant known_at;           // records known before this took part
  Instant reference_instant;  // t(d)
  std::vector<SourcePosition> positions;
  std::vector<std::string> definitions;
  Day structure_date;
  int32_t population_year = 0;
  std::string reference_tables_hash;
};

// Makes edition 1 of every first-of-month snapshot that is due: t(d) after the first record, not after `end`, and every
// partition read past t(d), unless `input_ended` says that nothing more will come (B1, B2). Each is one synced commit.
// Returns the dates made, at most `most`. Dates before the reference tables are left out.
[[nodiscard]] absl::StatusOr<std::vector<Day>> MakeDueSnapshots(Core& core, Instant end, bool input_ended,
                                                                size_t most = SIZE_MAX);

// Headers by date and edition, ascending.
[[nodiscard]] absl::StatusOr<std::vector<SnapshotHeader>> ListSnapshots(const View& view);
// NOT_FOUND names what there is no snapshot of.
[[nodiscard]] absl::StatusOr<SnapshotHeader> FindSnapshot(const View& view, Day d, int32_t edition);
// Calls `visit` with every row in canonical order; false from it ends the reading.
[[nodiscard]] absl::Status EachSnapshotRow(const View& view, const SnapshotHeader& header,
                                           const std::function<bool(const IndicatorRow&)>& visit);
// The exported file (A4, A13).
[[nodiscard]] absl::StatusOr<std::string> SnapshotCsv(const View& view, const SnapshotHeader& header);

// A16: a fingerprint of register, cells and snapshots; the same for the same records however they were batched.
[[nodiscard]] absl::StatusOr<std::string> StateDigest(const View& view);

}  // namespace flosync
