#include <algorithm>

#include "state/indicators/measures/all.h"

namespace flosync {

const std::vector<const Measure*>& Measures() {
  static const std::vector<const Measure*> measures = {&ContractDurationMeanMeasure(),
                                                       &ContractDurationMedianMeasure(),
                                                       &ContractFixedSalaryShareMeasure(),
                                                       &GpCountMeasure(),
                                                       &GpEnteredNotSpecialistMeasure(),
                                                       &GpSpecialistShareMeasure(),
                                                       &GpStableShareMeasure(),
                                                       &GpTurnoverMeasure(),
                                                       &GpsPer10000ListedMeasure(),
                                                       &GrantBasicSupplementListsMeasure(),
                                                       &GrantEqualisationGpsMeasure(),
                                                       &ListCapMeanMeasure(),
                                                       &ListCountMeasure(),
                                                       &ListFreePlacesMeasure(),
                                                       &ListFreePlacesPer100Measure(),
                                                       &ListLengthMeanMeasure(),
                                                       &ListLengthMedianMeasure(),
                                                       &ListPlacesMeasure(),
                                                       &ListUnstaffedShareMeasure(),
                                                       &LocumDaysMeasure(),
                                                       &LocumListShareMeasure(),
                                                       &MunicipalityAllSpecialistsMeasure(),
                                                       &PersonsListedMeasure(),
                                                       &PersonsWithoutGpShareMeasure()};
  return measures;
}

const Measure* FindMeasure(std::string_view id) {
  const auto it = std::ranges::find_if(Measures(), [&](const Measure* measure) { return measure->id() == id; });
  return it == Measures().end() ? nullptr : *it;
}

std::string_view UnitOf(MeasureKind kind) {
  switch (kind) {
    case MeasureKind::kCount:
      return "count";
    case MeasureKind::kPercent:
      return "percent";
    case MeasureKind::kPer10000:
      return "per_10000";
    case MeasureKind::kPer100:
    case MeasureKind::kMedianPer100:
      return "per_100";
    case MeasureKind::kMeanPersons:
    case MeasureKind::kMedianPersons:
      return "persons";
    case MeasureKind::kMeanYears:
    case MeasureKind::kMedianYears:
      return "years";
    case MeasureKind::kHundredthDays:
      return "days";
  }
  return "";
}

}  // namespace flosync
