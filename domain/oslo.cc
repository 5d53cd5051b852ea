#include "domain/oslo.h"

#include <array>
#include <cstdio>
#include <stdexcept>

#include "absl/time/time.h"

namespace flosync {
namespace {

constexpr int64_t kSecondsPerDay = 86400;

// Abseil reads the rule at the end of the zone file too, so the years after its last listed change (2037) have summer
// time as well.
const absl::TimeZone& Oslo() {
  static const absl::TimeZone kZone = [] {
    absl::TimeZone zone;
    if (!absl::LoadTimeZone("Europe/Oslo", &zone))
      throw std::runtime_error("no zone data for Europe/Oslo; install the package tzdata");
    return zone;
  }();
  return kZone;
}

int64_t FloorDiv(int64_t a, int64_t b) {
  const int64_t q = a / b;
  return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q;
}

// When the wall clock shows a time, `seconds` after 1970-01-01T00:00:00 local: once, never or twice.
absl::TimeZone::TimeInfo Showings(int64_t seconds) {
  const Day day = Day::FromEpochDays(static_cast<int32_t>(FloorDiv(seconds, kSecondsPerDay)));
  const absl::CivilSecond midnight(day.year(), day.month(),
                                   day.day_of_month());  // from 1970 on it would count year by year
  return Oslo().At(midnight + (seconds - day.epoch_days() * kSecondsPerDay));
}

// The zone's offset from UTC at a UTC second.
int64_t OffsetSeconds(int64_t utc_seconds) { return Oslo().At(absl::FromUnixSeconds(utc_seconds)).offset; }

// The value of `count` digits at `text[at]`, or -1.
int Digits(std::string_view text, size_t at, size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// A date-time as written, before its zone is applied.
struct ParsedDateTime {
  WallTime local;
  std::optional<int64_t> offset_seconds;
};

// The fraction at `text[at]`, cut after nine digits; `at` moves behind it. -1 if there is no digit.
int32_t ParseFraction(std::string_view text, size_t& at) {
  int32_t nanos = 0;
  int digits = 0;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
    if (digits < 9) {
      nanos = nanos * 10 + (text[at] - '0');
      ++digits;
    }
    ++at;
  }
  if (digits == 0) return -1;
  for (; digits < 9; ++digits) nanos *= 10;
  return nanos;
}

// "Z" or "±hh:mm", the whole of `text`; nothing if it is neither.
std::optional<int64_t> ParseOffset(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const int hours = Digits(text, 1, 2);
  const int minutes = Digits(text, 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const int64_t seconds = hours * 3600 + minutes * 60;
  return text[0] == '-' ? -seconds : seconds;
}

std::optional<ParsedDateTime> ParseDateTime(std::string_view text) {
  const auto day = ParseDay(text.substr(0, 10));
  if (!day) return std::nullopt;
  ParsedDateTime parsed;
  parsed.local.seconds = day->epoch_days() * kSecondsPerDay;
  if (text.size() == 10) return parsed;
  if (text.size() < 19 || text[10] != 'T' || text[13] != ':' || text[16] != ':') return std::nullopt;
  const int h = Digits(text, 11, 2);
  const int m = Digits(text, 14, 2);
  const int s = Digits(text, 17, 2);
  if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59) return std::nullopt;
  parsed.local.seconds += h * 3600 + m * 60 + s;
  size_t at = 19;
  if (at < text.size() && text[at] == '.') {
    ++at;
    parsed.local.nanos = ParseFraction(text, at);
    if (parsed.local.nanos < 0) return std::nullopt;
  }
  if (at == text.size()) return parsed;
  parsed.offset_seconds = ParseOffset(text.substr(at));
  if (!parsed.offset_seconds) return std::nullopt;
  return parsed;
}

std::string FormatSeconds(int64_t seconds) {
  const Day day = Day::FromEpochDays(static_cast<int32_t>(FloorDiv(seconds, kSecondsPerDay)));
  const int64_t rest = seconds - day.epoch_days() * kSecondsPerDay;
  std::array<char, 16> clock{};
  std::snprintf(clock.data(), clock.size(), "T%02d:%02d:%02d", static_cast<int>(rest / 3600),
                static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return day.ToString() + clock.data();
}

// The instant at which the wall clock first shows `w` (or jumps past it).
Instant FirstShowing(WallTime w) {
  const auto showings = Showings(w.seconds);
  if (showings.kind == absl::TimeZone::TimeInfo::SKIPPED) return {absl::ToUnixMillis(showings.trans)};
  return {absl::ToUnixMillis(showings.pre) + w.nanos / 1000000};
}

}  // namespace

Day WallTime::day() const { return Day::FromEpochDays(static_cast<int32_t>(FloorDiv(seconds, kSecondsPerDay))); }

std::string WallTime::ToString() const {
  std::string out = FormatSeconds(seconds);
  if (nanos == 0) return out;
  std::array<char, 16> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%09d", nanos);
  out += fraction.data();
  while (out.back() == '0') out.pop_back();
  return out;
}

std::optional<WallTime> ParseWallTime(std::string_view text) {
  const auto parsed = ParseDateTime(text);
  if (!parsed) return std::nullopt;
  if (!parsed->offset_seconds) return parsed->local;
  const int64_t utc = parsed->local.seconds - *parsed->offset_seconds;
  return WallTime{utc + OffsetSeconds(utc), parsed->local.nanos};
}

WallTime ToOslo(Instant t) {
  const int64_t utc = FloorDiv(t.ms, 1000);
  return {utc + OffsetSeconds(utc), static_cast<int32_t>((t.ms - utc * 1000) * 1000000)};
}

Day OsloDay(Instant t) { return ToOslo(t).day(); }

Instant StartOfDay(Day d) { return FirstShowing({d.epoch_days() * kSecondsPerDay, 0}); }

Instant CutoffInstant(Day d, std::chrono::milliseconds cutoff_delay) {
  return {StartOfDay(d).ms + cutoff_delay.count()};
}

std::optional<Instant> NextPassing(WallTime w, Instant after) {
  // "Earlier than now" turns true one tick after the wall clock shows w. Around the autumn change it turns false again
  // when the clock goes back, and true a second time.
  using Showing = absl::TimeZone::TimeInfo;
  const auto showings = Showings(w.seconds);
  // A time that the spring change skips is passed by the jump itself.
  const bool skipped = showings.kind == Showing::SKIPPED;
  const Instant first{FirstShowing(w).ms + (skipped ? 0 : 1)};
  if (first > after) return first;
  if (showings.kind != Showing::REPEATED) return std::nullopt;
  const Instant change{absl::ToUnixMillis(showings.trans)};
  if (change > after) return change;
  const Instant second{absl::ToUnixMillis(showings.post) + w.nanos / 1000000 + 1};
  if (second > after) return second;
  return std::nullopt;
}

std::string FormatUtc(Instant t) {
  const int64_t seconds = FloorDiv(t.ms, 1000);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(t.ms - seconds * 1000));
  return FormatSeconds(seconds) + fraction.data();
}

std::optional<Instant> ParseInstant(std::string_view text) {
  const auto parsed = ParseDateTime(text);
  if (!parsed) return std::nullopt;
  const int64_t millis = parsed->local.nanos / 1000000;
  if (parsed->offset_seconds) return Instant{(parsed->local.seconds - *parsed->offset_seconds) * 1000 + millis};
  return FirstShowing(parsed->local);
}

}  // namespace flosync
