#include "state/indicators/measures/all.h"

namespace flosync {

const std::vector<const Measure*>& Measures() {
  static const std::vector<const Measure*> measures = {
      &GpCountMeasure(),   &GpSpecialistShareMeasure(),  &GpsPer10000ListedMeasure(),
      &ListCountMeasure(), &ListUnstaffedShareMeasure(), &PersonsListedMeasure()};
  return measures;
}

}  // namespace flosync
