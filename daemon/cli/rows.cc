#include "daemon/cli/rows.h"

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "daemon/export_rows.h"
#include "domain/day.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::array<std::pair<std::string_view, v1::Level>, 4> kLevels = {
    {{"nation", v1::LEVEL_NATION},
     {"county", v1::LEVEL_COUNTY},
     {"municipality_group", v1::LEVEL_MUNICIPALITY_GROUP},
     {"municipality", v1::LEVEL_MUNICIPALITY}}};

std::optional<v1::Level> ParseLevel(std::string_view text) {
  for (const auto& [name, level] : kLevels) {
    if (name == text) return level;
  }
  return std::nullopt;
}

std::string CheckLevel(const std::string& text) {
  return ParseLevel(text) ? "" : Join("has to be nation, county, municipality_group or municipality, not ", text);
}

// An option that may come several times, each time with one text or several with commas between.
template <typename Take>
CLI::Option* AddTexts(CLI::App& command, const std::string& name, const std::string& type,
                      const std::string& description, Take take) {
  return command
      .add_option_function<std::vector<std::string>>(
          name,
          [take](const std::vector<std::string>& texts) {
            for (const std::string& text : texts) take(text);
          },
          description)
      ->type_name(type)
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group("Which figures; all where nothing is said");
}

}  // namespace

void AddFilterOptions(CLI::App& command, v1::IndicatorFilter& filter) {
  AddTexts(command, "--definition", "ID", "By definition, e.g. nki-gp-specialist/3.0",
           [&filter](const std::string& text) { filter.add_definitions(text); });
  AddTexts(command, "--measure", "NAME", "By measure, e.g. gp_specialist_share",
           [&filter](const std::string& text) { filter.add_measures(text); });
  AddTexts(command, "--breakdown", "NAME", "By breakdown, e.g. lt40",
           [&filter](const std::string& text) { filter.add_breakdowns(text); });
  AddTexts(command, "--level", "nation|county|municipality_group|municipality", "By level of area",
           [&filter](const std::string& text) { filter.add_levels(*ParseLevel(text)); })
      ->check(CheckLevel);
  AddTexts(command, "--area", "CODE", "By code: NO, 03, 0301, 2000_4999",
           [&filter](const std::string& text) { filter.add_area_codes(text); });
}

std::string CheckDay(const std::string& text) {
  return ParseDay(text) ? "" : Join("has to be a date such as 2024-01-01, not ", text);
}

std::string CheckDayOrMonth(const std::string& text) {
  return ParseDay(text) || ParseDay(text + "-01")
             ? ""
             : Join("has to be a date such as 2024-01-01 or a month such as 2024-01, not ", text);
}

std::string CheckInstant(const std::string& text) {
  const auto instant = ParseInstant(text);
  if (!instant) return Join("has to be an instant such as 2024-01-01T05:00:00Z, not ", text);
  const int year = OsloDay(*instant).year();
  return 1 <= year && year <= 9999 ? "" : Join("has to be of the years 1 to 9999 in Oslo, not ", text);
}

std::string CheckMunicipality(const std::string& text) {
  const bool digits = text.size() == 4 && text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? "" : Join("has to be four digits such as 0301, not ", text);
}

google::protobuf::Timestamp ToTimestamp(std::string_view text) {
  const Instant instant = ParseInstant(text).value_or(Instant{});
  google::protobuf::Timestamp timestamp;
  int64_t seconds = instant.ms / 1000;
  int64_t rest = instant.ms % 1000;
  // Nanoseconds count forward, also before 1970.
  if (rest < 0) {
    rest += 1000;
    --seconds;
  }
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(rest * 1'000'000));
  return timestamp;
}

std::string FigureText(const v1::IndicatorRow& row) {
  std::string text = row.value().empty() ? "–" : row.value();
  static const std::map<std::string, std::string, std::less<>> kAfterValue = {
      {"percent", " %"},       {"per_10000", " per 10 000"}, {"per_100", " per 100"},
      {"persons", " persons"}, {"years", " years"},          {"days", " days"}};
  if (const auto it = kAfterValue.find(row.unit()); it != kAfterValue.end()) text += it->second;
  if (!row.has_denominator()) return text;
  // A median has no numerator.
  return text + (row.has_numerator() ? Join(" (", row.numerator(), "/", row.denominator(), ")")
                                     : Join(" (of ", row.denominator(), ")"));
}

TextTable FigureTable() {
  return TextTable({{"area"},
                    {"name"},
                    {"measure"},
                    {"breakdown"},
                    {"value", Align::kRight},
                    {"unit"},
                    {"numerator", Align::kRight},
                    {"denominator", Align::kRight},
                    {"flags"}});
}

void AddFigure(const v1::IndicatorRow& row, TextTable& table) {
  const auto number = [](bool there, int64_t value) { return there ? std::to_string(value) : std::string(); };
  table.AddRow({{row.area().code()},
                {row.area().name()},
                {row.measure()},
                {row.breakdown()},
                {row.value(), Colour::kBold},
                {row.unit()},
                {number(row.has_numerator(), row.numerator())},
                {number(row.has_denominator(), row.denominator())},
                {ToExportRow(row).flags, Colour::kDim}});
}

}  // namespace flosync
