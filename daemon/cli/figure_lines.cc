#include "daemon/cli/figure_lines.h"

#include "daemon/cli/output.h"
#include "daemon/cli/rows.h"
#include "daemon/export_rows.h"
#include "domain/text.h"
#include "state/indicators/indicator_row.h"

namespace flosync {
namespace {

// The row that names area and measure: what it is, or what it was if it is no more.
const v1::IndicatorRow& NamingRow(const v1::IndicatorUpdate& update) {
  return update.has_new_row() ? update.new_row() : update.old_row();
}

}  // namespace

std::string FigureLines::Text(const v1::IndicatorUpdate& update, bool colours) {
  const v1::IndicatorRow& row = NamingRow(update);
  const std::string before = update.has_old_row() ? FigureText(update.old_row()) + " → " : "";
  const std::string after = update.has_new_row() ? FigureText(update.new_row()) : "no more";
  const std::string cause = CauseText(update);
  return Join(OneLine(Join(row.area().code(), " ", row.area().name())), "  ",
              OneLine(Join(row.measure(), ".", row.breakdown())), "  ", OneLine(before),
              Paint(OneLine(after), Colour::kBold, colours), cause.empty() ? "" : "  ",
              Paint(OneLine(cause), Colour::kDim, colours && !cause.empty()));
}

std::string FigureLines::Csv(const v1::IndicatorUpdate& update) {
  const IndicatorRow row = ToExportRow(NamingRow(update));
  std::string line = update.reference_date();
  const auto add = [&line](std::string_view field) {
    line.push_back(',');
    AppendCsvField(field, line);
  };
  for (const std::string_view field :
       {std::string_view(row.definition), LevelName(row.level), std::string_view(row.area_code),
        std::string_view(row.area_name), std::string_view(row.measure), std::string_view(row.breakdown),
        std::string_view(row.unit)}) {
    add(field);
  }
  for (const auto* side :
       {update.has_old_row() ? &update.old_row() : nullptr, update.has_new_row() ? &update.new_row() : nullptr}) {
    const IndicatorRow figures = side == nullptr ? IndicatorRow{} : ToExportRow(*side);
    add(figures.numerator ? std::to_string(*figures.numerator) : "");
    add(figures.denominator ? std::to_string(*figures.denominator) : "");
    add(figures.value);
    add(figures.flags);
  }
  add(CauseText(update));
  return line;
}

}  // namespace flosync
