#include "daemon/cli/alert_lines.h"

#include "daemon/cli/alert_rows.h"
#include "daemon/cli/figure_lines.h"
#include "daemon/cli/output.h"
#include "domain/text.h"
#include "state/indicators/indicator_row.h"

namespace flosync {
namespace {

// "opened", "resolved"; of the initial state nothing, as nothing became of it.
std::string StepName(v1::AlertStep step) {
  switch (step) {
    case v1::ALERT_STEP_OPENED:
      return "opened";
    case v1::ALERT_STEP_UPDATED:
      return "updated";
    case v1::ALERT_STEP_ACKNOWLEDGED:
      return "acknowledged";
    case v1::ALERT_STEP_RESOLVED:
      return "resolved";
    default:
      return "";
  }
}

}  // namespace

std::string AlertLines::Text(const v1::AlertUpdate& update, bool colours) {
  const v1::Alert& alert = update.new_alert();
  const std::string step = StepName(update.step());
  std::string line = step.empty() ? StatusName(alert.status()) : step;
  const auto add = [&](const std::string& text, Colour colour = Colour::kNone) {
    if (!text.empty()) line += "  " + Paint(OneLine(text), colour, colours);
  };
  const std::string municipalities = Listed(alert.municipalities());
  add(alert.kind(), Colour::kBold);
  add(SeverityName(alert.severity()), ColourOf(alert));
  add(alert.subject());
  add(municipalities.empty() ? "" : "municipalities " + municipalities);
  add(alert.since().empty() ? "" : "since " + alert.since());
  add(alert.has_patients() ? Join(alert.patients(), " patients") : "");
  add(alert.detail());
  add(CauseText(update), Colour::kDim);
  return line;
}

std::string AlertLines::Csv(const v1::AlertUpdate& update) {
  std::string line = StepName(update.step());
  for (const TextTable::Cell& cell : AlertCells(update.new_alert())) {
    line.push_back(',');
    AppendCsvField(cell.text, line);
  }
  return Join(line, ",", CauseText(update));
}

}  // namespace flosync
