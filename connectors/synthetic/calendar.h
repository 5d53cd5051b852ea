// Calendar of the generator: days, months and Oslo wall-clock time (R1).
//
// A `Day` counts days since 1970-01-01, an `OsloMs` counts milliseconds of the Oslo wall clock since then, and a
// `UtcMs` is a broker timestamp. They are plain integers because a national register holds millions of them. All
// functions are pure and safe from any thread.
//
//   MakeDay(2024, 3, 1) - MakeDay(2024, 2, 1);          // 29
//   ToUtc(OsloMidnight(MakeDay(2024, 7, 1)));  // 2024-06-30T22:00:00Z in milliseconds
#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace flosync::synthetic {

using Day = std::int32_t;
using OsloMs = std::int64_t;
using UtcMs = std::int64_t;

inline constexpr Day kOpenEnd = std::numeric_limits<Day>::max();  // a period without an end
inline constexpr Day kNever = std::numeric_limits<Day>::min();    // a fact that has not happened
inline constexpr std::int64_t kMsPerMinute = 60'000;
inline constexpr std::int64_t kMsPerHour = 3'600'000;
inline constexpr std::int64_t kMsPerDay = 86'400'000;

[[nodiscard]] Day MakeDay(int year, unsigned month, unsigned day);
[[nodiscard]] int YearOf(Day day);
[[nodiscard]] unsigned MonthOf(Day day);  // 1..12
[[nodiscard]] bool IsWeekend(Day day);
[[nodiscard]] Day FirstOfMonth(Day day);
[[nodiscard]] Day FirstOfNextMonth(Day day);
[[nodiscard]] Day AddMonths(Day day, int months);  // keeps the day of the month, clamped to the month's end (C1)
[[nodiscard]] Day AddYears(Day day, int years);    // 29 February + 1 year = 28 February (R16)

[[nodiscard]] constexpr OsloMs OsloMidnight(Day day) { return static_cast<OsloMs>(day) * kMsPerDay; }
[[nodiscard]] constexpr Day DayOf(OsloMs time) { return static_cast<Day>(time / kMsPerDay); }  // from 1970 on

void AppendDate(std::string& out, Day day);          // 2024-03-01
void AppendMidnight(std::string& out, Day day);      // 2024-03-01T00:00:00
void AppendDateTime(std::string& out, OsloMs time);  // 2024-03-01T08:31:22.417
[[nodiscard]] std::string MonthName(Day day);        // 2024-03

// Wall-clock times that occur twice are taken as the first of the two, those that never occur as the moment after.
[[nodiscard]] UtcMs ToUtc(OsloMs time);
[[nodiscard]] OsloMs ToOslo(UtcMs time);

}  // namespace flosync::synthetic
