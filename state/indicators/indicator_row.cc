#include "state/indicators/indicator_row.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace flosync {
namespace {

void AppendNumber(const std::optional<int64_t>& number, std::string& out) {
  constexpr size_t kMostDigits = 20;
  if (!number) return;
  std::array<char, kMostDigits> digits{};
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), *number).ptr);
}

bool NeedsQuotes(char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; }

}  // namespace

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
  if (std::none_of(field.begin(), field.end(), NeedsQuotes)) {
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

void AppendCsvNames(const IndicatorRow& row, std::string& out) {
  for (const std::string_view field :
       {std::string_view(row.definition), LevelName(row.level), std::string_view(row.area_code),
        std::string_view(row.area_name), std::string_view(row.measure), std::string_view(row.breakdown)}) {
    AppendCsvField(field, out);
    out.push_back(',');
  }
}

void AppendCsvFigure(const Figure& figure, std::string_view unit, std::string_view flags, std::string& out) {
  AppendNumber(figure.numerator, out);
  out.push_back(',');
  AppendNumber(figure.denominator, out);
  for (const std::string_view field : {std::string_view(figure.value), unit, flags}) {
    out.push_back(',');
    AppendCsvField(field, out);
  }
  out.push_back('\n');
}

void AppendCsv(std::string_view reference_date, std::string_view edition, const IndicatorRow& row, std::string& out) {
  for (const std::string_view field : {reference_date, edition}) {
    out += field;
    out.push_back(',');
  }
  AppendCsvNames(row, out);
  AppendCsvFigure({row.numerator, row.denominator, row.value}, row.unit, row.flags, out);
}

}  // namespace flosync
