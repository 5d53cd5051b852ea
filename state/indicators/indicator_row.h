// A published figure with its place: the row of exports, snapshots and answers (R17, R21, A4, A7, A9).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "state/geography/geography.h"
#include "state/indicators/figure.h"

namespace flosync {

struct IndicatorRow {
  std::string definition;
  Level level = Level::kNation;
  std::string area_code;
  std::string area_name;
  std::string measure;
  std::string breakdown;
  std::optional<int64_t> numerator;
  std::optional<int64_t> denominator;
  std::string value;  // as displayed; empty where the denominator is 0
  std::string unit;
  std::string flags;  // joined by ';'
  bool operator==(const IndicatorRow&) const = default;
};

[[nodiscard]] IndicatorRow MakeRow(const Area& area, const FigurePlan::Entry& entry, Figure figure);

// "small_base" where there is a denominator below 5 (A9); else empty.
[[nodiscard]] std::string_view FlagsOf(const std::optional<int64_t>& denominator);

// The header line of exports, without line end.
inline constexpr std::string_view kExportHeader =
    "reference_date,edition,definition,level,area_code,area_name,measure,breakdown,numerator,denominator,value,unit,"
    "flags";

// Appends the row as a line of CSV, RFC 4180 quoting where needed, with LF.
void AppendCsv(std::string_view reference_date, std::string_view edition, const IndicatorRow& row, std::string& out);
// The two parts of such a line behind date and edition: from definition to breakdown, with a comma at the end, and from
// numerator to flags, with LF.
void AppendCsvNames(const IndicatorRow& row, std::string& out);
void AppendCsvFigure(const Figure& figure, std::string_view unit, std::string_view flags, std::string& out);
// Appends one field, quoted where needed.
void AppendCsvField(std::string_view field, std::string& out);

}  // namespace flosync
