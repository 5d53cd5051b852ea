// What Core does with the changes of a commit, entity by entity: folds them, writes history and newest state, and marks
// what depends on it.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "state/core/core.h"
#include "state/register/stored_register.h"
#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

constexpr int64_t kMillisPerHour = 3600000;

// The contract that a doctor period names, for index and dependents; 0 for other kinds.
int64_t ContractOf(const EntityState& state) {
  const auto* period = std::get_if<DoctorPeriodState>(&state);
  return period && period->known ? period->latest.contract_id : 0;
}

// The index entry of the number that a record names: a doctor period's doctor, the number a person is an alias of.
std::optional<std::string> NumberIndexKey(const HistoryChange& change) {
  if (const auto* period = std::get_if<DoctorPeriod>(&change); period && period->hpr_number != 0)
    return IndexKey(IndexKind::kPeriodsOfNumber, period->hpr_number, period->id);
  if (const auto* person = std::get_if<Person>(&change); person && person->replaced_by != 0)
    return IndexKey(IndexKind::kAliasesOnto, person->replaced_by, person->hpr_number);
  if (const auto* merge = std::get_if<Merge>(&change))
    return IndexKey(IndexKind::kAliasesOnto, merge->surviving_number, merge->old_number);
  return std::nullopt;
}

// Drops what neither today's figures nor a later day's ask for; the history keeps it.
void Forget(EntityState& state, WallTime t) {
  if (auto* contract = std::get_if<ContractState>(&state)) contract->ForgetBefore(t);
  if (auto* count = std::get_if<PatientCountState>(&state)) count->ForgetBefore(t);
}

}  // namespace

void Core::NoteEffect(size_t record, Effect effect) {
  CountedAs outcome = CountedAs::kApplied;
  if (effect == Effect::kDuplicate) outcome = CountedAs::kDuplicate;
  if (effect == Effect::kOlder) outcome = CountedAs::kOlder;
  if (effect == Effect::kConflicting) outcome = CountedAs::kConflicting;
  outcomes_[record] = std::max(outcomes_[record], outcome);
}

EntityState Core::CurrentState(const EntityId& entity) const {
  switch (entity.kind) {
    case EntityKind::kPerson:
      if (const auto* state = register_.FindPerson(static_cast<int32_t>(entity.id))) return *state;
      break;
    case EntityKind::kContract:
      if (const auto* state = register_.FindContract(entity.id)) return *state;
      break;
    case EntityKind::kDoctorPeriod:
      if (const auto* state = register_.FindDoctorPeriod(entity.id)) return *state;
      break;
    case EntityKind::kPatientCount:
      if (const auto* state = register_.FindPatientCount(entity.id)) return *state;
      break;
  }
  return EmptyState(entity.kind);
}

absl::StatusOr<EntityState> Core::FoldAgain(const View& view, const EntityId& entity, EntityChanges changes) {
  auto history = ReadHistory(view, entity, Instant::Max());
  if (!history.ok()) return history.status();
  std::map<Position, size_t> record_of;
  for (const PendingChange* pending : changes) {
    history->push_back(pending->change);
    record_of[pending->change.position] = pending->record;
  }
  std::sort(history->begin(), history->end(),
            [](const PositionedChange& a, const PositionedChange& b) { return a.position < b.position; });
  Folded folded = Fold(entity.kind, *history);
  int64_t conflicts = 0;
  Position first;
  Position last;
  for (size_t i = 0; i < history->size(); ++i) {
    const Position& position = (*history)[i].position;
    if (const auto it = record_of.find(position); it != record_of.end()) NoteEffect(it->second, folded.effects[i]);
    if (folded.effects[i] != Effect::kConflicting) continue;
    if (conflicts++ == 0) first = position;
    last = position;
  }
  deviations_.SetConflicts(FormatEntity(entity), conflicts, first, last);
  return std::move(folded.state);
}

std::optional<std::vector<Effect>> Core::FoldOn(EntityState& state, EntityChanges changes) const {
  if (LastPosition(state) != Position{} && changes.front()->change.position <= LastPosition(state)) return std::nullopt;
  std::vector<Effect> effects;
  effects.reserve(changes.size());
  for (const PendingChange* pending : changes) {
    effects.push_back(FoldNext(state, pending->change));
    if (effects.back() == Effect::kOlder) return std::nullopt;
  }
  return effects;
}

