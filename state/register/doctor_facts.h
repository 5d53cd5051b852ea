// What the indicators need to know of a person: nothing else of HPR reaches a measure.
//
// Derived once from a person's newest version (R11, D18, D19); everything that depends on the day is a list of periods,
// so a later day asks without deriving again. A value.
//
//   DoctorFacts f = DeriveDoctorFacts(person);
//   f.SpecialistAt(Day(2024, 1, 1));
#pragma once

#include <optional>
#include <vector>

#include "domain/day.h"
#include "domain/register_change.h"

namespace flosync {

struct DoctorFacts {
  std::optional<int16_t> birth_year;
  std::optional<Day> death;
  Sex sex = Sex::kUnknown;
  std::vector<Period> authorised;  // a counting LE approval in force; sorted, apart from each other
  std::vector<Period> specialist;  // approved specialist in general practice; sorted, apart from each other
  // The first day of a speciality in general practice on record, in force or taken away; Day::Min() = open. Tells who
  // had it from who never did (SPECIALITY_ENDED).
  std::optional<Day> speciality_from;

  [[nodiscard]] bool AuthorisedAt(Day d) const;
  [[nodiscard]] bool SpecialistAt(Day d) const;
  // The first day after `d` on which one of the answers above may differ; Day::Max() if never.
  [[nodiscard]] Day NextChangeAfter(Day d) const;
  bool operator==(const DoctorFacts&) const = default;
};

[[nodiscard]] DoctorFacts DeriveDoctorFacts(const Person& person);

}  // namespace flosync
