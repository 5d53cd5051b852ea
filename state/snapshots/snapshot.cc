#include "state/snapshots/snapshot.h"

#include <set>

#include "domain/text.h"
#include "state/snapshots/evaluate.h"
#include "state/snapshots/schedule.h"
#include "state/store/codec.h"
#include "state/store/keys.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

constexpr size_t kRowsPerChunk = 1000;

std::string RowsToCsv(Day d, int32_t edition, const std::vector<IndicatorRow>& rows) {
  std::string csv(kExportHeader);
  csv.push_back('\n');
  const std::string date = d.ToString();
  const std::string number = std::to_string(edition);
  for (const IndicatorRow& row : rows) AppendCsv(date, number, row, csv);
  return csv;
}

void WriteRow(const IndicatorRow& row, store::v1::StoredRow* out) {
  out->set_definition(row.definition);
  out->set_level(static_cast<uint32_t>(row.level));
  out->set_area_code(row.area_code);
  out->set_area_name(row.area_name);
  out->set_measure(row.measure);
  out->set_breakdown(row.breakdown);
  if (row.numerator) out->set_numerator(*row.numerator);
  if (row.denominator) out->set_denominator(*row.denominator);
  out->set_value(row.value);
  out->set_unit(row.unit);
  out->set_flags(row.flags);
}

IndicatorRow ReadRow(const store::v1::StoredRow& in) {
  IndicatorRow row;
  row.definition = in.definition();
  row.level = static_cast<Level>(in.level());
  row.area_code = in.area_code();
  row.area_name = in.area_name();
  row.measure = in.measure();
  row.breakdown = in.breakdown();
  if (in.has_numerator()) row.numerator = in.numerator();
  if (in.has_denominator()) row.denominator = in.denominator();
  row.value = in.value();
  row.unit = in.unit();
  row.flags = in.flags();
  return row;
}

std::string HeaderToStored(const SnapshotHeader& header) {
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
  return out.SerializeAsString();
}

absl::StatusOr<SnapshotHeader> HeaderFromStored(std::string_view bytes) {
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
  return header;
}

absl::StatusOr<SnapshotHeader> DescribeSnapshot(const Core& core, const View& view, Day d,
                                                const std::vector<IndicatorRow>& rows) {
  SnapshotHeader header;
  header.reference_date = d;
  header.edition = 1;
  header.row_count = static_cast<int64_t>(rows.size());
  header.reference_instant = ReferenceInstant(d);
  header.known_at = header.reference_instant;
  header.structure_date = core.geography().StructureDateOf(d);
  header.population_year = core.geography().PopulationYear(d.year());
  header.reference_tables_hash = core.geography().tables_hash();
  std::set<std::string> definitions;
  for (const Measure* measure : Measures()) definitions.insert(std::string(measure->definition()));
  header.definitions.assign(definitions.begin(), definitions.end());
  for (const auto& [key, partition] : core.partitions().all()) {
    const auto offset = FirstOffsetNotIncluded(view, key, partition, header.known_at);
    if (!offset.ok()) return offset.status();
    header.positions.push_back({key.first, key.second, *offset});
  }
  Sha256 sha;
  sha.Add(RowsToCsv(d, 1, rows));
  header.content_hash = sha.Hex();
  return header;
}

absl::Status MakeSnapshot(Core& core, Day d) {
  const View view(core.store());
  const auto rows = EvaluateAt(view, core.geography(), d, ReferenceInstant(d));
  if (!rows.ok()) return rows.status();
  const auto header = DescribeSnapshot(core, view, d, *rows);
  if (!header.ok()) return header.status();
  Batch batch(core.store());
  batch.Put(Family::kSnapshots, SnapshotHeaderKey(d, 1), HeaderToStored(*header));
  for (size_t begin = 0, chunk = 0; begin < rows->size(); begin += kRowsPerChunk, ++chunk) {
    store::v1::StoredRows stored;
    for (size_t i = begin; i < std::min(begin + kRowsPerChunk, rows->size()); ++i)
      WriteRow((*rows)[i], stored.add_rows());
    batch.Put(Family::kSnapshots, SnapshotRowsKey(d, 1, static_cast<int32_t>(chunk)), stored.SerializeAsString());
  }
  core.RaiseFloor(ReferenceInstant(d), batch);
  return core.store().Commit(batch);
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

absl::StatusOr<std::vector<Day>> MakeDueSnapshots(Core& core, Instant end, bool input_ended, size_t most) {
  std::vector<Day> made;
  const auto first = core.partitions().first();
  if (!first) return made;
  std::set<Day> existing;
  {
    const View view(core.store());
    const auto headers = ListSnapshots(view);
    if (!headers.ok()) return headers.status();
    for (const SnapshotHeader& header : *headers) existing.insert(header.reference_date);
  }
  for (const Day d : DueDates(*first, end)) {
    if (made.size() == most) break;
    if (existing.contains(d)) continue;
    if (!input_ended && !core.partitions().ReadPast(ReferenceInstant(d))) break;
    const absl::Status status = MakeSnapshot(core, d);
    if (absl::IsOutOfRange(status)) continue;
    if (!status.ok()) return status;
    made.push_back(d);
  }
  return made;
}

absl::StatusOr<std::vector<SnapshotHeader>> ListSnapshots(const View& view) {
  std::vector<SnapshotHeader> headers;
  absl::Status failed;
  const absl::Status walked = view.Each(Family::kSnapshots, "h", [&](std::string_view, std::string_view value) {
    auto header = HeaderFromStored(value);
    if (!header.ok()) {
      failed = header.status();
      return false;
    }
    headers.push_back(*std::move(header));
    return true;
  });
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  return headers;
}

absl::StatusOr<SnapshotHeader> FindSnapshot(const View& view, Day d, int32_t edition) {
  const auto bytes = view.Get(Family::kSnapshots, SnapshotHeaderKey(d, edition));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) {
    return absl::NotFoundError(Join("there is no edition ", edition, " of snapshot ", d.ToString(),
                                    "; list the snapshots to see which there are"));
  }
  return HeaderFromStored(**bytes);
}

absl::Status EachSnapshotRow(const View& view, const SnapshotHeader& header,
                             const std::function<bool(const IndicatorRow&)>& visit) {
  absl::Status failed;
  const std::string prefix =
      KeyBuilder().Raw("r").Number32(header.reference_date.epoch_days()).Number32(header.edition).Take();
  const absl::Status walked = view.Each(Family::kSnapshots, prefix, [&](std::string_view, std::string_view value) {
    const auto rows = ParseStored<store::v1::StoredRows>(value);
    if (!rows.ok()) {
      failed = rows.status();
      return false;
    }
    for (const auto& row : rows->rows()) {
      if (!visit(ReadRow(row))) return false;
    }
    return true;
  });
  return walked.ok() ? failed : walked;
}

absl::StatusOr<std::string> SnapshotCsv(const View& view, const SnapshotHeader& header) {
  std::vector<IndicatorRow> rows;
  const absl::Status read = EachSnapshotRow(view, header, [&rows](const IndicatorRow& row) {
    rows.push_back(row);
    return true;
  });
  if (!read.ok()) return read;
  return RowsToCsv(header.reference_date, header.edition, rows);
}

absl::StatusOr<std::string> StateDigest(const View& view) {
  Sha256 sha;
  for (const Family family : {Family::kHistory, Family::kCells, Family::kSnapshots}) {
    if (absl::Status added = AddFamily(view, family, sha); !added.ok()) return added;
  }
  return sha.Hex();
}

}  // namespace flosync
