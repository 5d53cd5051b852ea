#include "state/audit/plain_show.h"

#include <algorithm>

#include "domain/text.h"

namespace flosync {

std::string Rounded(const Fraction& exact) {
  const bool negative = exact.over < 0;
  const __int128 tenfold = (negative ? -exact.over : exact.over) * 10;
  __int128 tenths = tenfold / exact.under;
  if (2 * (tenfold % exact.under) >= exact.under) ++tenths;
  const auto number = static_cast<int64_t>(tenths);
  return Join(negative && number != 0 ? "-" : "", number / 10, ".", number % 10);
}

Figure Number(int64_t number) { return {number, std::nullopt, std::to_string(number)}; }

Figure Share(int64_t numerator, int64_t denominator, int64_t scale) {
  Figure figure{numerator, denominator, ""};
  if (denominator > 0) figure.value = Rounded({static_cast<__int128>(numerator) * scale, denominator});
  return figure;
}

Figure Median(std::vector<Fraction> values, const Fraction& divisor) {
  Figure figure{std::nullopt, static_cast<int64_t>(values.size()), ""};
  if (values.empty()) return figure;
  std::ranges::sort(values, [](const Fraction& a, const Fraction& b) { return a.over * b.under < b.over * a.under; });
  const Fraction& a = values[(values.size() - 1) / 2];
  const Fraction& b = values[values.size() / 2];
  figure.value = Rounded({(a.over * b.under + b.over * a.under) * divisor.under, 2 * a.under * b.under * divisor.over});
  return figure;
}

}  // namespace flosync
