// Deviations of state at the end of a replay, by the plain full pass (R22, A14).
#pragma once

#include <string>
#include <vector>

#include "domain/oslo.h"
#include "state/alerts/condition.h"
#include "state/core/deviation.h"
#include "state/geography/geography.h"
#include "state/indicators/list_facts.h"
#include "state/register/register.h"

namespace flosync {

// The moment at which deviations of state are read when a replay has ended at `end`: one millisecond later, so that
// deletions at the very end are in effect (E1), on the day of the end.
[[nodiscard]] Moment AfterEnd(Instant end);

// Those that hold when a replay has ended at `end`, each first and last seen then, by code and entity.
[[nodiscard]] std::vector<Deviation> StateDeviationsAt(const Register& reg, const Geography& geography, Instant end);

}  // namespace flosync
