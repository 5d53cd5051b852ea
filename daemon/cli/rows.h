// Figures as the commands ask for and print them.
#pragma once

#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "daemon/cli/output.h"

#include "flosync/v1/common.pb.h"
#include "flosync/v1/indicator_service.pb.h"

namespace flosync {

// Adds --definition, --measure, --breakdown, --level and --area, each several times or with commas. `filter` must live
// as long as the command.
void AddFilterOptions(CLI::App& command, v1::IndicatorFilter& filter);

// For options of CLI11: empty if `text` is a date yyyy-MM-dd, else what is wrong.
[[nodiscard]] std::string CheckDay(const std::string& text);
// The same for a date or a month yyyy-MM.
[[nodiscard]] std::string CheckDayOrMonth(const std::string& text);
// The same for an instant, e.g. 2024-01-01T05:00:00Z.
[[nodiscard]] std::string CheckInstant(const std::string& text);
// The same for a municipality's number.
[[nodiscard]] std::string CheckMunicipality(const std::string& text);
// An instant that CheckInstant has let through.
[[nodiscard]] google::protobuf::Timestamp ToTimestamp(std::string_view text);

// "15.4 % (2/13)", "8.1 per 10 000 (5/6123)", "42"; "–" where there is no value.
[[nodiscard]] std::string FigureText(const v1::IndicatorRow& row);

// A table of figures for people: area, measure, breakdown, value, unit, numerator, denominator, flags.
[[nodiscard]] TextTable FigureTable();
void AddFigure(const v1::IndicatorRow& row, TextTable& table);

}  // namespace flosync
