// What is true of one list (contract) at a reference date and instant: the facts every measure counts (R10–R16).
//
// Derived from the register by one pure function; nothing else of the register reaches a measure.
//
//   const Moment at = Moment::Live(now);
//   auto facts = DeriveList(reg, 900101, at);  // nothing if the list is not active
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/day.h"
#include "domain/oslo.h"
#include "state/register/register.h"

namespace flosync {

// A reference date with its reference instant, the latter also as wall-clock time for UpdatedOn < t (E13).
struct Moment {
  Day d;
  Instant t;
  WallTime wall;
  // Live figures: d = today, t = now.
  [[nodiscard]] static Moment Live(Instant now) { return {OsloDay(now), now, ToOslo(now)}; }
  // Snapshots: t = t(d).
  [[nodiscard]] static Moment AtDate(Day d, std::chrono::milliseconds cutoff_delay) {
    const Instant t = CutoffInstant(d, cutoff_delay);
    return {d, t, ToOslo(t)};
  }
};

// A doctor with a valid LPFL period on the list (R10), under the surviving number (R5).
struct GpFacts {
  int32_t doctor = 0;
  bool specialist = false;
  Sex sex = Sex::kUnknown;
  std::optional<int> age;  // R13; nothing: in the total, in no band
  bool operator==(const GpFacts&) const = default;
};

struct ListFacts {
  int64_t contract_id = 0;
  std::string municipality;        // the number as the contract gives it
  bool unstaffed_over_1y = false;  // R16
  std::optional<Day> unstaffed_since;
  std::optional<int32_t> patients;
  std::optional<int32_t> list_cap;
  bool fixed_salary = false;
  std::vector<GpFacts> gps;  // by number, ascending; each doctor once
  [[nodiscard]] bool staffed() const { return !gps.empty(); }
  bool operator==(const ListFacts&) const = default;
};

struct DerivedList {
  std::optional<ListFacts> facts;  // nothing: not active at d (D1)
  // The first instant after t at which DeriveList may give something else without any record: the timer of R9.
  Instant next_change = Instant::Max();
};

[[nodiscard]] DerivedList DeriveList(const Register& reg, int64_t contract_id, const Moment& at);

// When the list lost its last regular GP: the later of the contract's start and the last LPFL end on or before `d`
// (R16). Meaningful only for a list without a valid LPFL at `d`.
[[nodiscard]] Day UnstaffedSince(const Period& contract, const std::vector<Period>& regular, Day d);

// Over one year iff d > since + 1 year (29 February + 1 year = 28 February) (R16).
[[nodiscard]] inline bool OverOneYear(Day since, Day d) { return d > since.PlusMonths(12); }

}  // namespace flosync
