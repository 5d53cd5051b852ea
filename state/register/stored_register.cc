#include "state/register/stored_register.h"

#include <set>

#include "state/register/late_records.h"
#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

// Folds the history of all entities of one kind as known at K into the register.
absl::Status LoadKind(const View& view, EntityKind kind, const LateRecords& late, Instant known_at, Register& reg) {
  std::vector<PositionedChange> records;
  EntityId current{kind, 0};
  absl::Status failed;
  const auto flush = [&] {
    if (!records.empty()) PutState(reg, current, Fold(kind, records).state);
    records.clear();
  };
  const std::string prefix(1, static_cast<char>(kind));
  const absl::Status walked = view.Each(Family::kHistory, prefix, [&](std::string_view key, std::string_view value) {
    const HistoryKeyParts parts = ReadHistoryKey(key);
    if (parts.entity != current) {
      flush();
      current = parts.entity;
    }
    if (late.KnownFrom(parts.entity, parts.position) >= known_at) return true;
    auto change = DecodeChange(parts.entity, value);
    if (!change.ok()) {
      failed = change.status();
      return false;
    }
    records.push_back({parts.position, *std::move(change)});
    return true;
  });
  flush();
  return walked.ok() ? failed : walked;
}

// The entity's records known before K in ascending position; `late` has those of it that were read again.
absl::StatusOr<std::vector<PositionedChange>> ReadKnown(const View& view, const EntityId& entity,
                                                        const LateRecords& late, Instant known_at,
                                                        size_t most_records = SIZE_MAX) {
  std::vector<PositionedChange> records;
  absl::Status failed;
  const absl::Status walked =
      view.Each(Family::kHistory, EntityKey(entity), [&](std::string_view key, std::string_view value) {
        const Position position = ReadHistoryKey(key).position;
        // Nothing is known from before its position, so one can stop there.
        if (late.KnownFrom(entity, position) >= known_at) return position.known_from < known_at;
        if (records.size() == most_records) {
          failed =
              absl::ResourceExhaustedError("too many records belong to what was asked for; ask for an earlier time");
          return false;
        }
        auto change = DecodeChange(entity, value);
        if (!change.ok()) {
          failed = change.status();
          return false;
        }
        records.push_back({position, *std::move(change)});
        return true;
      });
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  return records;
}

