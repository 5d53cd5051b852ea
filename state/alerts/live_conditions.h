// Which conditions hold now: kept current by re-deriving exactly the units that a record or the clock may have changed.
//
// Operation: the owner marks entities dirty as their records are applied, then calls Advance with the new moment; units
// whose timer fell due join them (R9). On a day when the structure or the population year changes every unit is derived
// anew (R15). A condition that several units raise holds while one of them does; what is told of it unites them.
// Concurrency: one writer; not thread-safe. ConditionsAt gives the same by the plain full pass: the tests' and the
// audit's yardstick.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>

#include "state/alerts/condition.h"
#include "state/alerts/unit_conditions.h"
#include "state/geography/geography.h"
#include "state/indicators/timers.h"
#include "state/register/register.h"

namespace flosync {

// What gives rise to conditions by itself.
struct ConditionUnit {
  enum class Kind : uint8_t { kList, kPerson, kMunicipality };
  Kind kind = Kind::kList;
  int64_t id = 0;  // contract id, HPR number, municipality number
  auto operator<=>(const ConditionUnit&) const = default;
};

// A condition that may have begun, changed or ended.
struct ConditionChange {
  ConditionKey key;
  std::optional<Condition> now;   // nothing: it does not hold
  std::optional<Position> cause;  // the record; nothing = the clock
};

class LiveConditions {
 public:
  // Both must outlive this.
  LiveConditions(const Geography* geography, const Register* reg) : geography_(geography), register_(reg) {}

  // Derives every unit at `at`; the next Advance reports all that holds.
  void Start(const Moment& at);
  [[nodiscard]] bool started() const { return frame_ != nullptr; }
  // A record took an entity from one state to the other; the register still holds `before` or already `after`.
  void MarkDirty(const EntityId& entity, const EntityState& before, const EntityState& after, const Position& cause);
  // The next Advance reports this condition whether or not it holds: somebody may think it does.
  void Touch(const ConditionKey& key, const std::optional<Position>& cause = std::nullopt);
  // Moves to `at`, which is not before the last moment, and gives what may have changed, by key.
  std::vector<ConditionChange> Advance(const Moment& at);

  [[nodiscard]] std::optional<Instant> NextTimer() const { return timers_.Next(); }
  // Work done since the start: bounded by what depends on a change, not by the size of the register.
  [[nodiscard]] int64_t units_derived() const { return units_derived_; }

 private:
  [[nodiscard]] bool FrameChanges(const Moment& at) const;
  void DeriveAll(const Moment& at);
  void MarkUnit(const ConditionUnit& unit, const Position& cause);
  void MarkPerson(int32_t number, const PersonState& before, const PersonState& after, const Position& cause);
  void Derive(const ConditionUnit& unit, const std::optional<Position>& cause);
  void SetShare(int64_t contract_id, std::optional<ListShare> share, const std::optional<Position>& cause);
  void SetConditions(const ConditionUnit& unit, std::vector<Condition> conditions,
                     const std::optional<Position>& cause);
  void DeriveMunicipalities();
  [[nodiscard]] std::optional<Condition> United(const ConditionKey& key) const;

  const Geography* geography_;
  const Register* register_;
  Moment moment_;
  std::unique_ptr<AreaFrame> frame_;
  std::map<std::string, int32_t> population_;  // by municipality, where known
  std::map<ConditionKey, std::map<ConditionUnit, Condition>> raised_;
  absl::btree_map<ConditionUnit, std::vector<ConditionKey>> raised_by_;
  absl::btree_map<int64_t, ListShare> share_of_;
  std::map<std::string, MunicipalityTotals> totals_;
  Timers<ConditionUnit> timers_;
  absl::btree_map<ConditionUnit, Position> dirty_;
  std::map<std::string, std::optional<Position>> dirty_municipalities_;
  std::map<ConditionKey, std::optional<Position>> touched_;
  int64_t units_derived_ = 0;
};

// Everything that holds at `at`, by key: every unit of the register derived and united.
[[nodiscard]] std::map<ConditionKey, Condition> ConditionsAt(const Register& reg, const Geography& geography,
                                                             const Moment& at);

}  // namespace flosync
