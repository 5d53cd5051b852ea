// The measures there are, one file each; catalogue.cc puts them in order.
#pragma once

#include "state/indicators/measure.h"

namespace flosync {

[[nodiscard]] const Measure& GpCountMeasure();
[[nodiscard]] const Measure& GpSpecialistShareMeasure();
[[nodiscard]] const Measure& GpsPer10000ListedMeasure();
[[nodiscard]] const Measure& ListCountMeasure();
[[nodiscard]] const Measure& ListUnstaffedShareMeasure();
[[nodiscard]] const Measure& PersonsListedMeasure();

}  // namespace flosync
