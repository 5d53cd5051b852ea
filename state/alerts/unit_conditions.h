// The conditions that one unit of the register gives rise to at a moment: a list, a person, a municipality.
//
// Pure functions of register, areas and moment; each says when the clock alone may change its answer (R9). A condition
// may be raised by several units; LiveConditions and ConditionsAt unite them.
//
//   UnitConditions c = DeriveListConditions(reg, frame, 900101, Moment::Live(now));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/oslo.h"
#include "state/alerts/condition.h"
#include "state/geography/geography.h"
#include "state/indicators/list_facts.h"
#include "state/register/register.h"

namespace flosync {

// What a list that is valid today, or was before, brings to its municipality.
struct ListShare {
  std::string municipality;  // today's number
  bool active = false;       // valid today (D1)
  bool staffed = false;      // has a valid LPFL; only where active
  std::optional<int32_t> patients;
  std::optional<int32_t> list_cap;
};

struct UnitConditions {
  std::vector<Condition> conditions;  // sorted by key, each key once
  std::optional<ListShare> share;     // of a list that belongs to one municipality
  // The first instant after the moment at which the answer may be another without any record.
  Instant next_change = Instant::Max();
};

// Of a contract, known or only named by doctor periods: alerts of the list and of its doctors today, and deviations of
// the contract, of those doctors and of every doctor period on it that holds.
[[nodiscard]] UnitConditions DeriveListConditions(const Register& reg, const AreaFrame& frame, int64_t contract_id,
                                                  const Moment& at);

// MERGE_CYCLE if the number stands on a cycle of aliases (E8).
[[nodiscard]] UnitConditions DerivePersonConditions(const Register& reg, int32_t hpr_number, const Moment& at);

// The sums over the lists of a municipality.
struct MunicipalityTotals {
  int32_t lists = 0;  // begun and not deleted, ended ones included
  int32_t active = 0;
  int32_t staffed = 0;
  int32_t counted = 0;      // staffed with patient count and cap
  int64_t free_places = 0;  // of those: caps − patients; over-full lists subtract
  int64_t patients = 0;     // on active lists
  int64_t caps = 0;         // of active lists
  void Add(const ListShare& share, int32_t times);
};

// `population` on 1 January of the year (G3); nothing = unknown.
[[nodiscard]] std::vector<Condition> MunicipalityConditions(const std::string& number, const MunicipalityTotals& totals,
                                                            std::optional<int32_t> population);

}  // namespace flosync
