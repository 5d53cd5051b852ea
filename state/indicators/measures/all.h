// The measures there are, one file each; catalogue.cc puts them in order.
#pragma once

#include "state/indicators/measure.h"

namespace flosync {

[[nodiscard]] const Measure& ContractDurationMeanMeasure();
[[nodiscard]] const Measure& ContractDurationMedianMeasure();
[[nodiscard]] const Measure& ContractFixedSalaryShareMeasure();
[[nodiscard]] const Measure& GpCountMeasure();
[[nodiscard]] const Measure& GpEnteredNotSpecialistMeasure();
[[nodiscard]] const Measure& GpSpecialistShareMeasure();
[[nodiscard]] const Measure& GpStableShareMeasure();
[[nodiscard]] const Measure& GpTurnoverMeasure();
[[nodiscard]] const Measure& GpsPer10000ListedMeasure();
[[nodiscard]] const Measure& GrantBasicSupplementListsMeasure();
[[nodiscard]] const Measure& GrantEqualisationGpsMeasure();
[[nodiscard]] const Measure& ListCapMeanMeasure();
[[nodiscard]] const Measure& ListCountMeasure();
[[nodiscard]] const Measure& ListFreePlacesMeasure();
[[nodiscard]] const Measure& ListFreePlacesPer100Measure();
[[nodiscard]] const Measure& ListLengthMeanMeasure();
[[nodiscard]] const Measure& ListLengthMedianMeasure();
[[nodiscard]] const Measure& ListPlacesMeasure();
[[nodiscard]] const Measure& ListUnstaffedShareMeasure();
[[nodiscard]] const Measure& LocumDaysMeasure();
[[nodiscard]] const Measure& LocumListShareMeasure();
[[nodiscard]] const Measure& MunicipalityAllSpecialistsMeasure();
[[nodiscard]] const Measure& PersonsListedMeasure();
[[nodiscard]] const Measure& PersonsWithoutGpShareMeasure();

}  // namespace flosync
