// The register in memory: the state of every person, contract, doctor period and patient count, and who refers to whom.
//
// Holds either the live state or the state as known at an instant; it does not know which. The owner puts states in;
// readers look them up. Iteration is in the order of ids, so nothing depends on hashing. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>
#include <absl/container/node_hash_map.h>

#include "state/register/entity_state.h"

namespace flosync {

class Register {
 public:
  // Nothing is known of the entity: nullptr.
  [[nodiscard]] const PersonState* FindPerson(int32_t hpr_number) const;
  [[nodiscard]] const ContractState* FindContract(int64_t id) const;
  [[nodiscard]] const DoctorPeriodState* FindDoctorPeriod(int64_t id) const;
  [[nodiscard]] const PatientCountState* FindPatientCount(int64_t contract_id) const;

  void Put(int32_t hpr_number, PersonState state);
  void Put(int64_t contract_id, ContractState state);
  void Put(int64_t id, DoctorPeriodState state);
  void Put(int64_t contract_id, PatientCountState state);

  // Doctor periods that name the contract, by id, ascending; those that do not hold included.
  [[nodiscard]] const std::vector<int64_t>& DoctorPeriodsOf(int64_t contract_id) const;
  // Doctor periods that name exactly this number, by id, ascending.
  [[nodiscard]] const std::vector<int64_t>& DoctorPeriodsOfNumber(int32_t hpr_number) const;
  // The surviving number at t: aliases followed, chains included; an alias on a cycle is ignored (R5, E7, E8).
  [[nodiscard]] int32_t Surviving(int32_t hpr_number, Instant t) const;
  // `hpr_number` and every number its aliases may lead to at some instant, also round a cycle: whose coming and going
  // may change which number survives.
  [[nodiscard]] std::vector<int32_t> NumbersAhead(int32_t hpr_number) const;
  // `hpr_number` and every number whose alias may lead to it: whose periods count for it, now or at another instant.
  [[nodiscard]] std::vector<int32_t> NumbersLeadingTo(int32_t hpr_number) const;

  // Every number that is or may be an alias at some instant, ascending.
  [[nodiscard]] std::vector<int32_t> AliasNumbers() const;

  [[nodiscard]] const absl::btree_map<int64_t, ContractState>& contracts() const { return contracts_; }
  [[nodiscard]] const absl::btree_map<int64_t, DoctorPeriodState>& doctor_periods() const { return periods_; }
  [[nodiscard]] int64_t person_count() const { return static_cast<int64_t>(persons_.size()); }

 private:
  // A node each: a million of them are put in one by one, and a state is two hundred bytes to move.
  absl::node_hash_map<int32_t, PersonState> persons_;
  absl::btree_map<int64_t, ContractState> contracts_;
  absl::btree_map<int64_t, DoctorPeriodState> periods_;
  absl::btree_map<int64_t, PatientCountState> counts_;
  absl::flat_hash_map<int64_t, std::vector<int64_t>> periods_of_contract_;
  absl::flat_hash_map<int32_t, std::vector<int64_t>> periods_of_number_;
  absl::flat_hash_map<int32_t, std::vector<int32_t>> aliases_onto_;
};

}  // namespace flosync
