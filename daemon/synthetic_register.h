// The synthetic national register with the municipalities of the reference tables.
#pragma once

#include <string>
#include <vector>

#include "connectors/synthetic/generator.h"
#include "domain/day.h"
#include "state/geography/geography.h"

namespace flosync {

[[nodiscard]] std::chrono::sys_days ToSysDays(Day d);

// One era for each 1 January from the year of `from` (or the tables' first) to that of `to`.
[[nodiscard]] std::vector<synthetic::MunicipalityEra> MunicipalityEras(const Geography& geography, Day from, Day to);

}  // namespace flosync
