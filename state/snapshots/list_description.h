// What figures at a reference date depend on of one list. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "state/indicators/definition.h"
#include "state/indicators/list_facts.h"
#include "state/register/register.h"

namespace flosync {

// How to look at a reference date.
struct Perspective {
  Moment at;
  Moment year_before;  // d − 12 months with its own t
  Derivation derivation;
  // t = t(d).
  [[nodiscard]] static Perspective AtDate(Day d, const Derivation& derivation);
};

// All that figures at d depend on of one list: what it is then, and who was GP on it a year before (C2).
struct ListDescription {
  std::optional<ListFacts> now;
  std::string municipality_before;
  std::vector<int32_t> gps_before;  // by number, ascending; nothing if the list was not active
  bool operator==(const ListDescription&) const = default;
};

[[nodiscard]] ListDescription DescribeList(const Register& reg, int64_t contract_id, const Perspective& from);

}  // namespace flosync
