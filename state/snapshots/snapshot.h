// First-of-month snapshots as they lie in the store: immutable editions with content hash and source position (R18,
// R19, A16).
//
// Edition 1 holds every row; a later one holds those that differ from the edition before, and is read through it. The
// writer makes them (snapshot_maker.h), any thread reads them through a View.
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
#include "state/indicators/indicator_row.h"
#include "state/store/store.h"

namespace flosync {

// The first offset of a partition that is not in the snapshot.
struct SourcePosition {
  std::string topic;
  int32_t partition = 0;
  int64_t first_offset_not_included = 0;
};

// That an edition was found to be wrong: it stays readable, and nothing should be published from it.
struct Withdrawal {
  Instant at;
  std::string by;
  std::string reason;
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
  int32_t changed_rows = 0;  // against the edition before; of edition 1 none
  // Stands beside the edition, which does not change: neither its bytes nor the state digest tell of it.
  std::optional<Withdrawal> withdrawal;
};

// Rows are kept in pieces of at most this many.
inline constexpr size_t kRowsPerChunk = 1000;

// Headers by date and edition, ascending.
[[nodiscard]] absl::StatusOr<std::vector<SnapshotHeader>> ListSnapshots(const View& view);
// NOT_FOUND names what there is no snapshot of.
[[nodiscard]] absl::StatusOr<SnapshotHeader> FindSnapshot(const View& view, Day d, int32_t edition);
// The latest edition of every reference date, by date.
[[nodiscard]] absl::StatusOr<std::vector<SnapshotHeader>> LatestEditions(const View& view);
// The rows of one piece, from 0, in canonical order; nothing after the last.
[[nodiscard]] absl::StatusOr<std::vector<IndicatorRow>> ReadChunk(const View& view, const SnapshotHeader& header,
                                                                  int32_t chunk);
// Calls `visit` with every row in canonical order; false from it ends the reading.
[[nodiscard]] absl::Status EachSnapshotRow(const View& view, const SnapshotHeader& header,
                                           const std::function<bool(const IndicatorRow&)>& visit);
[[nodiscard]] absl::StatusOr<std::vector<IndicatorRow>> SnapshotRows(const View& view, const SnapshotHeader& header);
// A row that shows something else than in the edition before, and its place among all rows, from 0.
struct Correction {
  size_t place = 0;
  IndicatorRow row;
};
// Writes edition 1 with all of its rows, or a later one with those that differ from the edition before, by place.
void WriteFirstEdition(const SnapshotHeader& header, const std::vector<IndicatorRow>& rows, Batch& batch);
void WriteLaterEdition(const SnapshotHeader& header, const std::vector<Correction>& corrections, Batch& batch);
// Part of a change (Core::CommitChange) of this revision: withdraws an edition for good and tells the watchers.
// NOT_FOUND; FAILED_PRECONDITION if it is withdrawn already. A later edition is counted against its rows all the same
// (B3).
[[nodiscard]] absl::Status WithdrawSnapshot(const View& view, Day d, int32_t edition, const Withdrawal& withdrawal,
                                            int64_t revision, Batch& batch);
// Whether a correction shows in the row: numerator, denominator, value or flags (B3).
[[nodiscard]] bool Corrected(const IndicatorRow& before, const IndicatorRow& after);
// The exported file (A4, A13).
[[nodiscard]] absl::StatusOr<std::string> SnapshotCsv(const View& view, const SnapshotHeader& header);

// A16: a fingerprint of register, cells and snapshots; the same for the same records however they were batched.
[[nodiscard]] absl::StatusOr<std::string> StateDigest(const View& view);

}  // namespace flosync
