// Which lists, GPs and municipalities an area holds, told plainly (R14, R15). Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "state/audit/plain_list.h"
#include "state/geography/geography.h"
#include "state/indicators/definition.h"

namespace flosync {

// One agreement: a GP on a list, in a municipality that may give right to the equalisation grant.
struct PlainAgreement {
  const PlainGp* gp = nullptr;
  bool fixed_salary = false;
  bool small_municipality = false;  // fewer than 5 000 inhabitants, shorter lists than 1 200 on average (D10)
};
// What counts as one GP: the doctor's agreements in the area, or one of them (R14).
using CountedOnce = std::vector<PlainAgreement>;

// One municipality with at least one list.
struct PlainMunicipality {
  std::optional<int32_t> population;  // G3
  std::vector<const PlainList*> lists;
};

struct PlainArea {
  std::vector<const PlainList*> lists;  // by contract id
  std::vector<const PlainMunicipality*> municipalities;
  std::vector<PlainAgreement> agreements;
};

// The whole frame. Refers to the lists it was made from, which must outlive it.
class PlainMap {
 public:
  PlainMap(const std::vector<PlainList>& lists, const AreaFrame& frame);
  PlainMap(const PlainMap&) = delete;
  PlainMap& operator=(const PlainMap&) = delete;
  // One for each of the frame's areas, in their order.
  [[nodiscard]] const std::vector<PlainArea>& areas() const { return areas_; }

 private:
  std::map<int32_t, PlainMunicipality> municipalities_;  // by index of the area
  std::vector<PlainArea> areas_;
};

// The area's GPs by the unit of a definition.
[[nodiscard]] std::vector<CountedOnce> GpsOf(const PlainArea& area, CountUnit unit);

}  // namespace flosync
