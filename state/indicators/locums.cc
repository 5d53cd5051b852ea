#include <algorithm>
#include <set>

#include "state/indicators/list_facts.h"
#include "state/indicators/working_days.h"

namespace flosync {
namespace {

constexpr std::string_view kSubstitute = "LPVI";
constexpr int64_t kFullTime = 100;

bool Overlap(const Period& a, const Period& b) { return a.from < b.to && b.from < a.to; }

}  // namespace

LocumFacts DeriveLocums(const Register& reg, int64_t contract_id, const Moment& at) {
  const Period quarter{at.d.PlusMonths(-3), at.d};
  const Period year{at.d.PlusMonths(-12), at.d};
  LocumFacts facts;
  std::set<int32_t> different;
  for (const int64_t id : reg.DoctorPeriodsOf(contract_id)) {
    const DoctorPeriodState* state = reg.FindDoctorPeriod(id);
    if (!state->Holds() || state->latest.relationship != kSubstitute || !Overlap(state->latest.period, year)) continue;
    const Period& period = state->latest.period;
    const int64_t percentage = state->latest.percentage.value_or(kFullTime);
    const auto working_days = [&](const Period& window) {
      return percentage * WorkingDays(std::max(period.from, window.from), std::min(period.to, window.to));
    };
    facts.quarter_hundredth_days += working_days(quarter);
    facts.year_hundredth_days += working_days(year);
    if (Overlap(period, quarter)) different.insert(reg.Surviving(state->latest.hpr_number, at.t));
  }
  facts.different_in_quarter = static_cast<int32_t>(different.size());
  return facts;
}

}  // namespace flosync
