#include "state/register/doctor_history.h"

#include <algorithm>
#include <map>
#include <set>

#include "state/register/late_records.h"
#include "state/register/stored_register.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

using Records = std::vector<PositionedChange>;

// Reads histories and index entries as known at K, up to a number of records and entries in all.
class BoundedReader {
 public:
  BoundedReader(const View& view, Instant known_at, size_t most_records)
      : view_(view), known_at_(known_at), left_(most_records) {}

  absl::StatusOr<Records> Read(const EntityId& entity) {
    auto records = ReadHistory(view_, entity, known_at_, left_);
    if (records.ok()) left_ -= records->size();
    return records;
  }

  // The ids that the index has under `number`: all that a record ever named it for, known at K or not.
  absl::StatusOr<std::vector<int64_t>> ReadIndex(IndexKind kind, int32_t number) {
    std::vector<int64_t> ids;
    bool too_many = false;
    const absl::Status walked =
        view_.Each(Family::kIndex, IndexPrefix(kind, number), [&](std::string_view key, std::string_view) {
          too_many = ids.size() == left_;
          if (too_many) return false;
          // The entity's id ends the entry.
          KeyReader reader(key);
          reader.Byte();
          reader.Number64();
          ids.push_back(reader.Number64());
          return true;
        });
    if (!walked.ok()) return walked;
    if (too_many)
      return absl::ResourceExhaustedError("too many records belong to what was asked for; ask for an earlier time");
    left_ -= ids.size();
    return ids;
  }

 private:
  const View& view_;
  const Instant known_at_;
  size_t left_;
};

// The person's version that a record states; nothing for other records.
std::optional<PersonRecord> StatedPerson(const PositionedChange& record) {
  if (const auto* person = std::get_if<Person>(&record.change)) return *person;
  if (const auto* shrunk = std::get_if<ShrunkPerson>(&record.change)) return *shrunk;
  return std::nullopt;
}

// The version in force after the records, with the first of those that gave it without another content in between.
std::optional<HprEntry> EntryOf(const PersonState& state, const Records& records) {
  std::optional<HprEntry> entry;
  for (const PositionedChange& record : records) {
    const auto stated = ReadVersionedContent(record.change);
    if (!state.known || !stated || stated->version != state.version) continue;
    if (stated->content != state.content) {
      entry.reset();
    } else if (!entry) {
      entry = HprEntry{*StatedPerson(record), record.position};
    }
  }
  return entry;
}

// Puts the person as known at K into the register, if anything was.
absl::Status LoadPerson(BoundedReader& reader, int32_t number, Register& reg) {
  if (reg.FindPerson(number)) return absl::OkStatus();
  const EntityId entity{EntityKind::kPerson, number};
  const auto records = reader.Read(entity);
  if (!records.ok()) return records.status();
  if (!records->empty()) PutState(reg, entity, Fold(entity.kind, *records).state);
  return absl::OkStatus();
}

// Loads whom the number may be an alias of, chains included.
absl::Status LoadAhead(BoundedReader& reader, int32_t number, Register& reg) {
  while (number != 0 && !reg.FindPerson(number)) {
    if (absl::Status loaded = LoadPerson(reader, number, reg); !loaded.ok()) return loaded;
    const PersonState* person = reg.FindPerson(number);
    number = person ? person->AliasTarget() : 0;
  }
  return absl::OkStatus();
}

// Loads the persons whose alias may lead to `number`, chains included; gives their numbers and its own.
absl::StatusOr<std::vector<int32_t>> LoadBehind(BoundedReader& reader, int32_t number, Register& reg) {
  std::vector<int32_t> numbers = {number};
  std::set<int32_t> seen = {number};
  for (size_t next = 0; next < numbers.size(); ++next) {
    const int32_t target = numbers[next];
    const auto aliases = reader.ReadIndex(IndexKind::kAliasesOnto, target);
    if (!aliases.ok()) return aliases.status();
    for (const int64_t id : *aliases) {
      const auto alias = static_cast<int32_t>(id);
      if (absl::Status loaded = LoadPerson(reader, alias, reg); !loaded.ok()) return loaded;
      const PersonState* person = reg.FindPerson(alias);
      if (person && person->AliasTarget() == target && seen.insert(alias).second) numbers.push_back(alias);
    }
  }
  return numbers;
}

// Loads the doctor periods that name the number as known at K.
absl::Status LoadPeriods(BoundedReader& reader, int32_t number, Register& reg) {
  const auto ids = reader.ReadIndex(IndexKind::kPeriodsOfNumber, number);
  if (!ids.ok()) return ids.status();
  for (const int64_t id : *ids) {
    const EntityId entity{EntityKind::kDoctorPeriod, id};
    const auto records = reader.Read(entity);
    if (!records.ok()) return records.status();
    EntityState state = Fold(entity.kind, *records).state;
    const auto& period = std::get<DoctorPeriodState>(state);
    if (period.known && period.latest.hpr_number == number) PutState(reg, entity, std::move(state));
  }
  return absl::OkStatus();
}

bool Names(const PositionedChange& record, int32_t number) {
  if (const auto* person = std::get_if<Person>(&record.change)) return person->replaced_by == number;
  if (const auto* shrunk = std::get_if<ShrunkPerson>(&record.change)) return shrunk->version.replaced_by == number;
  if (const auto* merge = std::get_if<Merge>(&record.change)) return merge->surviving_number == number;
  const auto* period = std::get_if<DoctorPeriod>(&record.change);
  return period && period->hpr_number == number;
}

