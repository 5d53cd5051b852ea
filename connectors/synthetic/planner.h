// Decides what happens: founds the register as it is on the first day, then plans each month so that the published
// figures hold at its end. Owned by one generator run; not thread-safe.
//
// Operation, for the month (after, until]:
//   1. PlanLists, run a month ahead: who leaves, which lists stand empty, who takes them over, which lists open and
//   close,
//      who substitutes. Afterwards World holds lists and GPs as they will be at `until`.
//   2. PlanMonth, run when the month begins: specialities, salaried posts, caps, patients and the everyday traffic of
//   HPR.
// What is decided goes into the ChangeQueue; only Found writes published facts itself.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "connectors/synthetic/changes.h"
#include "connectors/synthetic/generator.h"
#include "connectors/synthetic/random.h"
#include "connectors/synthetic/world.h"

namespace flosync::synthetic {

class Planner {
 public:
  Planner(const GeneratorOptions& options, const std::vector<MunicipalityEra>& eras, World& world, ChangeQueue& queue);

  void Found(Day at);
  // `known_from`: nothing is registered before this day.
  void PlanLists(Day after, Day until, Day known_from);
  void PlanMonth(Day after, Day until);

 private:
  // Founding (founding*.cc).
  void FoundPersons(Day at);
  void FoundLists(Day at);
  void FoundUnstaffed(Day at);
  void FoundGps(Day at);
  void FoundSecondLists(Day at);
  void FoundAgreements(Day at);
  void FoundAgreement(std::size_t index, Day at, Day wanted);
  void FoundPredecessors(std::size_t index, Day first_end);
  void DrawPersonOddities(Person& person);
  void DrawListOddities(List& list);
  [[nodiscard]] Person NewPerson(Day at, int age, PersonKind kind);
  [[nodiscard]] int NewGpAge(Day at, std::size_t group);

  // Doctors and lists (plan_lists.cc, plan_doctors.cc, plan_areas.cc).
  void EnterEra(Day until);
  void MoveListsTo(const MunicipalityEra& era, std::vector<Area> areas);
  [[nodiscard]] std::vector<std::int32_t> MissingByArea() const;
  void CloseLists();
  void CloseList(std::int32_t index);
  [[nodiscard]] std::vector<std::int32_t> ChooseLeavers();
  void Strike(std::vector<std::int32_t>& leavers);
  // What befalls the list's GP on that day; true if the doctor leaves the list for good.
  [[nodiscard]] bool Die(std::int32_t index, Day day);
  [[nodiscard]] bool Suspend(std::int32_t index, Day day);
  [[nodiscard]] bool EndApproval(std::int32_t index, Day day);
  void BalanceVacancies(std::vector<std::int32_t> leavers);
  [[nodiscard]] std::vector<std::int32_t> ChooseRestaffed(std::size_t old_lists, std::size_t young_lists);
  [[nodiscard]] std::int32_t OpenList(std::size_t area, bool staffed);
  struct Vacancy {
    std::int32_t list;
    Day from;
    OsloMs not_before;
  };
  void FillVacancies(std::vector<Vacancy> vacancies);
  [[nodiscard]] std::int32_t ChooseSuccessor(const Vacancy& vacancy, double women, double young);
  [[nodiscard]] bool TakeSecondList(const Vacancy& vacancy);
  void EndGp(std::int32_t index, Day day);
  void StartGp(const Vacancy& vacancy, std::int32_t person);
  void PlanSubstitutes(Day window_end, Day after, bool founding);
  void AddSubstitute(std::int32_t index, Day after, Day window_end, bool founding);
  [[nodiscard]] std::int32_t DrawSubstitute(Day day);
  [[nodiscard]] std::int32_t DrawPartner(Day day);  // -1 unless the list is shared
  [[nodiscard]] std::int32_t NumberNotInHpr(std::int32_t period) const;

