// Persons as the rules ask about them, told plainly from their histories. Pure; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "domain/day.h"
#include "state/audit/plain_history.h"

namespace flosync {

// R11, D18, D19: a specialist in general practice at d, by this state of the person.
[[nodiscard]] bool IsSpecialist(const Person& person, Day d);

// One person at a reference date and instant. Whoever is not in HPR has none of it (D16).
struct PlainPerson {
  int32_t alias_of = 0;  // the number this one is an alias of, 0 = none (R5, E7, E10)
  bool specialist = false;
  Sex sex = Sex::kUnknown;
  std::optional<int> age;  // R13
};

// The persons that some numbers lead to.
class PlainPersons {
 public:
  // Reads `numbers` and whoever their aliases lead to.
  [[nodiscard]] static absl::StatusOr<PlainPersons> Read(const HistorySource& source, const std::set<int32_t>& numbers,
                                                         Day d, Instant t);
  // The surviving number: aliases followed; those on a cycle are ignored, one that leads into a cycle stands (R5, E8).
  [[nodiscard]] int32_t SurvivorOf(int32_t number) const;
  // The surviving number's own record decides (E9).
  [[nodiscard]] PlainPerson Find(int32_t number) const;

 private:
  [[nodiscard]] int32_t AliasOf(int32_t number) const { return Find(number).alias_of; }
  [[nodiscard]] bool OnCycle(int32_t number) const;

  std::map<int32_t, PlainPerson> persons_;
};

}  // namespace flosync