using Histories = std::map<EntityId, Records>;

// Adds those entities of the index whose records name the number and were known at K; gives their ids.
absl::StatusOr<std::vector<int64_t>> AddNaming(BoundedReader& reader, IndexKind index, EntityKind kind, int32_t number,
                                               Histories& histories) {
  auto ids = reader.ReadIndex(index, number);
  if (!ids.ok()) return ids;
  std::vector<int64_t> added;
  for (const int64_t id : *ids) {
    const EntityId entity{kind, id};
    if (histories.contains(entity)) continue;
    auto records = reader.Read(entity);
    if (!records.ok()) return records.status();
    if (std::none_of(records->begin(), records->end(), [&](const auto& record) { return Names(record, number); }))
      continue;
    histories[entity] = *std::move(records);
    added.push_back(id);
  }
  return added;
}

absl::StatusOr<Histories> ReadHistories(BoundedReader& reader, int32_t number) {
  Histories histories;
  const EntityId asked{EntityKind::kPerson, number};
  auto own = reader.Read(asked);
  if (!own.ok()) return own.status();
  histories[asked] = *std::move(own);
  std::vector<int64_t> numbers = {number};
  for (size_t next = 0; next < numbers.size(); ++next) {
    const auto of = static_cast<int32_t>(numbers[next]);
    const auto aliases = AddNaming(reader, IndexKind::kAliasesOnto, EntityKind::kPerson, of, histories);
    if (!aliases.ok()) return aliases.status();
    numbers.insert(numbers.end(), aliases->begin(), aliases->end());
    const auto periods = AddNaming(reader, IndexKind::kPeriodsOfNumber, EntityKind::kDoctorPeriod, of, histories);
    if (!periods.ok()) return periods.status();
  }
  return histories;
}

bool Deleted(const EntityState& state) {
  if (const auto* period = std::get_if<DoctorPeriodState>(&state)) return period->withdrawn;
  const auto& absences = std::get<PersonState>(state).presence.absences;
  return !absences.empty() && absences.back().until == Instant::Max();
}

// Follows one entity record by record and keeps the steps whose positions are wanted.
void AddSteps(const EntityId& entity, const Records& records, const LateRecords& late, const std::set<Position>& wanted,
              std::vector<HistoryStep>& steps) {
  const std::vector<Effect> effects = Fold(entity.kind, records).effects;
  HistoryStep step;
  step.entity = entity;
  step.after = EmptyState(entity.kind);
  for (size_t i = 0; i < records.size(); ++i) {
    step.before = step.after;
    step.person_before = step.person_after;
    step.record = records[i];
    step.learnt_at = late.LearntAt(entity, records[i].position);
    (void)FoldNext(step.after, records[i]);
    step.effect = effects[i];
    step.returned = Deleted(step.before) && !Deleted(step.after);
    const auto* state = std::get_if<PersonState>(&step.after);
    if (state && ReadVersionedContent(records[i].change) == VersionedContent{state->version, state->content})
      step.person_after = StatedPerson(records[i]);
    if (wanted.contains(records[i].position)) steps.push_back(step);
  }
}

}  // namespace

absl::StatusOr<KnownDoctor> ReadDoctor(const View& view, int32_t hpr_number, Instant t, Instant known_at,
                                       size_t most_records) {
  BoundedReader reader(view, known_at, most_records);
  KnownDoctor doctor;
  if (absl::Status loaded = LoadAhead(reader, hpr_number, doctor.reg); !loaded.ok()) return loaded;
  doctor.surviving = doctor.reg.Surviving(hpr_number, t);
  const auto numbers = LoadBehind(reader, doctor.surviving, doctor.reg);
  if (!numbers.ok()) return numbers.status();
  for (const int32_t number : *numbers) {
    // An alias of another instant, or on a cycle, does not lead here at t.
    if (doctor.reg.Surviving(number, t) != doctor.surviving) continue;
    if (absl::Status loaded = LoadPeriods(reader, number, doctor.reg); !loaded.ok()) return loaded;
  }
  if (const PersonState* person = doctor.reg.FindPerson(doctor.surviving)) {
    const auto records = reader.Read({EntityKind::kPerson, doctor.surviving});
    if (!records.ok()) return records.status();
    doctor.entry = EntryOf(*person, *records);
  }
  return doctor;
}

absl::StatusOr<DoctorHistory> ReadDoctorHistory(const View& view, int32_t hpr_number, Instant known_at,
                                                const std::optional<Position>& after, size_t most_steps,
                                                size_t most_records) {
  BoundedReader reader(view, known_at, most_records);
  const auto histories = ReadHistories(reader, hpr_number);
  if (!histories.ok()) return histories.status();
  std::set<Position> wanted;
  for (const auto& [entity, records] : *histories) {
    for (const PositionedChange& record : records) {
      if (!after || record.position > *after) wanted.insert(record.position);
    }
  }
  DoctorHistory history;
  history.more = wanted.size() > most_steps;
  while (wanted.size() > most_steps) wanted.erase(std::prev(wanted.end()));
  for (const auto& [entity, records] : *histories) {
    const auto late = LateRecords::Load(view, EntityKey(entity));
    if (!late.ok()) return late.status();
    AddSteps(entity, records, *late, wanted, history.steps);
  }
  std::sort(history.steps.begin(), history.steps.end(),
            [](const HistoryStep& a, const HistoryStep& b) { return a.record.position < b.record.position; });
  return history;
}

}  // namespace flosync
