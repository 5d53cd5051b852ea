#include "state/indicators/figure.h"

#include <algorithm>
#include <tuple>

namespace flosync {
namespace {

// A year is 365.25 days: 36 525 hundredths.
constexpr int64_t kHundredthsOfYear = 36525;

Figure Quotient(const Cell& cell, int64_t scale) {
  Figure figure{cell.numerator, cell.denominator, ""};
  if (cell.denominator > 0) figure.value = OneDecimal(cell.numerator, scale, cell.denominator);
  return figure;
}

// The mean of the middle two, times `scale` / `divisor`; `from` less the observations where they are first days.
Figure Median(const Observations* observed, std::optional<Day> from, int64_t scale, int64_t divisor) {
  Figure figure{std::nullopt, observed ? observed->size() : 0, ""};
  if (*figure.denominator == 0) return figure;
  const auto [a, b] = observed->Middle();
  __int128 sum =
      static_cast<__int128>(a.numerator) * b.denominator + static_cast<__int128>(b.numerator) * a.denominator;
  const __int128 over = static_cast<__int128>(a.denominator) * b.denominator * 2;
  if (from) sum = over * from->epoch_days() - sum;
  figure.value = OneDecimal(sum, scale, over * divisor);
  return figure;
}

}  // namespace

std::string OneDecimal(__int128 numerator, int64_t scale, __int128 denominator) {
  const bool negative = numerator < 0;
  const __int128 magnitude = (negative ? -numerator : numerator) * scale * 10;
  const auto tenths = static_cast<int64_t>((magnitude * 2 + denominator) / (denominator * 2));
  std::string out = negative && tenths != 0 ? "-" : "";
  out += std::to_string(tenths / 10);
  out.push_back('.');
  out += std::to_string(tenths % 10);
  return out;
}

Figure ShowFigure(MeasureKind kind, const Cell& cell, const Observations* observed, Day d) {
  switch (kind) {
    case MeasureKind::kCount:
      return {cell.numerator, std::nullopt, std::to_string(cell.numerator)};
    case MeasureKind::kPercent:
    case MeasureKind::kPer100:
      return Quotient(cell, 100);
    case MeasureKind::kPer10000:
      return Quotient(cell, 10000);
    case MeasureKind::kMeanPersons:
      return Quotient(cell, 1);
    case MeasureKind::kMedianPersons:
    case MeasureKind::kMedianPer100:
      return Median(observed, std::nullopt, 1, 1);
    case MeasureKind::kMeanYears: {
      const Cell days{cell.numerator + cell.denominator * d.epoch_days(), cell.denominator};
      Figure figure{days.numerator, days.denominator, ""};
      if (days.denominator > 0) {
        figure.value = OneDecimal(days.numerator, 100, static_cast<__int128>(days.denominator) * kHundredthsOfYear);
      }
      return figure;
    }
    case MeasureKind::kMedianYears:
      return Median(observed, d, 100, kHundredthsOfYear);
    case MeasureKind::kHundredthDays:
      return Quotient({cell.numerator, 100}, 1);
  }
  return {};
}

FigurePlan::FigurePlan(const std::vector<const Definition*>& definitions, bool windowed) {
  for (const Definition* definition : definitions) {
    for (const Definition::Selection& selection : definition->measures) {
      if (selection.measure->windowed() && !windowed) continue;
      parts_.push_back({definition, selection.measure, {}});
      for (const int32_t breakdown : selection.breakdowns)
        entries_.push_back({definition, selection.measure, breakdown});
    }
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return std::tuple(a.measure->id(), a.breakdown, std::string_view(a.definition->id)) <
           std::tuple(b.measure->id(), b.breakdown, std::string_view(b.definition->id));
  });
  for (Part& part : parts_) {
    part.entries.assign(part.measure->breakdowns().size(), -1);
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].definition != part.definition || entries_[i].measure != part.measure) continue;
      part.entries[static_cast<size_t>(entries_[i].breakdown)] = static_cast<int32_t>(i);
    }
  }
}

}  // namespace flosync
