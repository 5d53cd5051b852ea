#include "state/snapshots/snapshot.h"

#include <algorithm>

#include "domain/text.h"
#include "state/snapshots/snapshot_feed.h"
#include "state/store/codec.h"
#include "state/store/feed_keys.h"
#include "state/store/figure_codec.h"
#include "state/store/keys.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

constexpr std::string_view kWithdrawnPrefix = "withdrawn/";

std::string WithdrawalKey(Day d, int32_t edition) {
  return KeyBuilder().Raw(kWithdrawnPrefix).Number32(d.epoch_days()).Number32(edition).Take();
}

store::v1::StoredWithdrawal ToStored(const Withdrawal& withdrawal) {
  store::v1::StoredWithdrawal out;
  out.set_at_ms(withdrawal.at.ms);
  out.set_by(withdrawal.by);
  out.set_reason(withdrawal.reason);
  return out;
}

Withdrawal FromStored(const store::v1::StoredWithdrawal& in) { return {{in.at_ms()}, in.by(), in.reason()}; }

// Puts into the header what stands beside the edition.
absl::Status ReadWithdrawal(const View& view, SnapshotHeader& header) {
  const auto bytes = view.Get(Family::kMeta, WithdrawalKey(header.reference_date, header.edition));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return absl::OkStatus();
  const auto stored = ParseStored<store::v1::StoredWithdrawal>(**bytes);
  if (stored.ok()) header.withdrawal = FromStored(*stored);
  return stored.status();
}

// All but the withdrawal.
store::v1::StoredSnapshotHeader HeaderToStored(const SnapshotHeader& header) {
  store::v1::StoredSnapshotHeader out;
  out.set_reference_day(header.reference_date.epoch_days());
  out.set_edition(header.edition);
  out.set_content_hash(header.content_hash);
  out.set_row_count(header.row_count);
  out.set_known_at_ms(header.known_at.ms);
  out.set_reference_instant_ms(header.reference_instant.ms);
  for (const SourcePosition& position : header.positions) {
    auto* stored = out.add_positions();
    stored->set_topic(position.topic);
    stored->set_partition(position.partition);
    stored->set_first_offset_not_included(position.first_offset_not_included);
  }
  for (const std::string& definition : header.definitions) out.add_definitions(definition);
  out.set_structure_day(header.structure_date.epoch_days());
  out.set_population_year(header.population_year);
  out.set_reference_tables_hash(header.reference_tables_hash);
  out.set_changed_rows(header.changed_rows);
  return out;
}

void WriteHeader(const SnapshotHeader& header, Batch& batch) {
  batch.Put(Family::kSnapshots, SnapshotHeaderKey(header.reference_date, header.edition),
            HeaderToStored(header).SerializeAsString());
}

void WriteChunk(const SnapshotHeader& header, size_t chunk, const store::v1::StoredRows& rows, Batch& batch) {
  batch.Put(Family::kSnapshots, SnapshotRowsKey(header.reference_date, header.edition, static_cast<int32_t>(chunk)),
            rows.SerializeAsString());
}

// Adds every key and value of a family to the fingerprint.
absl::Status AddFamily(const View& view, Family family, Sha256& sha) {
  return view.Each(family, "", [&sha](std::string_view key, std::string_view value) {
    for (const std::string_view part : {key, value}) {
      sha.Add(std::to_string(part.size()) + "\n");
      sha.Add(part);
    }
    return true;
  });
}

}  // namespace

absl::StatusOr<SnapshotHeader> DecodeSnapshotHeader(std::string_view bytes) {
  const auto in = ParseStored<store::v1::StoredSnapshotHeader>(bytes);
  if (!in.ok()) return in.status();
  SnapshotHeader header;
  header.reference_date = Day::FromEpochDays(in->reference_day());
  header.edition = in->edition();
  header.content_hash = in->content_hash();
  header.row_count = in->row_count();
  header.known_at = {in->known_at_ms()};
  header.reference_instant = {in->reference_instant_ms()};
  for (const auto& position : in->positions()) {
    header.positions.push_back({position.topic(), position.partition(), position.first_offset_not_included()});
  }
  header.definitions.assign(in->definitions().begin(), in->definitions().end());
  header.structure_date = Day::FromEpochDays(in->structure_day());
  header.population_year = in->population_year();
  header.reference_tables_hash = in->reference_tables_hash();
  header.changed_rows = in->changed_rows();
  if (in->has_withdrawal()) header.withdrawal = FromStored(in->withdrawal());
  return header;
}

absl::StatusOr<std::vector<SnapshotHeader>> ListSnapshots(const View& view) {
  std::vector<SnapshotHeader> headers;
  absl::Status failed;
  const absl::Status walked = view.Each(Family::kSnapshots, "h", [&](std::string_view, std::string_view value) {
    auto header = DecodeSnapshotHeader(value);
    if (!header.ok()) {
      failed = header.status();
      return false;
    }
    headers.push_back(*std::move(header));
    return true;
  });
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  for (SnapshotHeader& header : headers) {
    if (absl::Status read = ReadWithdrawal(view, header); !read.ok()) return read;
  }
  return headers;
}

absl::StatusOr<SnapshotHeader> FindSnapshot(const View& view, Day d, int32_t edition) {
  const auto bytes = view.Get(Family::kSnapshots, SnapshotHeaderKey(d, edition));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) {
    return absl::NotFoundError(Join("there is no edition ", edition, " of snapshot ", d.ToString(),
                                    "; list the snapshots to see which there are"));
  }
  auto header = DecodeSnapshotHeader(**bytes);
  if (!header.ok()) return header;
  if (absl::Status read = ReadWithdrawal(view, *header); !read.ok()) return read;
  return header;
}

