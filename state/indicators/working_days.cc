#include "state/indicators/working_days.h"

#include <algorithm>
#include <set>
#include <vector>

namespace flosync {
namespace {

constexpr int kFirstYear = 1900;
constexpr int kEndYear = 2300;

void AddHolidays(int year, std::set<Day>& holidays) {
  for (const auto& [month, day] : {std::pair(1, 1), {5, 1}, {5, 17}, {12, 25}, {12, 26}}) {
    holidays.insert(Day(year, month, day));
  }
  // Maundy Thursday, Good Friday, Easter Monday, Ascension Day, Whit Monday.
  for (const int after_easter : {-3, -2, 1, 39, 50}) holidays.insert(EasterSunday(year).Plus(after_easter));
}

// How many working days there are from the first day of the table up to and not including each day.
std::vector<int32_t> CountFromStart() {
  std::set<Day> holidays;
  for (int year = kFirstYear; year < kEndYear; ++year) AddHolidays(year, holidays);
  std::vector<int32_t> before = {0};
  for (Day d(kFirstYear, 1, 1); d < Day(kEndYear, 1, 1); d = d.Plus(1)) {
    const bool weekend = d.weekday() == 0 || d.weekday() == 6;
    before.push_back(before.back() + (weekend || holidays.contains(d) ? 0 : 1));
  }
  return before;
}

}  // namespace

Day EasterSunday(int year) {
  // The anonymous Gregorian computus (Meeus, Jones, Butcher).
  const int a = year % 19;
  const int b = year / 100;
  const int c = year % 100;
  const int h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  const int l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
  const int m = (a + 11 * h + 22 * l) / 451;
  const int n = h + l - 7 * m + 114;
  return {year, n / 31, n % 31 + 1};
}

int64_t WorkingDays(Day from, Day to) {
  static const std::vector<int32_t> before = CountFromStart();
  static const Day first(kFirstYear, 1, 1);
  const auto at = [](Day d) {
    const int64_t index = int64_t{d.epoch_days()} - first.epoch_days();
    return before[static_cast<size_t>(std::clamp<int64_t>(index, 0, static_cast<int64_t>(before.size()) - 1))];
  };
  return from < to ? at(to) - at(from) : 0;
}

}  // namespace flosync
