#include "state/audit/plain_person.h"

#include <algorithm>

namespace flosync {
namespace {

bool SuspendedBy(const std::vector<Reaction>& reactions, Day d) {
  return std::ranges::any_of(reactions, [d](const Reaction& r) {
    return (r.type == "1" || r.type == "5" || r.type == "8") && r.period.from <= d && d < r.period.to;
  });
}

bool InOneOf(const std::vector<Period>& periods, Day d) {
  return std::ranges::any_of(periods, [d](const Period& p) { return p.from <= d && d < p.to; });
}

// D18: whether an ended status takes an item away for every day.
bool EndedAway(const std::string& status, const Period& period, Day version_day) {
  if (status == "2") return true;
  if (status != "1" && status != "3") return false;
  if (period.to == Day::Max()) return true;
  const Day last_day = period.to.Plus(-1);
  return last_day > version_day;
}

// What approvals and specialities have in common: in force at d, not ended away, not suspended.
template <typename Item>
bool InForce(const Item& item, Day d, Day version_day) {
  return item.period.from <= d && d < item.period.to && !EndedAway(item.ended_status, item.period, version_day) &&
         !SuspendedBy(item.reactions, d) && !InOneOf(item.suspensions, d);
}

// R5, E7, E10: the newest state's own word wins over that of the last merger.
int32_t AliasIn(const EntityHistory& history) {
  const auto* person = LatestState<Person>(history);
  if (person && person->replaced_by != 0) return person->replaced_by;
  int32_t merged_into = 0;
  for (const KnownRecord& record : history) {
    if (const auto* merge = std::get_if<Merge>(&record.change)) merged_into = merge->surviving_number;
  }
  return merged_into;
}

PlainPerson Describe(const EntityHistory& history, Day d, Instant t) {
  PlainPerson described;
  if (AbsentAt(history, t)) return described;
  described.alias_of = AliasIn(history);
  const auto* person = LatestState<Person>(history);
  if (!person) return described;
  described.specialist = IsSpecialist(*person, d);
  described.sex = person->sex;
  if (person->birth_year) described.age = d.year() - *person->birth_year;
  return described;
}

}  // namespace

bool IsSpecialist(const Person& person, Day d) {
  if (person.death && *person.death <= d) return false;
  if (SuspendedBy(person.reactions, d)) return false;
  const Day version_day = person.updated.day();
  for (const Approval& approval : person.approvals) {
    if (approval.type == "3" || approval.type == "99" || !InForce(approval, d, version_day)) continue;
    for (const Speciality& s : approval.specialities) {
      const bool general_practice = s.code == "1" && (s.code_system == "7426" || s.code_system.empty());
      if (general_practice && InForce(s, d, version_day)) return true;
    }
  }
  return false;
}

absl::StatusOr<PlainPersons> PlainPersons::Read(const HistorySource& source, const std::set<int32_t>& numbers, Day d,
                                                Instant t) {
  PlainPersons persons;
  std::set<int32_t> wanted = numbers;
  while (!wanted.empty()) {
    const int32_t number = *wanted.begin();
    wanted.erase(wanted.begin());
    const auto history = source.Of({EntityKind::kPerson, number});
    if (!history.ok()) return history.status();
    const PlainPerson person = Describe(*history, d, t);
    persons.persons_[number] = person;
    if (person.alias_of != 0 && !persons.persons_.contains(person.alias_of)) wanted.insert(person.alias_of);
  }
  return persons;
}

PlainPerson PlainPersons::Find(int32_t number) const {
  const auto it = persons_.find(number);
  return it == persons_.end() ? PlainPerson{} : it->second;
}

bool PlainPersons::OnCycle(int32_t number) const {
  std::set<int32_t> seen;
  for (int32_t next = AliasOf(number); next != 0 && seen.insert(next).second; next = AliasOf(next)) {
    if (next == number) return true;
  }
  return false;
}

int32_t PlainPersons::SurvivorOf(int32_t number) const {
  while (AliasOf(number) != 0 && !OnCycle(number)) number = AliasOf(number);
  return number;
}

}  // namespace flosync
