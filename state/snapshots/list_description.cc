#include "state/snapshots/list_description.h"

namespace flosync {
namespace {

constexpr int kMonthsOfYear = 12;

}  // namespace

Perspective Perspective::AtDate(Day d, const Derivation& derivation) {
  return {Moment::AtDate(d, derivation.cutoff_delay),
          Moment::AtDate(d.PlusMonths(-kMonthsOfYear), derivation.cutoff_delay), derivation};
}

ListDescription DescribeList(const Register& reg, int64_t contract_id, const Perspective& from) {
  const std::vector<std::string>& counted = from.derivation.counted_relationships;
  ListDescription list;
  list.now = DeriveList(reg, contract_id, from.at, counted).facts;
  if (list.now) list.now->locums = DeriveLocums(reg, contract_id, from.at);
  if (const auto before = DeriveList(reg, contract_id, from.year_before, counted).facts) {
    list.municipality_before = before->municipality;
    for (const GpFacts& gp : before->gps) list.gps_before.push_back(gp.doctor);
  }
  return list;
}

}  // namespace flosync
