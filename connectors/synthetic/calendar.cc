#include "connectors/synthetic/calendar.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "absl/time/time.h"

namespace flosync::synthetic {
namespace {

std::chrono::year_month_day Civil(Day day) {
  return std::chrono::year_month_day{std::chrono::sys_days{std::chrono::days{day}}};
}

Day FromCivil(const std::chrono::year_month_day& civil) {
  return static_cast<Day>(std::chrono::sys_days{civil}.time_since_epoch().count());
}

void AppendPadded(std::string& out, unsigned value, int width) {
  char digits[10];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out.append(digits, static_cast<std::size_t>(width));
}

const absl::TimeZone& Oslo() {
  static const absl::TimeZone kOslo = [] {
    absl::TimeZone zone;
    if (!absl::LoadTimeZone("Europe/Oslo", &zone))
      throw std::runtime_error("no zone data for Europe/Oslo; install the package tzdata");
    return zone;
  }();
  return kOslo;
}

}  // namespace

Day MakeDay(int year, unsigned month, unsigned day) {
  return FromCivil(std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day});
}

int YearOf(Day day) { return static_cast<int>(Civil(day).year()); }

unsigned MonthOf(Day day) { return static_cast<unsigned>(Civil(day).month()); }

bool IsWeekend(Day day) {
  const unsigned weekday = std::chrono::weekday{std::chrono::sys_days{std::chrono::days{day}}}.iso_encoding();
  return weekday >= 6;
}

Day FirstOfMonth(Day day) {
  const auto civil = Civil(day);
  return FromCivil(civil.year() / civil.month() / std::chrono::day{1});
}

Day FirstOfNextMonth(Day day) { return AddMonths(FirstOfMonth(day), 1); }

Day AddMonths(Day day, int months) {
  const auto civil = Civil(day);
  const auto month = std::chrono::year_month{civil.year(), civil.month()} + std::chrono::months{months};
  const auto last = std::chrono::year_month_day{month / std::chrono::last};
  return FromCivil(month / std::min(civil.day(), last.day()));
}

Day AddYears(Day day, int years) { return AddMonths(day, 12 * years); }

void AppendDate(std::string& out, Day day) {
  const auto civil = Civil(day);
  AppendPadded(out, static_cast<unsigned>(static_cast<int>(civil.year())), 4);
  out += '-';
  AppendPadded(out, static_cast<unsigned>(civil.month()), 2);
  out += '-';
  AppendPadded(out, static_cast<unsigned>(civil.day()), 2);
}

void AppendMidnight(std::string& out, Day day) {
  AppendDate(out, day);
  out += "T00:00:00";
}

void AppendDateTime(std::string& out, OsloMs time) {
  const Day day = DayOf(time);
  auto rest = static_cast<unsigned>(time - OsloMidnight(day));
  AppendDate(out, day);
  out += 'T';
  AppendPadded(out, rest / 3'600'000, 2);
  out += ':';
  AppendPadded(out, rest / 60'000 % 60, 2);
  out += ':';
  AppendPadded(out, rest / 1000 % 60, 2);
  // Registers leave out a zero fraction, so readers must take any fraction length (F15).
  if (rest % 1000 == 0) return;
  out += '.';
  AppendPadded(out, rest % 1000, 3);
}

std::string MonthName(Day day) {
  std::string name;
  AppendDate(name, day);
  name.resize(7);
  return name;
}

UtcMs ToUtc(OsloMs time) {
  const absl::CivilSecond second = absl::CivilSecond(1970, 1, 1) + time / 1000;  // from 1970 on, as DayOf
  return absl::ToUnixMillis(Oslo().At(second).pre) + time % 1000;
}

OsloMs ToOslo(UtcMs time) { return time + std::int64_t{Oslo().At(absl::FromUnixMillis(time)).offset} * 1000; }

}  // namespace flosync::synthetic
