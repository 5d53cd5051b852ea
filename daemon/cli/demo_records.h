// The two records with which the demo changes the register before your eyes, in the real wire shapes.
#pragma once

#include <string>

#include "domain/oslo.h"

#include "flosync/v1/doctor_service.pb.h"

namespace flosync {

// A replay line: the doctor's full state in HPR, with general practice approved from today on.
[[nodiscard]] std::string SpecialistRecord(const v1::Doctor& doctor, Instant now);
// A replay line: the doctor period, ended today.
[[nodiscard]] std::string EndedPeriodRecord(const v1::DoctorOnContract& period, Instant now);

}  // namespace flosync
