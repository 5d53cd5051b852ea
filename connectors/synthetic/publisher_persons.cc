// Changes of persons: new states, mergers, deletions and returns.
#include <utility>

#include "connectors/synthetic/publisher.h"

namespace flosync::synthetic {

void Publisher::ApplyToPerson(const Change& change) {
  std::int32_t index = change.entity;
  for (auto merged = merged_into_.find(index); merged != merged_into_.end(); merged = merged_into_.find(index)) {
    index = merged->second;
  }
  Person& person = world_.persons[static_cast<std::size_t>(index)];
  if (change.kind == ChangeKind::kPersonReturned) person.deleted = false;
  if (person.deleted) return;
  const bool older_follows = random_.Chance(options_.rates.out_of_order_per_mille / 1e3);
  OutRecord older;
  if (older_follows) older = PersonRecord(person, now_);
  AlterPerson(person, change);
  person.updated = version_;
  if (random_.Chance(options_.rates.trigger_event_per_mille / 1e3)) {
    outbox_.Send(EventRecord("PersonUpdated", person.hpr_number, 0, now_), false);
  }
  if (random_.Chance(options_.rates.conflicting_per_mille / 1e3)) {
    Person wrong = person;
    wrong.birth += 366;
    ++summary_->conflicting;
    outbox_.Send(PersonRecord(wrong, now_), false);
  }
  outbox_.Send(PersonRecord(person, now_));
  if (older_follows) SendOlder(std::move(older));
}

void Publisher::AlterPerson(Person& person, const Change& change) {
  const auto first = static_cast<Day>(change.a);
  switch (change.kind) {
    case ChangeKind::kAuthorised:
      person.licence_from = person.approval_from;
      person.approval_from = first;
      person.approval_to = AddYears(person.birth, 80) + 1;
      person.kind = PersonKind::kDoctor;
      break;
    case ChangeKind::kGpSpeciality:
      person.gp_speciality_from = first;
      person.gp_speciality_to = static_cast<Day>(change.b);
      person.speciality_end_status = 0;
      break;
    case ChangeKind::kGpSpecialityRenewed:
      person.gp_speciality_to = first;
      person.planned_renewal = false;
      break;
    case ChangeKind::kGpSpecialityEnded:
      person.gp_speciality_to = first;
      person.speciality_end_status = static_cast<std::uint8_t>(change.b);
      break;
    case ChangeKind::kOtherSpeciality:
      person.other_speciality_from = first;
      person.other_speciality = static_cast<std::uint16_t>(change.b);
      break;
    case ChangeKind::kDeath:
      person.death = first;
      break;
    case ChangeKind::kReaction:
      person.reaction_from = first;
      person.reaction_to = static_cast<Day>(change.b);
      person.reaction_type = static_cast<std::uint8_t>(change.c / kReactionPlaces);
      person.reaction_at = static_cast<ReactionAt>(change.c % kReactionPlaces);
      if (person.reaction_at >= ReactionAt::kApprovalSuspension) person.soap = true;
      break;
    case ChangeKind::kApprovalEnded:
      person.approval_to = first;
      person.approval_end_status = static_cast<std::uint8_t>(change.b);
      break;
    default:
      break;
  }
}

void Publisher::Merge(const Change& change) {
  Person& old = world_.persons[static_cast<std::size_t>(change.entity)];
  Person& remaining = world_.persons[static_cast<std::size_t>(change.a)];
  // The remaining entry takes over what the register knows of the old one under its own number; plans stay with it.
  const Person planned = remaining;
  remaining = old;
  remaining.hpr_number = planned.hpr_number;
  remaining.deleted = false;
  remaining.planned_specialist = planned.planned_specialist;
  remaining.planned_renewal = planned.planned_renewal;
  remaining.planned_gone = planned.planned_gone;
  remaining.planned_lists = planned.planned_lists;
  remaining.updated = version_;
  old.replaced_by = remaining.hpr_number;
  old.updated = version_;
  merged_into_[change.entity] = static_cast<std::int32_t>(change.a);
  outbox_.Send(PersonRecord(remaining, now_), false);
  outbox_.Send(EventRecord("HprNumbersMerged", remaining.hpr_number, old.hpr_number, now_), false);
  const bool by_event_alone = change.b != 0;
  if (!by_event_alone) outbox_.Send(PersonRecord(old, now_));
}

// Two entries that name each other, or one that names itself: nobody survives, so the aliases are ignored (E8).
void Publisher::MergeInCycle(const Change& change) {
  Person& one = world_.persons[static_cast<std::size_t>(change.entity)];
  Person& other = world_.persons[static_cast<std::size_t>(change.a)];
  if (one.deleted || other.deleted || one.replaced_by != 0 || other.replaced_by != 0) return;
  one.replaced_by = other.hpr_number;
  other.replaced_by = one.hpr_number;
  for (Person* person : {&one, &other}) {
    person->updated = version_;
    outbox_.Send(PersonRecord(*person, now_));
    if (&one == &other) return;
  }
}

void Publisher::DeletePerson(const Change& change) {
  Person& person = world_.persons[static_cast<std::size_t>(change.entity)];
  if (person.deleted) return;
  person.deleted = true;
  outbox_.Send(EventRecord("PersonDeleted", person.hpr_number, 0, now_), false);
  outbox_.Send({.time = now_, .topic = Topic::kPerson, .key = std::to_string(person.hpr_number), .value = ""});
}

OutRecord Publisher::PersonRecord(const Person& person, UtcMs time) const {
  OutRecord record{
      .time = time, .topic = Topic::kPerson, .key = std::to_string(person.hpr_number), .value = "", .xml = person.soap};
  record.value.reserve(2048);
  if (person.soap) {
    AppendPersonSoap(record.value, person, world_.seed);
  } else {
    AppendPersonJson(record.value, person, world_.seed);
  }
  return record;
}

OutRecord Publisher::EventRecord(std::string_view name, std::int32_t number, std::int32_t merged, UtcMs time) const {
  OutRecord record{.time = time, .topic = Topic::kEvent, .key = std::to_string(number), .value = ""};
  AppendHprEvent(record.value, name, number, merged, time, Mix(world_.seed, static_cast<std::uint64_t>(time)));
  return record;
}

}  // namespace flosync::synthetic
