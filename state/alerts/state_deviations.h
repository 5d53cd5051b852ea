// Deviations of state at a moment, by the plain full pass, and the file of all deviations (R22, A14).
#pragma once

#include <string>
#include <vector>

#include "domain/oslo.h"
#include "state/alerts/condition.h"
#include "state/core/deviation_log.h"
#include "state/geography/geography.h"
#include "state/indicators/list_facts.h"
#include "state/register/register.h"

namespace flosync {

// By code and entity.
[[nodiscard]] std::vector<ConditionKey> StateDeviationsAt(const Register& reg, const Geography& geography,
                                                          const Moment& at);

// The moment at which deviations of state are read when a replay has ended at `end`: one millisecond later, so that
// deletions at the very end are in effect (E1), on the day of the end.
[[nodiscard]] Moment AfterEnd(Instant end);

// deviations.csv: those of records, and those of state without position, first and last seen at `end`, by the bytes of
// code and entity.
[[nodiscard]] std::string AllDeviationsCsv(const std::vector<Deviation>& of_records,
                                           const std::vector<ConditionKey>& of_state, Instant end);

}  // namespace flosync