absl::StatusOr<std::vector<SnapshotHeader>> LatestEditions(const View& view) {
  auto all = ListSnapshots(view);
  if (!all.ok()) return all.status();
  std::vector<SnapshotHeader> latest;
  for (SnapshotHeader& header : *all) {
    if (!latest.empty() && latest.back().reference_date == header.reference_date) latest.pop_back();
    latest.push_back(std::move(header));
  }
  return latest;
}

absl::StatusOr<std::vector<IndicatorRow>> ReadChunk(const View& view, const SnapshotHeader& header, int32_t chunk) {
  std::vector<IndicatorRow> rows;
  for (int32_t edition = 1; edition <= header.edition; ++edition) {
    const auto bytes = view.Get(Family::kSnapshots, SnapshotRowsKey(header.reference_date, edition, chunk));
    if (!bytes.ok()) return bytes.status();
    if (!bytes->has_value()) continue;
    const auto stored = ParseStored<store::v1::StoredRows>(**bytes);
    if (!stored.ok()) return stored.status();
    for (int i = 0; i < stored->rows_size(); ++i) {
      if (edition == 1) {
        rows.push_back(ReadRow(stored->rows(i)));
      } else if (const uint32_t place = stored->places(i); place < rows.size()) {
        rows[place] = ReadRow(stored->rows(i));
      }
    }
  }
  return rows;
}

absl::Status EachSnapshotRow(const View& view, const SnapshotHeader& header,
                             const std::function<bool(const IndicatorRow&)>& visit) {
  for (int32_t chunk = 0;; ++chunk) {
    const auto rows = ReadChunk(view, header, chunk);
    if (!rows.ok()) return rows.status();
    if (rows->empty()) return absl::OkStatus();
    for (const IndicatorRow& row : *rows) {
      if (!visit(row)) return absl::OkStatus();
    }
  }
}

absl::StatusOr<std::vector<IndicatorRow>> SnapshotRows(const View& view, const SnapshotHeader& header) {
  std::vector<IndicatorRow> rows;
  rows.reserve(static_cast<size_t>(header.row_count));
  const absl::Status read = EachSnapshotRow(view, header, [&rows](const IndicatorRow& row) {
    rows.push_back(row);
    return true;
  });
  if (!read.ok()) return read;
  return rows;
}

bool Corrected(const IndicatorRow& before, const IndicatorRow& after) {
  return before.numerator != after.numerator || before.denominator != after.denominator ||
         before.value != after.value || before.flags != after.flags;
}

void WriteFirstEdition(const SnapshotHeader& header, const std::vector<IndicatorRow>& rows, Batch& batch) {
  WriteHeader(header, batch);
  for (size_t begin = 0; begin < rows.size(); begin += kRowsPerChunk) {
    store::v1::StoredRows stored;
    for (size_t i = begin; i < std::min(begin + kRowsPerChunk, rows.size()); ++i) WriteRow(rows[i], stored.add_rows());
    WriteChunk(header, begin / kRowsPerChunk, stored, batch);
  }
}

void WriteLaterEdition(const SnapshotHeader& header, const std::vector<Correction>& corrections, Batch& batch) {
  WriteHeader(header, batch);
  for (auto at = corrections.begin(); at != corrections.end();) {
    const size_t chunk = at->place / kRowsPerChunk;
    store::v1::StoredRows stored;
    for (; at != corrections.end() && at->place / kRowsPerChunk == chunk; ++at) {
      WriteRow(at->row, stored.add_rows());
      stored.add_places(static_cast<uint32_t>(at->place % kRowsPerChunk));
    }
    WriteChunk(header, chunk, stored, batch);
  }
}

void TellSnapshot(const SnapshotHeader& header, int64_t revision, int32_t index, Batch& batch) {
  store::v1::StoredSnapshotHeader stored = HeaderToStored(header);
  if (header.withdrawal) *stored.mutable_withdrawal() = ToStored(*header.withdrawal);
  batch.Put(Family::kFeed, FeedKey(kSnapshotFeedPrefix, revision, index), stored.SerializeAsString());
}

absl::Status WithdrawSnapshot(const View& view, Day d, int32_t edition, const Withdrawal& withdrawal, int64_t revision,
                              Batch& batch) {
  auto header = FindSnapshot(view, d, edition);
  if (!header.ok()) return header.status();
  if (header->withdrawal) {
    return absl::FailedPreconditionError(Join("this edition was withdrawn at ", FormatUtc(header->withdrawal->at),
                                              "; the list of snapshots says by whom and why"));
  }
  batch.Put(Family::kMeta, WithdrawalKey(d, edition), ToStored(withdrawal).SerializeAsString());
  header->withdrawal = withdrawal;
  TellSnapshot(*header, revision, 1, batch);
  return absl::OkStatus();
}

absl::StatusOr<std::string> SnapshotCsv(const View& view, const SnapshotHeader& header) {
  const std::string date = header.reference_date.ToString();
  const std::string edition = std::to_string(header.edition);
  std::string csv = Join(kExportHeader, "\n");
  const absl::Status read = EachSnapshotRow(view, header, [&](const IndicatorRow& row) {
    AppendCsv(date, edition, row, csv);
    return true;
  });
  if (!read.ok()) return read;
  return csv;
}

absl::StatusOr<std::string> StateDigest(const View& view) {
  Sha256 sha;
  for (const Family family : {Family::kHistory, Family::kCells, Family::kSnapshots}) {
    if (absl::Status added = AddFamily(view, family, sha); !added.ok()) return added;
  }
  return sha.Hex();
}

}  // namespace flosync
