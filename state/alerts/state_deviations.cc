#include "state/alerts/state_deviations.h"

#include <string>

#include "state/alerts/live_conditions.h"

namespace flosync {

std::vector<Deviation> StateDeviationsAt(const Register& reg, const Geography& geography, Instant end) {
  std::vector<Deviation> deviations;
  for (const auto& [key, condition] : ConditionsAt(reg, geography, AfterEnd(end))) {
    const auto* code = std::get_if<StateDeviation>(&key.code);
    if (!code) continue;
    Deviation deviation;
    deviation.code = CodeOf(*code);
    deviation.entity = key.subject;
    deviation.detail = StateDeviationDetail(*code);
    deviation.first_seen = deviation.last_seen = end;
    deviation.count = 1;
    deviations.push_back(std::move(deviation));
  }
  return deviations;
}

Moment AfterEnd(Instant end) {
  const Instant after{end.ms + 1};
  return {OsloDay(end), after, ToOslo(after)};
}

}  // namespace flosync
