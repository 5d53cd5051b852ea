// A figure as it is published, and which figures there are (A1, A3, A5, A7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "state/indicators/definition.h"
#include "state/indicators/measure.h"

namespace flosync {

// What a cell shows on a day: the last columns of a row.
struct Figure {
  std::optional<int64_t> numerator;
  std::optional<int64_t> denominator;
  std::string value;  // as displayed; empty where the denominator is 0 or nothing was observed
  bool operator==(const Figure&) const = default;
};

// `observed` is needed for medians only; nullptr = nothing observed.
[[nodiscard]] Figure ShowFigure(MeasureKind kind, const Cell& cell, const Observations* observed, Day d);

// numerator × scale / denominator with one decimal, half away from zero, no "-0.0" (A7). The denominator is positive.
[[nodiscard]] std::string OneDecimal(__int128 numerator, int64_t scale, __int128 denominator);

// The figures of one area in canonical order: measure, breakdown, definition. Immutable.
class FigurePlan {
 public:
  struct Entry {
    const Definition* definition = nullptr;
    const Measure* measure = nullptr;
    int32_t breakdown = 0;
    [[nodiscard]] MeasureKind kind() const { return measure->kind(breakdown); }
    [[nodiscard]] const std::string& breakdown_name() const {
      return measure->breakdowns()[static_cast<size_t>(breakdown)];
    }
  };
  // One measure under one definition, and the entry of each of its breakdowns; -1 = not part of the definition.
  struct Part {
    const Definition* definition = nullptr;
    const Measure* measure = nullptr;
    std::vector<int32_t> entries;
  };

  // `windowed`: with the measures that look back over a window.
  FigurePlan(const std::vector<const Definition*>& definitions, bool windowed);

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }

 private:
  std::vector<Entry> entries_;
  std::vector<Part> parts_;
};

}  // namespace flosync
