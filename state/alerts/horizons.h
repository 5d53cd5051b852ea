// How far ahead alerts look and when they grow graver (R23); named parameters, in days. docs/domain.md has the table.
#pragma once

#include <array>
#include <cstdint>

namespace flosync {

// LIST_BECOMING_UNSTAFFED: opens as info so many days before the last LPFL ends, and is a warning from the second on.
inline constexpr int32_t kBecomingUnstaffedDays = 90;
// GP_AUTHORISATION_ENDING and SPECIALITY_ENDING: the same.
inline constexpr int32_t kEndingDays = 90;
// All three: a warning from so many days before on.
inline constexpr int32_t kSoonDays = 30;
// LIST_UNSTAFFED: days since the list lost its last regular GP at which the alert grows: warning, critical, critical.
inline constexpr std::array<int32_t, 3> kUnstaffedEscalationDays = {30, 90, 365};

}  // namespace flosync
