// Instants, Oslo wall-clock times and the way between them (R1, B7, E13).
//
// Instant is UTC, in milliseconds, as the broker stamps records. WallTime is a local date-time in Europe/Oslo with
// nanoseconds: the registers' sistOppdatert, UpdatedOn and countedAt carry no zone, and versions compare as wall-clock
// time. All functions are pure but for the first use, which reads the system's zone data; they may be called from any
// thread.
//
//   WallTime w = ToOslo(Instant{1704085200000});  // 2024-01-01T06:00:00
//   CutoffInstant(Day(2024, 1, 1), 6h);           // Instant{1704085200000}
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/day.h"

namespace flosync {

// Milliseconds since 1970-01-01T00:00:00Z.
struct Instant {
  int64_t ms = 0;
  static constexpr Instant Min() { return {INT64_MIN}; }
  static constexpr Instant Max() { return {INT64_MAX}; }
  constexpr auto operator<=>(const Instant&) const = default;
};

// A local date-time in Oslo: seconds since 1970-01-01T00:00:00 local, and nanoseconds 0..999 999 999.
struct WallTime {
  int64_t seconds = 0;
  int32_t nanos = 0;
  [[nodiscard]] Day day() const;
  // "2024-01-01T06:00:00", with the fraction only where there is one.
  [[nodiscard]] std::string ToString() const;
  constexpr auto operator<=>(const WallTime&) const = default;
};

// F15: `yyyy-MM-dd` (midnight), or `yyyy-MM-ddTHH:mm:ss[.fraction][Z|±hh:mm]`; a fraction is cut after nine digits; a
// time with a zone is converted to Oslo wall-clock time. Nothing for any other text.
[[nodiscard]] std::optional<WallTime> ParseWallTime(std::string_view text);

[[nodiscard]] WallTime ToOslo(Instant t);
// The Oslo date of an instant: what "today" means for live figures.
[[nodiscard]] Day OsloDay(Instant t);
// Local midnight at which `d` begins, as an instant.
[[nodiscard]] Instant StartOfDay(Day d);
// B7: `cutoff_delay` of elapsed time after local midnight of `d`, also on days when the clock changes.
[[nodiscard]] Instant CutoffInstant(Day d, std::chrono::milliseconds cutoff_delay);
// The first instant after `after` at which the answer to "is `w` earlier than now on the wall clock?" may change; in
// the autumn hour that occurs twice it changes more than once. Nothing if it no longer changes.
[[nodiscard]] std::optional<Instant> NextPassing(WallTime w, Instant after);

// RFC 3339 in UTC with milliseconds: "2024-01-01T05:00:00.000Z".
[[nodiscard]] std::string FormatUtc(Instant t);
// Reads what FormatUtc writes, a date-time with zone, or a bare `yyyy-MM-dd` meaning Oslo midnight. Milliseconds; more
// is cut.
[[nodiscard]] std::optional<Instant> ParseInstant(std::string_view text);

}  // namespace flosync