// Adds the person as known at K, and whoever that number is an alias of.
absl::Status LoadPersonKnownAt(const View& view, int32_t hpr_number, const LateRecords& late, Instant known_at,
                               Register& reg) {
  std::set<int32_t> visited;
  while (hpr_number != 0 && visited.insert(hpr_number).second && !reg.FindPerson(hpr_number)) {
    const auto records = ReadKnown(view, {EntityKind::kPerson, hpr_number}, late, known_at);
    if (!records.ok()) return records.status();
    if (records->empty()) return absl::OkStatus();
    EntityState state = Fold(EntityKind::kPerson, *records).state;
    const int32_t next = std::get<PersonState>(state).AliasTarget();
    PutState(reg, {EntityKind::kPerson, hpr_number}, std::move(state));
    hpr_number = next;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<EntityState>> ReadHead(const View& view, const EntityId& entity) {
  const auto bytes = view.Get(Family::kHeads, EntityKey(entity));
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<EntityState>();
  auto state = DecodeHead(**bytes);
  if (!state.ok()) return state.status();
  return std::optional<EntityState>(*std::move(state));
}

// The ids that an index has under `of`.
absl::StatusOr<std::vector<int64_t>> ReadIds(const View& view, IndexKind kind, int64_t of) {
  std::vector<int64_t> ids;
  const absl::Status walked =
      view.Each(Family::kIndex, IndexPrefix(kind, of), [&](std::string_view key, std::string_view) {
        KeyReader reader(key);
        reader.Byte();
        reader.Number64();
        ids.push_back(reader.Number64());
        return true;
      });
  if (!walked.ok()) return walked;
  return ids;
}

}  // namespace

void PutState(Register& reg, const EntityId& entity, EntityState state) {
  if (auto* person = std::get_if<PersonState>(&state)) {
    reg.Put(static_cast<int32_t>(entity.id), std::move(*person));
  } else if (auto* contract = std::get_if<ContractState>(&state)) {
    reg.Put(entity.id, std::move(*contract));
  } else if (auto* period = std::get_if<DoctorPeriodState>(&state)) {
    reg.Put(entity.id, std::move(*period));
  } else {
    reg.Put(entity.id, std::get<PatientCountState>(std::move(state)));
  }
}

absl::StatusOr<std::vector<PositionedChange>> ReadHistory(const View& view, const EntityId& entity, Instant known_at,
                                                          size_t most_records) {
  LateRecords late;
  // Of all records it does not matter when they were learnt.
  if (known_at != Instant::Max()) {
    auto loaded = LateRecords::Load(view, EntityKey(entity));
    if (!loaded.ok()) return loaded.status();
    late = *std::move(loaded);
  }
  return ReadKnown(view, entity, late, known_at, most_records);
}

absl::StatusOr<Register> LoadLive(const View& view) {
  Register reg;
  absl::Status failed;
  const absl::Status walked = view.Each(Family::kHeads, "", [&](std::string_view key, std::string_view value) {
    auto state = DecodeHead(value);
    if (!state.ok()) {
      failed = state.status();
      return false;
    }
    PutState(reg, ReadEntityKey(key), *std::move(state));
    return true;
  });
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  return reg;
}

absl::StatusOr<Register> LoadKnownAt(const View& view, Instant known_at) {
  Register reg;
  const auto late = LateRecords::Load(view, "");
  if (!late.ok()) return late.status();
  for (const EntityKind kind : {EntityKind::kContract, EntityKind::kDoctorPeriod, EntityKind::kPatientCount}) {
    if (absl::Status loaded = LoadKind(view, kind, *late, known_at, reg); !loaded.ok()) return loaded;
  }
  std::set<int32_t> numbers;
  for (const auto& [id, state] : reg.doctor_periods()) {
    if (state.known) numbers.insert(state.latest.hpr_number);
  }
  for (const int32_t number : numbers) {
    if (absl::Status loaded = LoadPersonKnownAt(view, number, *late, known_at, reg); !loaded.ok()) return loaded;
  }
  return reg;
}

absl::Status LoadPerson(const View& view, int32_t hpr_number, Register& reg) {
  std::set<int32_t> visited;
  while (hpr_number != 0 && visited.insert(hpr_number).second && !reg.FindPerson(hpr_number)) {
    const EntityId entity{EntityKind::kPerson, hpr_number};
    auto head = ReadHead(view, entity);
    if (!head.ok()) return head.status();
    if (!head->has_value()) return absl::OkStatus();
    const int32_t next = std::get<PersonState>(**head).AliasTarget();
    PutState(reg, entity, **std::move(head));
    hpr_number = next;
  }
  return absl::OkStatus();
}

absl::Status LoadHead(const View& view, const EntityId& entity, Register& reg) {
  auto head = ReadHead(view, entity);
  if (!head.ok()) return head.status();
  if (head->has_value()) PutState(reg, entity, **std::move(head));
  return absl::OkStatus();
}

absl::Status LoadDoctor(const View& view, int32_t hpr_number, Instant t, Register& reg) {
  if (absl::Status loaded = LoadPerson(view, hpr_number, reg); !loaded.ok()) return loaded;
  std::vector<int32_t> numbers = {reg.Surviving(hpr_number, t)};
  std::set<int32_t> seen(numbers.begin(), numbers.end());
  for (size_t next = 0; next < numbers.size(); ++next) {
    if (absl::Status loaded = LoadPerson(view, numbers[next], reg); !loaded.ok()) return loaded;
    const auto aliases = ReadIds(view, IndexKind::kAliasesOnto, numbers[next]);
    if (!aliases.ok()) return aliases.status();
    for (const int64_t alias : *aliases) {
      if (seen.insert(static_cast<int32_t>(alias)).second) numbers.push_back(static_cast<int32_t>(alias));
    }
    const auto periods = ReadIds(view, IndexKind::kPeriodsOfNumber, numbers[next]);
    if (!periods.ok()) return periods.status();
    for (const int64_t id : *periods) {
      if (absl::Status loaded = LoadHead(view, {EntityKind::kDoctorPeriod, id}, reg); !loaded.ok()) return loaded;
    }
  }
  return absl::OkStatus();
}

absl::Status LoadList(const View& view, int64_t contract_id, Register& reg) {
  std::vector<EntityId> entities = {{EntityKind::kContract, contract_id}, {EntityKind::kPatientCount, contract_id}};
  const auto periods = ReadIds(view, IndexKind::kPeriodsOfContract, contract_id);
  if (!periods.ok()) return periods.status();
  for (const int64_t id : *periods) entities.push_back({EntityKind::kDoctorPeriod, id});
  for (const EntityId& entity : entities) {
    if (absl::Status loaded = LoadHead(view, entity, reg); !loaded.ok()) return loaded;
  }
  for (const int64_t id : reg.DoctorPeriodsOf(contract_id)) {
    const int32_t number = reg.FindDoctorPeriod(id)->latest.hpr_number;
    if (absl::Status loaded = LoadPerson(view, number, reg); !loaded.ok()) return loaded;
  }
  return absl::OkStatus();
}

}  // namespace flosync
