#include "state/indicators/indicator_row.h"

namespace flosync {

std::string_view FlagsOf(const std::optional<int64_t>& denominator) {
  constexpr int64_t kSmallBase = 5;
  return denominator && *denominator < kSmallBase ? "small_base" : "";
}

IndicatorRow MakeRow(const Area& area, const FigurePlan::Entry& entry, Figure figure) {
  IndicatorRow row;
  row.definition = entry.definition->id;
  row.level = area.level;
  row.area_code = area.code;
  row.area_name = area.name;
  row.measure = entry.measure->id();
  row.breakdown = entry.breakdown_name();
  row.numerator = figure.numerator;
  row.denominator = figure.denominator;
  row.value = std::move(figure.value);
  row.unit = UnitOf(entry.kind());
  row.flags = FlagsOf(row.denominator);
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
