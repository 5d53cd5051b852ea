#include "daemon/cli/alert_rows.h"

#include <map>

#include "domain/text.h"

namespace flosync {
namespace {

const std::map<std::string, v1::AlertSeverity> kSeverities = {{"info", v1::ALERT_SEVERITY_INFO},
                                                              {"warning", v1::ALERT_SEVERITY_WARNING},
                                                              {"critical", v1::ALERT_SEVERITY_CRITICAL}};
const std::map<std::string, v1::AlertStatus> kStatuses = {{"open", v1::ALERT_STATUS_OPEN},
                                                          {"acknowledged", v1::ALERT_STATUS_ACKNOWLEDGED},
                                                          {"resolved", v1::ALERT_STATUS_RESOLVED}};

template <typename Value>
std::string NameOf(const std::map<std::string, Value>& names, Value value) {
  for (const auto& [name, named] : names) {
    if (named == value) return name;
  }
  return "";
}

// An option that takes one of a few names, several times or with commas.
template <typename Value, typename Add>
void AddNames(CLI::App& command, const std::string& flag, const std::map<std::string, Value>& names, const Add& add,
              const std::string& explanation) {
  command
      .add_option_function<std::vector<std::string>>(
          flag,
          [&names, add](const std::vector<std::string>& given) {
            for (const std::string& name : given) add(names.at(name));
          },
          explanation)
      ->delimiter(',')
      ->check(CLI::IsMember(names));
}

}  // namespace

void AddAlertFilterOptions(CLI::App& command, v1::AlertFilter& filter) {
  command
      .add_option_function<std::vector<std::string>>(
          "--kind",
          [&filter](const std::vector<std::string>& kinds) { filter.mutable_kinds()->Add(kinds.begin(), kinds.end()); },
          "Only these kinds, e.g. LIST_UNSTAFFED")
      ->delimiter(',');
  AddNames(
      command, "--severity", kSeverities, [&filter](v1::AlertSeverity value) { filter.add_severities(value); },
      "Only these severities");
  AddNames(
      command, "--status", kStatuses, [&filter](v1::AlertStatus value) { filter.add_statuses(value); },
      "Only these: open, acknowledged, resolved");
  command.add_option_function<std::string>(
      "--subject", [&filter](const std::string& subject) { filter.set_subject(subject); },
      "Only this one, e.g. contract:900101");
  command.add_option_function<std::string>(
      "--municipality", [&filter](const std::string& code) { filter.set_municipality(code); },
      "Only of this municipality today, four digits");
}

std::string SeverityName(v1::AlertSeverity severity) { return NameOf(kSeverities, severity); }

std::string StatusName(v1::AlertStatus status) { return NameOf(kStatuses, status); }

Colour ColourOf(const v1::Alert& alert) {
  if (alert.status() == v1::ALERT_STATUS_RESOLVED) return Colour::kDim;
  return alert.severity() == v1::ALERT_SEVERITY_CRITICAL ? Colour::kBad : Colour::kNone;
}

std::string TimeText(bool there, const google::protobuf::Timestamp& time) {
  return there ? FormatUtc(ToInstant(time)) : std::string();
}

std::vector<TextTable::Column> AlertColumns() {
  return {{"alert_id", Align::kRight},
          {"kind"},
          {"severity"},
          {"status"},
          {"subject"},
          {"municipalities"},
          {"contract_ids"},
          {"patients", Align::kRight},
          {"since"},
          {"covered"},
          {"opened_at"},
          {"acknowledged_by"},
          {"resolved_at"},
          {"detail"}};
}

std::vector<TextTable::Cell> AlertCells(const v1::Alert& alert) {
  return {{std::to_string(alert.alert_id())},
          {alert.kind(), Colour::kBold},
          {SeverityName(alert.severity()), ColourOf(alert)},
          {StatusName(alert.status())},
          {alert.subject()},
          {Listed(alert.municipalities())},
          {Listed(alert.contract_ids())},
          {alert.has_patients() ? std::to_string(alert.patients()) : ""},
          {alert.since()},
          {alert.has_covered() ? (alert.covered() ? "true" : "false") : ""},
          {TimeText(alert.has_opened_at(), alert.opened_at())},
          {OneLine(alert.acknowledged_by())},
          {TimeText(alert.has_resolved_at(), alert.resolved_at())},
          {alert.detail()}};
}

}  // namespace flosync
