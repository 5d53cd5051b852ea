// The synthetic register itself: persons, lists and doctor periods, with what has been planned for them and what has
// been published so far. Owned by one generator run; not thread-safe.
//
// Planned facts lie up to two months ahead of published ones: FLO knows of a doctor's last day before it comes. Members
// named `published_…` and all facts of a Person are what the next record of the entity says; a planner never writes
// them, it puts a Change into the queue (changes.h).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "connectors/synthetic/calendar.h"
#include "connectors/synthetic/calibration.h"
#include "connectors/synthetic/generator.h"
#include "connectors/synthetic/identifiers.h"
#include "connectors/synthetic/random.h"

namespace flosync::synthetic {

enum class PersonKind : std::uint8_t { kDoctor, kInternship, kStudent, kVisiting, kOtherPersonnel };

// Where an administrative reaction stands; suspension periods are known to HPR's SOAP service only.
enum class ReactionAt : std::uint8_t { kApproval, kPerson, kSpeciality, kApprovalSuspension, kSpecialitySuspension };
inline constexpr std::int64_t kReactionPlaces = 5;

// One HPR entry. All `…_to` are the first day outside (R2).
struct Person {
  std::int32_t hpr_number = 0;
  std::int32_t replaced_by = 0;  // erstattetAvHprNummer; 0 = none
  Day birth = 0;
  Day death = kNever;
  Day licence_from = kNever;  // internship licence before the authorisation
  Day approval_from = kNever;
  Day approval_to = kOpenEnd;
  Day gp_speciality_from = kNever;  // speciality 7426/1
  Day gp_speciality_to = kOpenEnd;
  Day other_speciality_from = kNever;
  Day reaction_from = kNever;  // administrative reaction, or suspension period
  Day reaction_to = kOpenEnd;
  OsloMs updated = 0;  // sistOppdatert
  std::uint16_t other_speciality = 0;
  Sex sex = Sex::kFemale;
  PersonKind kind = PersonKind::kDoctor;
  std::uint8_t reaction_type = 0;
  ReactionAt reaction_at = ReactionAt::kApproval;
  std::uint8_t approval_end_status = 0;
  std::uint8_t speciality_end_status = 0;
  std::uint8_t uncounted_approval = 0;  // type of a further approval that carries the speciality in vain: 3 or 99
  bool second_category = false;         // holds the approval of a nurse as well
  bool without_nin = false;
  bool bad_nin = false;
  bool birth_unknown = false;
  bool sex_unknown = false;
  bool soap = false;  // sent as SOAP XML
  bool deleted = false;

  // What is planned: how many lists the doctor has as GP, the speciality in force, a renewal on its way, nothing more
  // to plan.
  bool planned_specialist = false;
  bool planned_renewal = false;
  bool planned_gone = false;
  std::uint8_t planned_lists = 0;
};

enum class Relationship : std::uint8_t { kGp, kSubstitute, kSharedList };  // LPFL, LPVI, LPDL

inline constexpr std::int16_t kNoPercentage = -1;  // WorkingPercentage is absent

// A doctor on a contract for a period.
struct DoctorPeriod {
  std::int64_t id = 0;
  std::int32_t list = 0;  // index into World::lists
  std::int32_t person = 0;
  std::int32_t hpr_number = 0;  // as registered; stays when the person's number is merged into another
  std::int32_t substitute_for = 0;
  Relationship relationship = Relationship::kGp;
  std::int16_t percentage = kNoPercentage;
  bool end_with_time = false;  // the end is written with a time of day on the last day (R2)
  bool unknown_code = false;
  Day from = 0;
  Day to = kOpenEnd;
  Day published_to = kOpenEnd;
};

// A contract and its patient list.
struct List {
  std::int64_t id = 0;
  std::int32_t organisation_number = 0;
  std::int32_t area = 0;              // index into World::areas
  std::int16_t published_number = 0;  // municipality number; 0 = not published yet
  Day from = 0;
  Day to = kOpenEnd;
  Day unstaffed_since = kOpenEnd;         // kOpenEnd = staffed
  std::int32_t gp = -1;                   // index into World::persons; -1 = none
  std::int32_t gp_period = -1;            // the LPFL in force, or the last one; index into World::periods
  std::vector<std::int32_t> substitutes;  // LPVI that may still touch a locum window; indexes into World::periods
  std::int32_t cap = 0;
  double patients = 0;       // planned length of the list
  std::int32_t counted = 0;  // whole patients at the end of the planned month
  bool fixed_salary = false;
  bool without_cap = false;
  bool without_count = false;
  bool end_with_time = false;
  bool unknown_code = false;
  std::uint8_t strange_number = 0;  // 1 = number 2100, 2 = number 9999, 3 = no number at all
  std::int32_t published_cap = 0;
  std::int32_t waiting = 0;
  bool published_fixed_salary = false;
  Day published_to = kOpenEnd;
};

// A municipality of the era in planning.
struct Area {
  std::int16_t number = 0;
  std::uint8_t group = 0;
  std::uint8_t special = 0;  // 0 rest of the country, 1 Oslo, 2 Nordland: their own specialist shares are published
  std::int32_t population = 0;
  std::int32_t wanted_lists = 0;
};
inline constexpr std::size_t kSpecials = 3;

struct World {
  std::vector<Person> persons;
  std::vector<List> lists;
  std::vector<DoctorPeriod> periods;
  std::vector<Area> areas;
  std::vector<std::vector<std::int32_t>>
      doctors_by_birth_year;  // index = year − kFirstBirthYear; persons of kind kDoctor
  std::int64_t next_period_id = 700'001;
  double scale = 1.0;
  std::uint64_t seed = 1;

  [[nodiscard]] const Area& AreaOf(const List& list) const { return areas[static_cast<std::size_t>(list.area)]; }
  [[nodiscard]] Targets ScaledTargets(Day day) const;
  [[nodiscard]] bool ActiveAt(const List& list, Day day) const { return list.from <= day && day < list.to; }

  // Adds the person to the drawing lots as well.
  std::int32_t AddPerson(const Person& person);
  std::int32_t AddPeriod(std::int32_t list, std::int32_t person, Relationship relationship, Day from, Day to);
};
inline constexpr int kFirstBirthYear = 1920;
inline constexpr double kDoctorsInNorway = 60'000;  // in HPR, at scale 1

[[nodiscard]] int AgeAt(const Person& person, Day day);  // R13: difference of the years

// Index of a doctor who is no GP, is alive and licensed at `day`, near the age and of the sex wanted; -1 if none is
// found.
[[nodiscard]] std::int32_t DrawDoctor(const World& world, Random& random, Day day, int age, Sex sex);

// Whether the list's patients of that month's end are reported in a record of their own: one list in ten.
[[nodiscard]] bool CountedSingly(const List& list, Day month_end);

// The areas of an era, with as many lists wanted in each as its inhabitants give it, `lists` in all.
[[nodiscard]] std::vector<Area> AreasOf(const MunicipalityEra& era, std::int64_t lists);
void ApportionLists(std::vector<Area>& areas, std::int64_t lists);

}  // namespace flosync::synthetic
