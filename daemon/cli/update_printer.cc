#include "daemon/cli/update_printer.h"

#include <chrono>

#include "daemon/cli/json.h"
#include "daemon/cli/rows.h"
#include "daemon/export_rows.h"
#include "domain/text.h"

namespace flosync {
namespace {

// The row that names area and measure: what it is, or what it was if it is no more.
const v1::IndicatorRow& NamingRow(const v1::IndicatorUpdate& update) {
  return update.has_new_row() ? update.new_row() : update.old_row();
}

std::string CauseText(const v1::IndicatorUpdate& update) {
  if (update.has_record()) {
    return Join(update.record().topic(), "/", update.record().partition(), "/", update.record().offset());
  }
  return update.cause_case() == v1::IndicatorUpdate::kClock ? "clock" : "";
}

Instant Now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
}

}  // namespace

void UpdatePrinter::Begin() {
  if (format_ != OutputFormat::kCsv) return;
  out_ << "revision,initial_state,reference_date,definition,level,area_code,area_name,measure,breakdown,unit,"
          "old_numerator,old_denominator,old_value,old_flags,new_numerator,new_denominator,new_value,new_flags,cause\n"
       << std::flush;
}

void UpdatePrinter::Print(const v1::WatchIndicatorsResponse& message, int index, const std::string& resume_token) {
  switch (format_) {
    case OutputFormat::kTable:
      return PrintForPeople(message.updates(index));
    case OutputFormat::kJson:
      return PrintJson(message, index, resume_token);
    case OutputFormat::kCsv:
      return PrintCsv(message, message.updates(index));
  }
}

void UpdatePrinter::PrintForPeople(const v1::IndicatorUpdate& update) {
  const v1::IndicatorRow& row = NamingRow(update);
  const std::string before = update.has_old_row() ? FigureText(update.old_row()) + " → " : "";
  const std::string after = update.has_new_row() ? FigureText(update.new_row()) : "no more";
  out_ << Paint(FormatOslo(Now()), Colour::kDim, colours_) << "  "
       << OneLine(Join(row.area().code(), " ", row.area().name())) << "  "
       << OneLine(Join(row.measure(), ".", row.breakdown())) << "  " << OneLine(before)
       << Paint(OneLine(after), Colour::kBold, colours_);
  const std::string cause = CauseText(update);
  if (!cause.empty()) out_ << "  " << Paint(OneLine(cause), Colour::kDim, colours_);
  out_ << '\n';
}

void UpdatePrinter::PrintJson(const v1::WatchIndicatorsResponse& message, int index, const std::string& resume_token) {
  const bool last = index + 1 == message.updates_size();
  const std::string update = JsonText(message.updates(index), JsonStyle::kOneLine);
  // The message's own members, then those of the update.
  out_ << "{\"resume_token\":" << JsonQuoted(resume_token) << ",\"revision\":" << message.revision()
       << ",\"revision_complete\":" << (last && message.revision_complete() ? "true" : "false")
       << ",\"initial_state\":" << (message.initial_state() ? "true" : "false") << ',' << update.substr(1) << '\n';
}

void UpdatePrinter::PrintCsv(const v1::WatchIndicatorsResponse& message, const v1::IndicatorUpdate& update) {
  const IndicatorRow row = ToExportRow(NamingRow(update));
  std::string line = Join(message.revision(), message.initial_state() ? ",true" : ",false");
  const auto add = [&line](std::string_view field) {
    line.push_back(',');
    AppendCsvField(field, line);
  };
  for (const std::string_view field :
       {std::string_view(update.reference_date()), std::string_view(row.definition), LevelName(row.level),
        std::string_view(row.area_code), std::string_view(row.area_name), std::string_view(row.measure),
        std::string_view(row.breakdown), std::string_view(row.unit)}) {
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
  out_ << line << '\n';
}

}  // namespace flosync
