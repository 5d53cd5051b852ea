#include "daemon/synthetic_register.h"

#include <algorithm>

namespace flosync {

std::chrono::sys_days ToSysDays(Day d) { return std::chrono::sys_days{std::chrono::days{d.epoch_days()}}; }

std::vector<synthetic::MunicipalityEra> MunicipalityEras(const Geography& geography, Day from, Day to) {
  std::vector<synthetic::MunicipalityEra> eras;
  for (int year = std::max(from.year(), 2015); year <= to.year(); ++year) {
    const Day first(year, 1, 1);
    synthetic::MunicipalityEra era{ToSysDays(first), {}, {}};
    for (const Geography::Inhabited& m : geography.MunicipalitiesAt(first, year)) {
      era.municipalities.push_back({m.number, m.county, m.population});
    }
    era.successors = geography.SuccessionsOn(first);
    eras.push_back(std::move(era));
  }
  return eras;
}

}  // namespace flosync
