// What counts, shares, means and medians show (A7, R17), by exact arithmetic. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "state/indicators/figure.h"

namespace flosync {

// An exact quotient; the denominator is positive.
struct Fraction {
  __int128 over = 0;
  __int128 under = 1;
};

// One decimal, half away from zero, no "-0.0".
[[nodiscard]] std::string Rounded(const Fraction& exact);

[[nodiscard]] Figure Number(int64_t number);
// `scale` makes percent of a share; 1 shows a mean.
[[nodiscard]] Figure Share(int64_t numerator, int64_t denominator, int64_t scale);
// The mean of the middle two of an even number; `divisor` makes years of days.
[[nodiscard]] Figure Median(std::vector<Fraction> values, const Fraction& divisor = {1, 1});

}  // namespace flosync
