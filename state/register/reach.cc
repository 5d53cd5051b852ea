#include "state/register/reach.h"

#include <algorithm>

namespace flosync {
namespace {

// The earliest reference date that sees another version in `after` than in `before`; Day::Max() if none does.
template <typename Version, typename TimeOf, typename Same>
Day FirstDifference(const std::vector<Version>& before, const std::vector<Version>& after, TimeOf time_of, Same same,
                    bool falls_back) {
  size_t i = 0;
  while (i < before.size() && i < after.size() && same(before[i], after[i])) ++i;
  if (i == before.size() && i == after.size()) return Day::Max();
  // Where there is none before t the earliest version holds (R7), so another first one changes every date.
  if (i == 0 && falls_back) return Day::Min();
  Day first = Day::Max();
  if (i < before.size()) first = std::min(first, time_of(before[i]).day());
  if (i < after.size()) first = std::min(first, time_of(after[i]).day());
  return first;
}

Day ReachOfContract(const ContractState& before, const ContractState& after) {
  if (before.versions.empty() || after.versions.empty() || before.period() != after.period() ||
      before.presence.absences != after.presence.absences) {
    return Day::Min();
  }
  return FirstDifference(
      before.versions, after.versions, [](const ContractVersion& v) { return v.updated; },
      [](const ContractVersion& a, const ContractVersion& b) {
        return a.updated == b.updated && a.content == b.content;
      },
      true);
}

Day ReachOfCount(const PatientCountState& before, const PatientCountState& after) {
  if (before.presence.absences != after.presence.absences) return Day::Min();
  return FirstDifference(
      before.versions, after.versions, [](const CountVersion& v) { return v.counted; },
      [](const CountVersion& a, const CountVersion& b) { return a.counted == b.counted && a.patients == b.patients; },
      false);
}

Day ReachOfPeriod(const DoctorPeriodState& before, const DoctorPeriodState& after) {
  if (before.Holds() == after.Holds() && before.latest == after.latest) return Day::Max();
  Day first = Day::Max();
  for (const DoctorPeriodState* state : {&before, &after}) {
    if (state->known) first = std::min(first, state->latest.period.from);
  }
  return first;
}

Day ReachOfPerson(const PersonState& before, const PersonState& after) {
  const bool same = before.known == after.known && before.facts == after.facts &&
                    before.AliasTarget() == after.AliasTarget() && before.presence.absences == after.presence.absences;
  return same ? Day::Max() : Day::Min();
}

}  // namespace

Day FirstDateReached(const EntityState& before, const EntityState& after) {
  if (const auto* contract = std::get_if<ContractState>(&before)) {
    return ReachOfContract(*contract, std::get<ContractState>(after));
  }
  if (const auto* count = std::get_if<PatientCountState>(&before)) {
    return ReachOfCount(*count, std::get<PatientCountState>(after));
  }
  if (const auto* period = std::get_if<DoctorPeriodState>(&before)) {
    return ReachOfPeriod(*period, std::get<DoctorPeriodState>(after));
  }
  return ReachOfPerson(std::get<PersonState>(before), std::get<PersonState>(after));
}

}  // namespace flosync
