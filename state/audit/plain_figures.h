// Every live figure, counted with plain loops from the lists of each area (DOMAIN §4, A5, A7, D1–D16).
//
// It shares the areas of a frame and the definitions' parameters with the figures that are published, and nothing of
// how they are counted: neither measures, nor cells, nor rounding. Measures with a window are no live figures. Pure;
// any thread.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <vector>

#include "state/audit/plain_list.h"
#include "state/geography/geography.h"
#include "state/indicators/figure.h"

namespace flosync {

// A figure's place, in the order of the store.
struct FigureName {
  Level level = Level::kNation;
  std::string area;
  std::string measure;
  std::string breakdown;
  std::string definition;
  auto operator<=>(const FigureName&) const = default;
};

// "0301 gp_count all.lt40 gp-statistics/1.0".
[[nodiscard]] std::string Describe(const FigureName& name);

// An area without any list shows zeros or nothing; such figures are not stored.
[[nodiscard]] bool IsEmpty(const Figure& figure);

// Every figure of the definitions in every area of the frame at d, without empty ones.
using PlainFigures = std::map<FigureName, Figure>;
[[nodiscard]] PlainFigures CountPlainly(const std::vector<PlainList>& lists, const AreaFrame& frame,
                                        const std::vector<const Definition*>& definitions, Day d);

}  // namespace flosync
