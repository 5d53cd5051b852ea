#include "domain/day.h"

#include <chrono>

namespace flosync {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

year_month_day Civil(Day d) { return year_month_day{sys_days{std::chrono::days{d.epoch_days()}}}; }

year_month_day Date(int year, int month, int day) {
  return std::chrono::year{year} / std::chrono::month{static_cast<unsigned>(month)} /
         std::chrono::day{static_cast<unsigned>(day)};
}

int32_t EpochDays(year_month_day date) { return static_cast<int32_t>(sys_days{date}.time_since_epoch().count()); }

void AppendPadded(std::string& out, int value, int width) {
  std::string digits = std::to_string(value);
  for (int i = static_cast<int>(digits.size()); i < width; ++i) out.push_back('0');
  out += digits;
}

// The value of `count` digits at `text[at]`, or -1.
int Digits(std::string_view text, size_t at, size_t count) {
  int value = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

Day::Day(int year, int month, int day) : days_(EpochDays(Date(year, month, day))) {}

int Day::year() const { return static_cast<int>(Civil(*this).year()); }
int Day::month() const { return static_cast<int>(static_cast<unsigned>(Civil(*this).month())); }
int Day::day_of_month() const { return static_cast<int>(static_cast<unsigned>(Civil(*this).day())); }

int Day::weekday() const {
  // 1970-01-01 was a Thursday.
  int w = (days_ + 4) % 7;
  return w < 0 ? w + 7 : w;
}

Day Day::PlusMonths(int months) const {
  const year_month_day civil = Civil(*this);
  const auto target = civil.year() / civil.month() + std::chrono::months{months};
  const auto last = (target / std::chrono::last).day();
  const auto clamped = target / (civil.day() < last ? civil.day() : last);
  return FromEpochDays(EpochDays(clamped));
}

std::string Day::ToString() const {
  std::string out;
  AppendPadded(out, year(), 4);
  out.push_back('-');
  AppendPadded(out, month(), 2);
  out.push_back('-');
  AppendPadded(out, day_of_month(), 2);
  return out;
}

std::optional<Day> ParseDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int y = Digits(text, 0, 4);
  const int m = Digits(text, 5, 2);
  const int d = Digits(text, 8, 2);
  if (y < 0 || m < 0 || d < 0) return std::nullopt;
  const year_month_day date = Date(y, m, d);
  if (!date.ok()) return std::nullopt;
  return Day::FromEpochDays(EpochDays(date));
}

}  // namespace flosync
