// What GetDoctor and ListDoctors say alike. Pure; any thread.
#pragma once

#include "domain/day.h"
#include "domain/register_change.h"
#include "state/register/doctor_facts.h"

#include "flosync/v1/doctor_service.pb.h"

namespace flosync {

[[nodiscard]] v1::SpecialistReason Convert(SpecialistReason in);
// A doctor period as of `d`.
void Describe(const DoctorPeriod& period, Day d, v1::DoctorOnContract* out);

}  // namespace flosync
