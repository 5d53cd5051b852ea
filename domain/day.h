// Calendar days and spans of days in Europe/Oslo (R1, R2).
//
// Day is a count of days since 1970-01-01; Period is half-open, [from, to). Both are values: copy freely, share between
// threads. Neither reads a clock.
//
//   Period p{.from = Day(2024, 1, 1), .to = Day(2024, 3, 1)};
//   p.Contains(Day(2024, 2, 29));  // true
//   p.Contains(Day(2024, 3, 1));   // false: `to` is outside
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flosync {

class Day {
 public:
  constexpr Day() = default;
  // A proleptic Gregorian date; the caller passes a date that exists.
  Day(int year, int month, int day);
  static constexpr Day FromEpochDays(int32_t days) {
    Day d;
    d.days_ = days;
    return d;
  }
  // Earlier and later than every date of a record: the bounds of an open period.
  static constexpr Day Min() { return FromEpochDays(INT32_MIN); }
  static constexpr Day Max() { return FromEpochDays(INT32_MAX); }

  [[nodiscard]] constexpr int32_t epoch_days() const { return days_; }
  [[nodiscard]] int year() const;
  [[nodiscard]] int month() const;
  [[nodiscard]] int day_of_month() const;
  // 0 = Sunday … 6 = Saturday.
  [[nodiscard]] int weekday() const;
  [[nodiscard]] constexpr Day Plus(int32_t days) const { return FromEpochDays(days_ + days); }
  // The same day of the month `months` later (earlier if negative), clamped to the month's last day (C1): 29 February
  // plus twelve months is 28 February.
  [[nodiscard]] Day PlusMonths(int months) const;
  // "2024-03-01".
  [[nodiscard]] std::string ToString() const;

  constexpr auto operator<=>(const Day&) const = default;

 private:
  int32_t days_ = 0;
};

// Reads exactly `yyyy-MM-dd`; nothing for any other text or a date that does not exist.
[[nodiscard]] std::optional<Day> ParseDay(std::string_view text);

// A span of days [from, to) (R2); Day::Min() and Day::Max() are open bounds.
struct Period {
  Day from = Day::Min();
  Day to = Day::Max();

  [[nodiscard]] constexpr bool Contains(Day d) const { return from <= d && d < to; }
  // False for `from ≥ to`, which R2 refuses.
  [[nodiscard]] constexpr bool Valid() const { return from < to; }
  constexpr auto operator<=>(const Period&) const = default;
};

}  // namespace flosync
