// Makes changes happen: alters the published facts of the world and sends the record that tells so. Owned by one
// generator run; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "connectors/synthetic/changes.h"
#include "connectors/synthetic/outbox.h"
#include "connectors/synthetic/wire.h"
#include "connectors/synthetic/world.h"

namespace flosync::synthetic {

class Publisher {
 public:
  Publisher(const GeneratorOptions& options, World& world, ChangeQueue& queue, Outbox& outbox,
            GeneratorSummary* summary);

  // The first load: everything that is known at `from`, in the three days before it. The order is that of a real first
  // load: persons, contracts, doctor periods, patient counts.
  void Load(Day from);

  // Makes every change before `time` happen.
  void RunUntil(OsloMs time);

  // Persons to send again at these times, ascending, on top of what changes; replaces an earlier plan. They are left
  // out once `limit` records are written or on their way.
  void PlanPadding(std::vector<OsloMs> times, std::int64_t limit);

 private:
  void Begin(OsloMs time);
  void Pad(OsloMs time);
  void Apply(const Change& change);
  void LoadPersons(Day from);
  void LoadContracts(Day from);
  void LoadPeriods(Day from);
  void LoadCounts(Day from);
  void ApplyToPerson(const Change& change);
  void AlterPerson(Person& person, const Change& change);
  void ApplyToPeriod(const Change& change);
  void ApplyToList(const Change& change);
  void AlterList(List& list, const Change& change);
  void SendCounts(const Change& change);
  void Merge(const Change& change);
  void MergeInCycle(const Change& change);
  void DeletePerson(const Change& change);
  void Mistake(const Change& change);
  void SendOrphan(const Change& change);
  void WithdrawListOrCount(const Change& change);
  void Backdate(const Change& change);

  [[nodiscard]] OutRecord PersonRecord(const Person& person, UtcMs time) const;
  [[nodiscard]] OutRecord ContractRecord(const List& list, OsloMs updated, UtcMs time);
  [[nodiscard]] OutRecord PeriodRecord(const DoctorPeriod& period, OsloMs updated, UtcMs time);
  [[nodiscard]] OutRecord EventRecord(std::string_view name, std::int32_t number, std::int32_t merged,
                                      UtcMs time) const;
  [[nodiscard]] WireFormat FormatFor(std::int64_t id) const;
  void SendOlder(OutRecord record);

  const GeneratorOptions& options_;
  World& world_;
  ChangeQueue& queue_;
  Outbox& outbox_;
  GeneratorSummary* summary_;
  Random random_;
  UtcMs now_ = 0;
  OsloMs version_ = 0;  // UpdatedOn and sistOppdatert of the change at hand: a moment before the record
  std::vector<OsloMs> padding_;
  std::size_t next_padding_ = 0;
  std::int64_t padding_limit_ = 0;
  std::map<std::int32_t, std::int32_t> merged_into_;  // person → the person that remains
};

}  // namespace flosync::synthetic