  // Facts of doctors and lists (plan_specialists.cc, plan_lengths.cc, plan_register.cc).
  void AlignSpecialists(Day after, Day until, bool founding);
  void PutLastThoseNearly40(std::vector<std::int32_t>& persons, Day day) const;
  void Approve(std::int32_t index, Day after, Day until, bool founding);
  void PlanRenewals(Day after, Day until);
  void AlignFixedSalary(Day after, Day until, bool founding);
  void SetFixedSalary(std::int32_t index, bool fixed, Day after, Day until, bool founding);
  void AlignCaps(Day after, Day until, bool founding);
  void AlignPatients(Day until);
  void PlanCounts(Day until);
  void PlanRegisterTraffic(Day after, Day until);
  void PlanYoungDoctors(Day after, Day until);

  // What is rare, at the rates asked for (plan_mergers.cc, plan_rarities.cc).
  void PlanMergers(Day after, Day until);
  void PlanDeletions(Day after, Day until);
  void PlanReactions(Day after, Day until);
  void PlanRetroactiveSpecialities(Day after, Day until);
  void PlanClockChange(Day after, Day until);
  void PlanMistakes(Day after, Day until);
  void PlanReturns(Day after, Day until);
  void PlanBackdated(Day after, Day until);
  void PlanCorrectedCounts(Day after, Day until);
  [[nodiscard]] std::int32_t Merge(std::int32_t index, Day after, Day until, bool by_event_alone);
  [[nodiscard]] std::int32_t RandomDoctor(bool gp);
  [[nodiscard]] std::int32_t RandomSubstitute(Day day);
  [[nodiscard]] std::int32_t RandomList(bool staffed);
  [[nodiscard]] std::int64_t RandomReaction(bool suspending, bool speciality);
  // How often a rate per month in the whole country comes true this month.
  [[nodiscard]] int Times(double per_month) { return random_.Round(per_month * world_.scale); }

  // When things are registered.
  [[nodiscard]] OsloMs OfficeHour(Day day);
  [[nodiscard]] OsloMs RegisteredBefore(Day effective);
  [[nodiscard]] Day EffectiveDay();
  [[nodiscard]] Day AnyDay();
  [[nodiscard]] std::int32_t RandomPerson();

  const GeneratorOptions& options_;
  const std::vector<MunicipalityEra>& eras_;
  World& world_;
  ChangeQueue& queue_;
  Random random_;
  std::size_t era_ = 0;
  Day after_ = 0;
  Day until_ = 0;
  Day known_from_ = 0;
  Targets targets_;
  std::int64_t mistaken_contracts_ = 0;
  std::vector<std::int32_t> merged_;    // persons that remain from the mergers of earlier months
  std::map<std::int32_t, Day> struck_;  // GPs who die or are suspended for good this month, and when
  std::vector<std::int32_t> movers_;    // doctors who left a list this month and may take another
};

// The lists that are active at a day, in index order, and the counts the planners steer by.
struct Census {
  std::vector<std::int32_t> staffed;
  std::vector<std::int32_t> unstaffed;
  std::vector<std::int32_t> unstaffed_over_1y;  // a part of `unstaffed`
  std::int64_t gps = 0;                         // unique doctors
  std::int64_t women = 0;
  std::int64_t aged_67 = 0;
  std::array<std::int64_t, kGroups> agreements{};
  std::array<std::int64_t, kGroups> under_40{};

  [[nodiscard]] std::int64_t lists() const { return static_cast<std::int64_t>(staffed.size() + unstaffed.size()); }
};
[[nodiscard]] Census Count(const World& world, Day day);

// Draws without replacement, with a weight for each municipality group.
class GroupDraw {
 public:
  GroupDraw(const World& world, const std::vector<std::int32_t>& lists, double GroupProfile::*weight, bool inverse,
            Random& random);
  [[nodiscard]] std::int32_t Next();  // -1 when no list is left

 private:
  std::array<std::vector<std::int32_t>, kGroups> left_;
  std::array<double, kGroups> weight_{};
  Random& random_;
};

}  // namespace flosync::synthetic
