#include "state/alerts/state_deviations.h"

#include <map>
#include <utility>

#include "domain/text.h"
#include "state/alerts/live_conditions.h"
#include "state/indicators/indicator_row.h"

namespace flosync {
namespace {

std::string StateRow(StateDeviation code, const std::string& entity, Instant end) {
  const std::string seen = FormatUtc(end);
  std::string row = Join(StateDeviationName(code), ",", StateDeviationPriority(code), ",", entity, ",,,,", seen, ",",
                         seen, ",1,open,");
  AppendCsvField(StateDeviationDetail(code), row);
  row.push_back('\n');
  return row;
}

}  // namespace

std::vector<ConditionKey> StateDeviationsAt(const Register& reg, const Geography& geography, const Moment& at) {
  std::vector<ConditionKey> deviations;
  for (const auto& [key, condition] : ConditionsAt(reg, geography, at)) {
    if (std::holds_alternative<StateDeviation>(key.code)) deviations.push_back(key);
  }
  return deviations;
}

Moment AfterEnd(Instant end) {
  const Instant after{end.ms + 1};
  return {OsloDay(end), after, ToOslo(after)};
}

std::string AllDeviationsCsv(const std::vector<Deviation>& of_records, const std::vector<ConditionKey>& of_state,
                             Instant end) {
  std::string text = DeviationsCsv({});  // the header line
  const size_t header = text.size();
  std::map<std::pair<std::string, std::string>, std::string> rows;
  for (const Deviation& deviation : of_records) {
    rows[{std::string(DeviationName(deviation.code)), deviation.entity}] = DeviationsCsv({deviation}).substr(header);
  }
  for (const ConditionKey& key : of_state) {
    const StateDeviation code = std::get<StateDeviation>(key.code);
    rows[{std::string(StateDeviationName(code)), key.subject}] = StateRow(code, key.subject, end);
  }
  for (const auto& [key, row] : rows) text += row;
  return text;
}

}  // namespace flosync
