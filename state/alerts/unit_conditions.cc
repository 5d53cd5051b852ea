#include "state/alerts/unit_conditions.h"

#include <algorithm>

#include "domain/text.h"
#include "state/indicators/ahead.h"

namespace flosync {
namespace {

Condition OfMunicipality(ConditionCode code, const std::string& number, Severity severity) {
  Condition condition{{code, Join("municipality:", number)}, severity, {}};
  condition.detail.municipalities = {number};
  return condition;
}

}  // namespace

UnitConditions DerivePersonConditions(const Register& reg, int32_t hpr_number, const Moment& at) {
  UnitConditions out;
  const PersonState* person = reg.FindPerson(hpr_number);
  if (!person || person->AliasTarget() == 0) return out;
  const std::vector<int32_t> ahead_numbers = reg.NumbersAhead(hpr_number);
  const PersonState* last = reg.FindPerson(ahead_numbers.back());
  // Only who leads back to itself can ever stand on a cycle.
  if (!last || last->AliasTarget() != hpr_number) return out;
  Ahead ahead(at);
  bool closed = true;
  for (const int32_t number : ahead_numbers) {
    const PersonState* on_the_way = reg.FindPerson(number);
    ahead.OnInstant(on_the_way->presence.NextChangeAfter(at.t));
    closed = closed && on_the_way->AliasAt(at.t) != 0;
  }
  if (closed)
    out.conditions.push_back({{StateDeviation::kMergeCycle, Join("person:", hpr_number)}, Severity::kInfo, {}});
  out.next_change = ahead.Next();
  return out;
}

void MunicipalityTotals::Add(const ListShare& share, int32_t times) {
  lists += times;
  if (!share.active) return;
  active += times;
  patients += int64_t{times} * share.patients.value_or(0);
  caps += int64_t{times} * share.list_cap.value_or(0);
  if (!share.staffed) return;
  staffed += times;
  if (!share.patients || !share.list_cap) return;
  counted += times;
  free_places += int64_t{times} * (int64_t{*share.list_cap} - *share.patients);
}

std::vector<Condition> MunicipalityConditions(const std::string& number, const MunicipalityTotals& totals,
                                              std::optional<int32_t> population) {
  std::vector<Condition> out;
  if (totals.lists > 0 && totals.staffed == 0) {
    out.push_back(OfMunicipality(AlertKind::kMunicipalityWithoutGp, number, Severity::kCritical));
    out.back().detail.patients = totals.patients;
  }
  if (totals.counted > 0 && totals.free_places <= 0) {
    out.push_back(OfMunicipality(AlertKind::kNoFreePlaces, number, Severity::kWarning));
  }
  if (population && totals.caps > *population) {
    out.push_back(OfMunicipality(StateDeviation::kCapsExceedPopulation, number, Severity::kInfo));
  }
  SortAndUnite(out);
  return out;
}

}  // namespace flosync
