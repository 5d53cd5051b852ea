// Alerts about flosync's own work: from what the daemon observes and the thresholds set, without clock or state (R23).
//
// Pure; any thread. The daemon gives all that holds to the core with CommitInput::observed.
//
//   OperationalConditions({.now = now, .open_deviations = 5000}, {});  // DEVIATION_BACKLOG of source:*
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/day.h"
#include "domain/oslo.h"
#include "state/alerts/condition.h"
#include "state/indicators/indicator_row.h"

namespace flosync {

struct AlertThresholds {
  int32_t source_stale_minutes = 60;
  int32_t snapshot_late_minutes = 60;
  int32_t snapshot_change_percent = 20;
  int32_t patient_count_stale_days = 45;
  int32_t dead_letters_per_day = 10;
  int32_t open_deviations = 1000;
  bool operator==(const AlertThresholds&) const = default;
};

// A national figure that moved since the month before.
struct MovedFigure {
  std::string measure;
  std::string breakdown;
  std::string before;  // as displayed
  std::string after;
  bool operator==(const MovedFigure&) const = default;
};

// What holds of flosync's own work at `now`. The default of each is that all is well.
struct OperationalFacts {
  Instant now;
  // No complete sync since one was due at this instant.
  std::optional<Instant> sync_overdue_since;
  std::vector<std::string> partitions_behind;  // "hpr.person/0": those not read to their end then
  std::optional<Day> missing_snapshot;         // the latest that is due and not there
  std::optional<Day> moved_snapshot;           // the latest snapshot, and what moved in it by more than the threshold
  std::vector<MovedFigure> moved;
  bool lists_known = false;         // there are lists that could have been counted
  std::optional<Day> newest_count;  // the day of the newest patient count
  int64_t dead_letters_today = 0;   // within the last 24 hours
  int64_t open_deviations = 0;
  int population_year = 0;              // of the newest population table; 0 = not looked at
  std::optional<Instant> paused_since;  // syncing is paused
  std::string audit_failure;            // what the last audit found; empty = nothing
};

[[nodiscard]] std::vector<Condition> OperationalConditions(const OperationalFacts& facts,
                                                           const AlertThresholds& thresholds);

// National figures that moved by more than `percent` of what they were, a base of fewer than kLeastBase left out: small
// numbers move much. Rows in canonical order.
inline constexpr int64_t kLeastBase = 100;
[[nodiscard]] std::vector<MovedFigure> MovedFigures(const std::vector<IndicatorRow>& before,
                                                    const std::vector<IndicatorRow>& after, int32_t percent);

}  // namespace flosync
