#include "state/audit/plain_area.h"

namespace flosync {
namespace {

// D10; the mean is exact, and where no count is known there is none.
bool SmallMunicipality(const PlainMunicipality& municipality) {
  if (!municipality.population || *municipality.population >= 5000) return false;
  int64_t patients = 0;
  int64_t counted = 0;
  for (const PlainList* list : municipality.lists) {
    if (!list->patients) continue;
    patients += *list->patients;
    ++counted;
  }
  return counted > 0 && patients < 1200 * counted;
}

// R15: the nation always; county, group and municipality where the number leads to one.
std::vector<int32_t> AreasAround(const Placement& placement) {
  std::vector<int32_t> areas = {0};
  for (const int32_t area : {placement.county, placement.group, placement.municipality}) {
    if (area >= 0) areas.push_back(area);
  }
  return areas;
}

}  // namespace

PlainMap::PlainMap(const std::vector<PlainList>& lists, const AreaFrame& frame) : areas_(frame.areas().size()) {
  std::map<int32_t, Placement> placements;
  for (const PlainList& list : lists) {
    const Placement placement = frame.Place(list.municipality);
    if (placement.municipality < 0) continue;
    PlainMunicipality& municipality = municipalities_[placement.municipality];
    municipality.population = placement.population;
    municipality.lists.push_back(&list);
    placements[placement.municipality] = placement;
  }
  for (const auto& [index, placement] : placements) {
    for (const int32_t area : AreasAround(placement)) {
      areas_[static_cast<size_t>(area)].municipalities.push_back(&municipalities_[index]);
    }
  }
  for (const PlainList& list : lists) {
    const Placement placement = frame.Place(list.municipality);
    const bool small = placement.municipality >= 0 && SmallMunicipality(municipalities_[placement.municipality]);
    for (const int32_t index : AreasAround(placement)) {
      PlainArea& area = areas_[static_cast<size_t>(index)];
      area.lists.push_back(&list);
      for (const PlainGp& gp : list.gps) area.agreements.push_back({&gp, list.fixed_salary, small});
    }
  }
}

std::vector<CountedOnce> GpsOf(const PlainArea& area, CountUnit unit) {
  std::vector<CountedOnce> gps;
  if (unit == CountUnit::kAgreement) {
    for (const PlainAgreement& agreement : area.agreements) gps.push_back({agreement});
    return gps;
  }
  std::map<int32_t, CountedOnce> by_doctor;
  for (const PlainAgreement& agreement : area.agreements) by_doctor[agreement.gp->doctor].push_back(agreement);
  for (auto& [doctor, agreements] : by_doctor) gps.push_back(std::move(agreements));
  return gps;
}

}  // namespace flosync
