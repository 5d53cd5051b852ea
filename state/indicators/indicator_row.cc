#include "state/indicators/indicator_row.h"

namespace flosync {
namespace {

std::string_view UnitOf(MeasureKind kind) {
  switch (kind) {
    case MeasureKind::kCount:
      return "count";
    case MeasureKind::kPercent:
      return "percent";
    case MeasureKind::kPer10000:
      return "per_10000";
  }
  return "";
}

std::string ValueOf(MeasureKind kind, const Cell& cell) {
  if (kind == MeasureKind::kCount) return std::to_string(cell.numerator);
  if (cell.denominator <= 0) return "";
  return OneDecimal(cell.numerator, kind == MeasureKind::kPercent ? 100 : 10000, cell.denominator);
}

constexpr int64_t kSmallBase = 5;

}  // namespace

std::string OneDecimal(int64_t numerator, int64_t scale, int64_t denominator) {
  // Tenths, rounded on exact integers; 128 bits hold every product of 64-bit figures and a scale.
  const bool negative = numerator < 0;
  const __int128 magnitude =
      static_cast<__int128>(negative ? -static_cast<__int128>(numerator) : numerator) * scale * 10;
  const auto tenths = static_cast<int64_t>((magnitude * 2 + denominator) / (static_cast<__int128>(denominator) * 2));
  std::string out = negative && tenths != 0 ? "-" : "";
  out += std::to_string(tenths / 10);
  out.push_back('.');
  out += std::to_string(tenths % 10);
  return out;
}

IndicatorRow MakeRow(const Area& area, const Measure& measure, int breakdown, const Cell& cell) {
  IndicatorRow row;
  row.definition = measure.definition();
  row.level = area.level;
  row.area_code = area.code;
  row.area_name = area.name;
  row.measure = measure.id();
  row.breakdown = measure.breakdowns()[static_cast<size_t>(breakdown)];
  row.numerator = cell.numerator;
  if (measure.kind() != MeasureKind::kCount) row.denominator = cell.denominator;
  row.value = ValueOf(measure.kind(), cell);
  row.unit = UnitOf(measure.kind());
  if (row.denominator && *row.denominator < kSmallBase) row.flags = "small_base";
  return row;
}

void AppendCsvField(std::string_view field, std::string& out) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out.push_back('"');
  for (const char c : field) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

void AppendCsv(std::string_view reference_date, std::string_view edition, const IndicatorRow& row, std::string& out) {
  const std::string numerator = row.numerator ? std::to_string(*row.numerator) : "";
  const std::string denominator = row.denominator ? std::to_string(*row.denominator) : "";
  bool first = true;
  for (const std::string_view field :
       {reference_date, edition, std::string_view(row.definition), LevelName(row.level),
        std::string_view(row.area_code), std::string_view(row.area_name), std::string_view(row.measure),
        std::string_view(row.breakdown), std::string_view(numerator), std::string_view(denominator),
        std::string_view(row.value), std::string_view(row.unit), std::string_view(row.flags)}) {
    if (!first) out.push_back(',');
    first = false;
    AppendCsvField(field, out);
  }
  out.push_back('\n');
}

}  // namespace flosync
