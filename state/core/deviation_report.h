// What is told of deviations: their priority as of a moment, and deviations.csv (R22, A14). Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "state/core/deviation.h"
#include "state/indicators/list_facts.h"
#include "state/register/register.h"
#include "state/store/store.h"

namespace flosync {

// High where the deviation touches a doctor or a list with an LPFL or LPVI period valid at `at`, else the base priority
// of its code. A person touches the doctor that survives under the number (R5), a contract or patient count the list, a
// doctor period both that it names; records that name no entity, lines and municipalities touch nobody.
[[nodiscard]] DeviationPriority PriorityOf(const Deviation& deviation, const Register& reg, const Moment& at);
// The same from the store.
[[nodiscard]] absl::StatusOr<DeviationPriority> ReadPriority(const View& view, const Deviation& deviation,
                                                             const Moment& at);

// The columns of A14, one line a deviation, sorted by the bytes of code and entity; priorities as of `at`.
[[nodiscard]] std::string DeviationsCsv(std::vector<Deviation> deviations, const Register& reg, const Moment& at);

// What was refused or assumed, and what to do about it: "Valid.To is not after From; correct the period …".
[[nodiscard]] std::string DescribeDeviation(const Deviation& deviation);

}  // namespace flosync
