#include "state/register/register.h"

#include <algorithm>

#include <absl/container/flat_hash_set.h>

namespace flosync {
namespace {

template <typename Map, typename Key>
auto Find(const Map& map, const Key& key) -> const typename Map::mapped_type* {
  const auto it = map.find(key);
  return it == map.end() ? nullptr : &it->second;
}

template <typename T>
void InsertSorted(std::vector<T>& values, T value) {
  const auto at = std::lower_bound(values.begin(), values.end(), value);
  if (at == values.end() || *at != value) values.insert(at, value);
}

template <typename Map, typename Key, typename T>
void EraseSorted(Map& map, const Key& key, T value) {
  const auto it = map.find(key);
  if (it == map.end()) return;
  const auto at = std::lower_bound(it->second.begin(), it->second.end(), value);
  if (at != it->second.end() && *at == value) it->second.erase(at);
  if (it->second.empty()) map.erase(it);
}

const std::vector<int64_t>& NoPeriods() {
  static const std::vector<int64_t> none;
  return none;
}

}  // namespace

const PersonState* Register::FindPerson(int32_t hpr_number) const { return Find(persons_, hpr_number); }
const ContractState* Register::FindContract(int64_t id) const { return Find(contracts_, id); }
const DoctorPeriodState* Register::FindDoctorPeriod(int64_t id) const { return Find(periods_, id); }
const PatientCountState* Register::FindPatientCount(int64_t contract_id) const { return Find(counts_, contract_id); }

void Register::Put(int32_t hpr_number, PersonState state) {
  PersonState& slot = persons_[hpr_number];
  if (slot.AliasTarget() != state.AliasTarget()) {
    if (slot.AliasTarget() != 0) EraseSorted(aliases_onto_, slot.AliasTarget(), hpr_number);
    if (state.AliasTarget() != 0) InsertSorted(aliases_onto_[state.AliasTarget()], hpr_number);
  }
  slot = std::move(state);
}

void Register::Put(int64_t contract_id, ContractState state) { contracts_[contract_id] = std::move(state); }

void Register::Put(int64_t id, DoctorPeriodState state) {
  DoctorPeriodState& slot = periods_[id];
  if (slot.known) {
    EraseSorted(periods_of_contract_, slot.latest.contract_id, id);
    EraseSorted(periods_of_number_, slot.latest.hpr_number, id);
  }
  if (state.known) {
    InsertSorted(periods_of_contract_[state.latest.contract_id], id);
    InsertSorted(periods_of_number_[state.latest.hpr_number], id);
  }
  slot = std::move(state);
}

void Register::Put(int64_t contract_id, PatientCountState state) { counts_[contract_id] = std::move(state); }

const std::vector<int64_t>& Register::DoctorPeriodsOf(int64_t contract_id) const {
  const auto* periods = Find(periods_of_contract_, contract_id);
  return periods ? *periods : NoPeriods();
}

const std::vector<int64_t>& Register::DoctorPeriodsOfNumber(int32_t hpr_number) const {
  const auto* periods = Find(periods_of_number_, hpr_number);
  return periods ? *periods : NoPeriods();
}

int32_t Register::Surviving(int32_t hpr_number, Instant t) const {
  absl::flat_hash_set<int32_t> passed;
  while (true) {
    const PersonState* person = FindPerson(hpr_number);
    const int32_t next = person ? person->AliasAt(t) : 0;
    if (next == 0) return hpr_number;
    passed.insert(hpr_number);
    // On a cycle every alias is ignored, so the way ends at its first number (E8).
    if (passed.contains(next)) return next;
    hpr_number = next;
  }
}

std::vector<int32_t> Register::NumbersAhead(int32_t hpr_number) const {
  std::vector<int32_t> numbers;
  absl::flat_hash_set<int32_t> found;
  for (int32_t number = hpr_number; number != 0;) {
    numbers.push_back(number);
    const PersonState* person = FindPerson(number);
    const int32_t next = person ? person->AliasTarget() : 0;
    if (next == 0) break;
    found.insert(number);
    number = found.contains(next) ? 0 : next;
  }
  return numbers;
}

std::vector<int32_t> Register::AliasNumbers() const {
  std::vector<int32_t> numbers;
  for (const auto& [target, aliases] : aliases_onto_) numbers.insert(numbers.end(), aliases.begin(), aliases.end());
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::vector<int32_t> Register::NumbersLeadingTo(int32_t hpr_number) const {
  std::vector<int32_t> numbers = {hpr_number};
  absl::flat_hash_set<int32_t> found;
  for (size_t i = 0; i < numbers.size(); ++i) {
    const auto* onto = Find(aliases_onto_, numbers[i]);
    if (!onto) continue;
    for (const int32_t number : *onto) {
      if (number != hpr_number && found.insert(number).second) numbers.push_back(number);
    }
  }
  return numbers;
}

}  // namespace flosync