void Core::WriteHistory(const EntityId& entity, EntityChanges changes, Batch& batch) const {
  for (const PendingChange* pending : changes) {
    const std::string key = HistoryKey(entity, pending->change.position);
    batch.Put(Family::kHistory, key, EncodeChange(pending->change.change));
    if (pending->other_key) batch.Put(Family::kIndex, OtherKeyKey(key), "");
    if (pending->again) {
      const Instant learnt = std::max(clock_, partitions_.floor());
      batch.Put(Family::kIndex, LateKey(key), KeyBuilder().Number64(learnt.ms).Take());
    }
    if (const auto named = NumberIndexKey(pending->change.change)) batch.Put(Family::kIndex, *named, "");
  }
}

absl::Status Core::UpdateEntity(const View& view, const EntityId& entity, EntityChanges changes, Batch& batch) {
  const EntityState before = CurrentState(entity);
  EntityState after = before;
  if (const auto effects = FoldOn(after, changes)) {
    for (size_t i = 0; i < changes.size(); ++i) {
      NoteEffect(changes[i]->record, (*effects)[i]);
      if ((*effects)[i] != Effect::kConflicting) continue;
      deviations_.Note({DeviationCode::kConflictingVersion, "", "", "one version has two contents"},
                       FormatEntity(entity), "", changes[i]->change.position);
    }
  } else {
    auto folded = FoldAgain(view, entity, changes);
    if (!folded.ok()) return folded.status();
    after = *std::move(folded);
  }
  const auto taken = std::find_if(changes.rbegin(), changes.rend(), [](const PendingChange* pending) {
    return !std::holds_alternative<Merge>(pending->change.change);
  });
  if (taken != changes.rend()) deviations_.Accepted(entity, (*taken)->change.position);
  WriteHistory(entity, changes, batch);
  // An hour less, because in autumn the wall clock goes back by one.
  Forget(after, ToOslo({clock_.ms - kMillisPerHour}));
  batch.Put(Family::kHeads, EntityKey(entity), EncodeHead(after));
  WriteIndex(entity, before, after, batch);
  const Position& cause = changes.back()->change.position;
  MarkDependents(entity, before, after, cause);
  alerts_.MarkDirty(entity, before, after, cause);
  doctors_.MarkDirty(entity, before, after, cause);
  PutState(register_, entity, std::move(after));
  return absl::OkStatus();
}

absl::Status Core::UpdateEntities(const View& view, const Pending& pending, Batch& batch) {
  std::vector<const PendingChange*> order;
  order.reserve(pending.size());
  for (const PendingChange& change : pending) order.push_back(&change);
  std::sort(order.begin(), order.end(), [](const PendingChange* a, const PendingChange* b) {
    return std::tie(a->entity, a->change.position) < std::tie(b->entity, b->change.position);
  });
  for (auto begin = order.begin(); begin != order.end();) {
    const EntityId& entity = (*begin)->entity;
    const auto end =
        std::find_if(begin, order.end(), [&](const PendingChange* change) { return change->entity != entity; });
    if (absl::Status updated = UpdateEntity(view, entity, {begin, end}, batch); !updated.ok()) return updated;
    begin = end;
  }
  return absl::OkStatus();
}

void Core::WriteIndex(const EntityId& entity, const EntityState& before, const EntityState& after, Batch& batch) {
  const int64_t was = ContractOf(before);
  const int64_t is = ContractOf(after);
  if (was == is) return;
  if (was != 0) batch.Delete(Family::kIndex, IndexKey(IndexKind::kPeriodsOfContract, was, entity.id));
  if (is != 0) batch.Put(Family::kIndex, IndexKey(IndexKind::kPeriodsOfContract, is, entity.id), "");
}

void Core::MarkDependents(const EntityId& entity, const EntityState& before, const EntityState& after,
                          const Position& cause) {
  switch (entity.kind) {
    case EntityKind::kContract:
    case EntityKind::kPatientCount:
      live_->MarkDirty(entity.id, cause);
      return;
    case EntityKind::kDoctorPeriod:
      for (const EntityState* state : {&before, &after}) {
        if (const int64_t contract_id = ContractOf(*state); contract_id != 0) live_->MarkDirty(contract_id, cause);
      }
      return;
    case EntityKind::kPerson:
      break;
  }
  const auto& was = std::get<PersonState>(before);
  const auto& is = std::get<PersonState>(after);
  if (was.DerivesTheSame(is)) return;
  // Whoever leads to this number counts under what it is or leads to; its own alias does not change who leads to it.
  for (const int32_t number : register_.NumbersLeadingTo(static_cast<int32_t>(entity.id))) {
    for (const int64_t id : register_.DoctorPeriodsOfNumber(number)) {
      live_->MarkDirty(register_.FindDoctorPeriod(id)->latest.contract_id, cause);
    }
  }
}

}  // namespace flosync
