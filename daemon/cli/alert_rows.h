// Alerts as the commands ask for and print them.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include <CLI/CLI.hpp>

#include "daemon/cli/output.h"

#include "flosync/v1/alert_service.pb.h"

namespace flosync {

// Adds --kind, --severity, --status, --subject and --municipality. `filter` must live as long as the command.
void AddAlertFilterOptions(CLI::App& command, v1::AlertFilter& filter);

// "critical", "acknowledged"; empty for one that this version does not know.
[[nodiscard]] std::string SeverityName(v1::AlertSeverity severity);
[[nodiscard]] std::string StatusName(v1::AlertStatus status);
// How it is to catch the eye.
[[nodiscard]] Colour ColourOf(const v1::Alert& alert);
// In UTC; empty if it is not there.
[[nodiscard]] std::string TimeText(bool there, const google::protobuf::Timestamp& time);

// The columns of a table of alerts, and an alert as such a row.
[[nodiscard]] std::vector<TextTable::Column> AlertColumns();
[[nodiscard]] std::vector<TextTable::Cell> AlertCells(const v1::Alert& alert);

// The values with spaces between.
template <typename Values>
[[nodiscard]] std::string Listed(const Values& values) {
  std::string text;
  for (const auto& value : values) {
    if (!text.empty()) text += ' ';
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(value)>>) {
      text += std::to_string(value);
    } else {
      text += value;
    }
  }
  return text;
}

}  // namespace flosync
