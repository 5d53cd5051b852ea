// Working days in Norway: Monday to Friday, public holidays out (D12, D13). Pure; any thread.
#pragma once

#include <cstdint>

#include "domain/day.h"

namespace flosync {

// How many days of [from, to) are working days. Days are taken as lying between 1900-01-01 and 2300-01-01.
[[nodiscard]] int64_t WorkingDays(Day from, Day to);

// Easter Sunday of a Gregorian year.
[[nodiscard]] Day EasterSunday(int year);

}  // namespace flosync
