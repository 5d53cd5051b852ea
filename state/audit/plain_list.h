// Lists and their GPs as the rules ask about them, told plainly from the histories. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "state/audit/plain_person.h"

namespace flosync {

// A GP on a list (R10), under the surviving number.
struct PlainGp {
  int32_t doctor = 0;
  Day began;  // of the agreement, without a gap (D6)
  PlainPerson person;
};

// A list that is active at d (D1).
struct PlainList {
  int64_t contract_id = 0;
  std::string municipality;  // as the contract gives it
  bool fixed_salary = false;
  std::optional<int32_t> patients;
  std::optional<int32_t> list_cap;
  bool staffed = false;            // has a valid LPFL (D2)
  bool unstaffed_over_1y = false;  // R16
  bool young_agreement = false;    // an LPFL's agreement is younger than two years (D9)
  std::vector<PlainGp> gps;        // by number
};

// Which day and instant is asked about, and who counts as GP (R10).
struct PlainQuestion {
  Day d;
  Instant t;
  std::vector<std::string> counted_relationships = {"LPFL"};
};

// Every active list, by contract id.
[[nodiscard]] absl::StatusOr<std::vector<PlainList>> ReadLists(const HistorySource& source,
                                                               const PlainQuestion& question);

}  // namespace flosync
