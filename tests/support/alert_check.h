// Holds the alerts of a core against the plain full pass over its stored register.
//
//   CoreHarness h;
//   h.BeginAlerts();
//   h.Tell(AList(1), "2024-01-10T10:00:00Z");
//   OpenAlerts(h).at("LIST_UNSTAFFED contract:1").severity;  // Severity::kCritical
//   AlertDifference(h);                                      // empty: all is as it should be
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "state/alerts/alert.h"
#include "tests/support/core_harness.h"

namespace flosync {

// "LIST_UNSTAFFED contract:900101".
[[nodiscard]] std::string ConditionName(const ConditionKey& key);

// What holds in a small register at an instant, by the plain full pass.
[[nodiscard]] std::map<std::string, Condition> Conditions(const SmallRegister& reg, std::string_view at);

// The open alerts in the store, by name.
[[nodiscard]] std::map<std::string, Alert> OpenAlerts(const CoreHarness& h);
// All alerts in the store, by number.
[[nodiscard]] std::vector<Alert> StoredAlerts(const CoreHarness& h);
// The names of the deviations of state that the core holds open.
[[nodiscard]] std::set<std::string> OpenStateDeviations(const CoreHarness& h);
// The feed of alerts, in the order told.
[[nodiscard]] std::vector<AlertChange> AlertFeed(const CoreHarness& h);

// The first difference between what the store holds open and a full pass over the stored register, or a break in the
// chain of the feed, in words; empty if there is none.
[[nodiscard]] std::string AlertDifference(const CoreHarness& h);

}  // namespace flosync
