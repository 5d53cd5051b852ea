// The alerts about a doctor who is at work on a list today (R12, R23).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "state/alerts/condition.h"
#include "state/indicators/ahead.h"
#include "state/register/entity_state.h"

namespace flosync {

struct DoctorAtWork {
  int32_t number = 0;    // the surviving number
  bool regular = false;  // by LPFL; else LPVI or LPDL
  int64_t contract_id = 0;
  std::string municipality;  // today's number; empty where there is none
};

// Adds the alerts to `out` and the days of change to `ahead`. `person` is in HPR. Who is dead has no other alert, who
// is not authorised none about a speciality: one cause, one alert.
void AddDoctorConditions(const PersonState& person, const DoctorAtWork& doctor, const Moment& at, Ahead& ahead,
                         std::vector<Condition>& out);

}  // namespace flosync
