// Published national figures that the synthetic register is steered towards, as of any day.
//
// Sources (Helsedirektoratet): "Allmennlegetjenesten, årsrapport 2021" (handling plan for the GP service, chapters
// 7–9), "Allmennlegetjenesten, statusrapport høsten 2023" (table 1.1) and "Allmennlegetjenesten, årsrapport 2023 inkl.
// status per mai 2024" (chapter 8). Between the published days the figures are interpolated linearly; before the first
// and after the last they stay as they were. Pure functions, safe from any thread.
//
//   TargetsAt(MakeDay(2021, 12, 31)).lists_all;  // 5218.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "connectors/synthetic/calendar.h"

namespace flosync::synthetic {

// Municipality groups by inhabitants: under 2 000, 2 000–4 999, 5 000–9 999, 10 000–49 999, 50 000 and more.
inline constexpr std::size_t kGroups = 5;
[[nodiscard]] std::size_t GroupOf(std::int64_t inhabitants);

// Counts are national, shares are 0..1, lengths are patients, durations are years.
struct Targets {
  double lists_all = 0;
  double lists_unstaffed = 0;
  double lists_unstaffed_over_1y = 0;
  double gps = 0;  // unique doctors with a valid LPFL
  double persons_on_staffed = 0;
  double persons_on_unstaffed = 0;
  double persons_on_unstaffed_over_1y = 0;
  double list_cap_mean_staffed = 0;
  double fixed_salary_share_staffed = 0;
  double fixed_salary_share_all = 0;
  double women_share = 0;
  double aged_67_share = 0;
  double specialist_share = 0;  // of agreements (R14)
  double specialist_share_under_40 = 0;
  double specialist_share_oslo = 0;
  double specialist_share_nordland = 0;
  double locum_share_staffed = 0;  // lists with a substitute in the quarter
  double locum_share_unstaffed = 0;
  double several_locums_share_staffed = 0;  // two or more in the quarter
  double several_locums_share_unstaffed = 0;
  std::array<double, kGroups> specialist_share_by_group{};
  std::array<double, kGroups> duration_median_by_group{};

  [[nodiscard]] double lists_staffed() const { return lists_all - lists_unstaffed; }
};

[[nodiscard]] Targets TargetsAt(Day day);

// What the reports give once, or not at all; a rate that is not published is an assumption and says so.
struct GroupProfile {
  double gps_per_10000;        // årsrapport 2021, table 7.1, 1st quarter 2022
  double under_40_share;       // assumed: doctors are younger where the municipality is small
  double turnover_factor;      // assumed, so that the median duration of table 9.1 can last
  double fixed_salary_weight;  // assumed, so that about 211 self-employed GPs get utjamningstilskudd (årsrapport 2021)
  double unstaffed_weight;     // assumed
};
inline constexpr std::array<GroupProfile, kGroups> kGroupProfiles = {{
    {16.6, 0.45, 1.9, 10.0, 4.0},
    {12.7, 0.42, 1.45, 6.0, 3.0},
    {10.9, 0.38, 1.2, 2.5, 2.0},
    {9.4, 0.34, 1.0, 1.0, 1.2},
    {8.0, 0.28, 0.85, 0.5, 0.6},
}};

}  // namespace flosync::synthetic
