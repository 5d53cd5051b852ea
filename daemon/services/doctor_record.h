// A record of a doctor's history as the API tells it: what it did, and which fields differ after it. Pure; any thread.
#pragma once

#include "state/register/doctor_history.h"

#include "flosync/v1/doctor_service.pb.h"

namespace flosync {

void Describe(const HistoryStep& step, v1::DoctorRecord* out);

}  // namespace flosync
