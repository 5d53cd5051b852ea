// Holds what a core has told of doctors against the stored history, asked doctor by doctor.
//
//   CoreHarness h;
//   h.BeginAlerts();
//   h.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:00Z");
//   ToldStatuses(h).at(7).in_hpr;  // false
//   DoctorDifference(h);           // empty: all is as it should be
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "state/doctors/doctor_status.h"
#include "tests/support/core_harness.h"

namespace flosync {

// By HPR number, from the store.
[[nodiscard]] std::map<int32_t, DoctorStatus> ToldStatuses(const CoreHarness& h);
// The feed of doctors, in the order told.
[[nodiscard]] std::vector<DoctorChange> DoctorFeed(const CoreHarness& h);
// The first difference between what was told and what the history gives, or a break in the chain of the feed, in
// words; empty if there is none.
[[nodiscard]] std::string DoctorDifference(const CoreHarness& h);

}  // namespace flosync
