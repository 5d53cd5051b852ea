#include "daemon/export_rows.h"

#include "domain/text.h"

namespace flosync {
namespace {

std::string FlagsOf(const v1::IndicatorRow& row) {
  std::string flags;
  for (const std::string& flag : row.flags()) flags += Join(flags.empty() ? "" : ";", flag);
  return flags;
}

}  // namespace

IndicatorRow ToExportRow(const v1::IndicatorRow& row) {
  IndicatorRow out;
  out.definition = row.definition();
  out.level = static_cast<Level>(row.area().level() - v1::LEVEL_NATION);
  out.area_code = row.area().code();
  out.area_name = row.area().name();
  out.measure = row.measure();
  out.breakdown = row.breakdown();
  if (row.has_numerator()) out.numerator = row.numerator();
  if (row.has_denominator()) out.denominator = row.denominator();
  out.value = row.value();
  out.unit = row.unit();
  out.flags = FlagsOf(row);
  return out;
}

std::string ExportCsv(const v1::ReadSnapshotResponse& all) {
  const std::string edition = std::to_string(all.snapshot().edition());
  std::string csv = Join(kExportHeader, "\n");
  for (const auto& row : all.rows()) AppendCsv(all.snapshot().reference_date(), edition, ToExportRow(row), csv);
  return csv;
}

std::string ExportCsv(const v1::QueryIndicatorsResponse& answer) {
  std::string csv = Join(kExportHeader, "\n");
  for (const auto& row : answer.rows()) AppendCsv(answer.reference_date(), "", ToExportRow(row), csv);
  return csv;
}

}  // namespace flosync
