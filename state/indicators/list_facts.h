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
  // Snapshots: t = t(d) (B5).
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
  Day began;               // first day of the present agreement: the doctor's periods on the list joined (D6)
  bool operator==(const GpFacts&) const = default;
};

// Substitutes (LPVI) on a list before d (D11, D12).
struct LocumFacts {
  int32_t different_in_quarter = 0;    // different doctors with a period that overlaps [d − 3 months, d)
  int64_t quarter_hundredth_days = 0;  // working days × percentage, each period by itself
  int64_t year_hundredth_days = 0;     // the same in [d − 12 months, d)
  bool operator==(const LocumFacts&) const = default;
};

struct ListFacts {
  int64_t contract_id = 0;
  std::string municipality;        // the number as the contract gives it
  bool has_regular_gp = false;     // a valid LPFL, whatever counts as a GP (D2)
  bool young_agreement = false;    // one of the regular GPs began less than two years before d (D9)
  bool unstaffed_over_1y = false;  // R16
  std::optional<Day> unstaffed_since;
  std::optional<int32_t> patients;
  std::optional<int32_t> list_cap;
  bool fixed_salary = false;
  std::vector<GpFacts> gps;          // by number, ascending; each doctor once
  std::optional<LocumFacts> locums;  // only where a window is asked for
  [[nodiscard]] bool staffed() const { return has_regular_gp; }
  // Cap less patients; 0 where one of them is unknown (D4).
  [[nodiscard]] int64_t free_places() const {
    return patients && list_cap ? int64_t{*list_cap} - int64_t{*patients} : 0;
  }
  bool operator==(const ListFacts&) const = default;
};

struct DerivedList {
  std::optional<ListFacts> facts;  // nothing: not active at d (D1)
  // The first instant after t at which DeriveList may give something else without any record: the timer of R9.
  Instant next_change = Instant::Max();
};

// {"LPFL"}
[[nodiscard]] const std::vector<std::string>& RegularOnly();

// Whoever has a valid period of one of the relationships is GP (R10).
[[nodiscard]] DerivedList DeriveList(const Register& reg, int64_t contract_id, const Moment& at,
                                     const std::vector<std::string>& counted_relationships = RegularOnly());
// The substitutes on a list in the windows before d.
[[nodiscard]] LocumFacts DeriveLocums(const Register& reg, int64_t contract_id, const Moment& at);

// When the list lost its last regular GP: the later of the contract's start and the last LPFL end on or before `d`
// (R16). Meaningful only for a list without a valid LPFL at `d`.
[[nodiscard]] Day UnstaffedSince(const Period& contract, const std::vector<Period>& regular, Day d);

// Over one year iff d > since + 1 year (29 February + 1 year = 28 February) (R16).
[[nodiscard]] inline bool OverOneYear(Day since, Day d) { return d > since.PlusMonths(12); }

}  // namespace flosync
