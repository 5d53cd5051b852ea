// What one record says about the register, after decoding: the types that pass from the connectors to the state.
//
// Only what a rule needs is here (R24): no names, addresses, national identity numbers, education or prescription
// rights. Codes are kept as text, verbatim (R8). Values without owners or threads; equality is equality of content
// (E4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/day.h"
#include "domain/oslo.h"

namespace flosync {

enum class Sex : uint8_t { kUnknown = 0, kMale = 1, kFemale = 2 };  // D3

// An administrative reaction on a person, approval or speciality; types 1, 5 and 8 suspend (R11).
struct Reaction {
  std::string type;
  Period period;
  bool operator==(const Reaction&) const = default;
};

// A speciality of an approval. `code_system` is the number of the code system ("7426"), empty if absent (D18).
struct Speciality {
  std::string code;
  std::string code_system;
  Period period;
  std::string ended_status;  // empty = none; 1 revoked, 2 invalidated, 3 renounced (D18)
  std::vector<Reaction> reactions;
  std::vector<Period> suspensions;
  bool operator==(const Speciality&) const = default;
};

// A licence to practise as a doctor (category LE; others are not kept, R24).
struct Approval {
  std::string type;  // code system 7704; 3 and 99 do not count (R11)
  Period period;
  std::string ended_status;
  std::vector<Reaction> reactions;
  std::vector<Period> suspensions;
  std::vector<Speciality> specialities;
  bool operator==(const Approval&) const = default;
};

// One person's full state in HPR.
struct Person {
  int32_t hpr_number = 0;
  int32_t replaced_by = 0;  // erstattetAvHprNummer, 0 = none (R5)
  WallTime updated;         // sistOppdatert: the version (R3)
  std::optional<int16_t> birth_year;
  std::optional<Day> death;
  Sex sex = Sex::kUnknown;
  std::vector<Approval> approvals;  // category LE only
  std::vector<Reaction> reactions;  // on the person; kept only with an LE approval (R24)
  bool operator==(const Person&) const = default;
};

// A GP contract, which is also its patient list.
struct Contract {
  int64_t id = 0;
  WallTime updated;          // UpdatedOn
  Period period;             // Valid
  std::string municipality;  // as given, blanks trimmed and padded to four digits where numeric (R8); may be empty
  bool fixed_salary = false;
  std::optional<int32_t> list_cap;  // MaxPatients
  std::string status;               // code system 7751
  bool operator==(const Contract&) const = default;
};

// A doctor on a contract for a period: LPFL, LPVI or LPDL in `relationship`.
struct DoctorPeriod {
  int64_t id = 0;
  int64_t contract_id = 0;
  int32_t hpr_number = 0;
  int32_t substitute_for = 0;  // 0 = none
  WallTime updated;
  Period period;
  std::string relationship;  // code system 7750
  std::optional<int32_t> percentage;
  bool operator==(const DoctorPeriod&) const = default;
};

// How many patients a list had when they were counted.
struct PatientCount {
  int64_t contract_id = 0;
  int32_t patients = 0;
  WallTime counted;  // countedAt
  bool operator==(const PatientCount&) const = default;
};

enum class EntityKind : uint8_t { kPerson = 1, kContract = 2, kDoctorPeriod = 3, kPatientCount = 4 };

// The entity a record or deviation is about. A patient count is known by its contract.
struct EntityId {
  EntityKind kind = EntityKind::kPerson;
  int64_t id = 0;
  auto operator<=>(const EntityId&) const = default;
};

// "person:999000011", "contract:900101", "doctor_period:700202", "patient_count:900101" (A14).
[[nodiscard]] std::string FormatEntity(const EntityId& entity);
// The entity that such a text names; nothing for other texts.
[[nodiscard]] std::optional<EntityId> ParseEntity(std::string_view text);

// R4: a tombstone or a PersonDeleted event.
struct Deletion {
  EntityId entity;
  bool operator==(const Deletion&) const = default;
};

// E10: HprNumbersMerged; `old_number` becomes an alias of `surviving_number`.
struct Merge {
  int32_t old_number = 0;
  int32_t surviving_number = 0;
  bool operator==(const Merge&) const = default;
};

using RegisterChange = std::variant<Person, Contract, DoctorPeriod, PatientCount, Deletion, Merge>;

// The entity whose history a change belongs to; a merge belongs to the old number.
[[nodiscard]] EntityId EntityOf(const RegisterChange& change);

}  // namespace flosync
