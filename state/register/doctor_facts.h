// What the indicators need to know of a person: nothing else of HPR reaches a measure.
//
// Derived once from a person's newest version (R11, D18, D19); everything that depends on the day is a list of periods,
// so a later day asks without deriving again. A value.
//
//   DoctorFacts f = DeriveDoctorFacts(person);
//   f.SpecialistAt(Day(2024, 1, 1));
#pragma once

#include <cstdint>
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

// What makes someone a specialist on a day or keeps from it (R11, D18); the store knows them by number. Between
// kNoLeApproval and kSpecialist from the farthest from being one to the nearest: of several approvals and specialities
// the nearest tells.
enum class SpecialistReason : uint8_t {
  kDeceased = 0,        // dead on the day, whatever else holds
  kNoLeApproval,        // no approval that counts; types 3 and 99 do not
  kApprovalNotValid,    // there are such approvals, but the day is in the period of none
  kNoSpeciality,        // no valid one carries general practice
  kSpecialityNotBegun,  // general practice begins after the day
  kSpecialityEnded,     // it ended on or before the day
  kEndedStatus,         // its ended status, or the approval's, takes it away (D18)
  kSuspended,           // a suspension or suspending reaction on person, approval or speciality contains the day
  kSpecialist,
};

// kSpecialist exactly where DeriveDoctorFacts(person).SpecialistAt(d).
[[nodiscard]] SpecialistReason ExplainSpecialist(const Person& person, Day d);

// The answer from a day on, until the next step begins.
struct ReasonStep {
  Day from;
  SpecialistReason reason = SpecialistReason::kNoLeApproval;
  bool operator==(const ReasonStep&) const = default;
};
// The answers for every day: the first step begins at Day::Min(), neighbours differ.
[[nodiscard]] std::vector<ReasonStep> ExplainEveryDay(const Person& person);

}  // namespace flosync
