#include "state/core/deviation_log.h"

#include <algorithm>

#include "state/register/entity_state.h"
#include "state/store/codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

std::string KeyOf(const Deviation& d) { return DeviationKey(DeviationName(d.code), d.entity); }

absl::StatusOr<std::optional<Deviation>> ReadRow(const View& view, const std::string& key) {
  const auto bytes = view.Get(Family::kDeviations, key);
  if (!bytes.ok()) return bytes.status();
  if (!bytes->has_value()) return std::optional<Deviation>();
  auto row = DecodeDeviation(**bytes);
  if (!row.ok()) return row.status();
  return std::optional(*std::move(row));
}

// Adds `more`; text, line and key are those of the earlier one.
void AddTo(Deviation& into, const Deviation& more) {
  into.count += more.count;
  if (*more.first < *into.first) {
    into.first = more.first;
    into.first_seen = more.first_seen;
    into.field = more.field;
    into.detail = more.detail;
    into.line = more.line;
  }
  if (*more.last > *into.last) {
    into.last = more.last;
    into.last_seen = more.last_seen;
    into.settled = false;
  }
}

void KeepGreatest(std::optional<Position>& greatest, const Position& position) {
  if (!greatest || position > *greatest) greatest = position;
}

// Whichever of its elements it is about.
Position RecordOf(Position position) {
  position.index = 0;
  return position;
}

// The value of a GoodRecordKey.
Position ReadGoodRecord(Topic topic, int32_t partition, std::string_view value) {
  KeyReader reader(value);
  const Instant known_from{reader.Number64()};
  return {known_from, topic, partition, reader.Number64(), 0};
}

std::optional<Position> NewestIn(const Register& reg, const EntityId& entity) {
  Position last;
  if (entity.kind == EntityKind::kPerson) {
    if (const auto* state = reg.FindPerson(static_cast<int32_t>(entity.id))) last = state->last;
  } else if (entity.kind == EntityKind::kContract) {
    if (const auto* state = reg.FindContract(entity.id)) last = state->last;
  } else if (entity.kind == EntityKind::kDoctorPeriod) {
    if (const auto* state = reg.FindDoctorPeriod(entity.id)) last = state->last;
  } else if (const auto* state = reg.FindPatientCount(entity.id)) {
    last = state->last;
  }
  return last == Position{} ? std::nullopt : std::optional(last);
}

// The last record in the history of the key's entity that came under this key.
absl::StatusOr<std::optional<Position>> LastOfOwnKey(const View& view, const RecordKey& key) {
  const EntityKind kind = key.topic == Topic::kPerson ? EntityKind::kPerson : EntityKind::kContract;
  const std::string entity = EntityKey({kind, *key.number()});
  std::set<std::string> others;
  absl::Status walked = view.Each(Family::kIndex, OtherKeyKey(entity), [&](std::string_view found, std::string_view) {
    others.emplace(found.substr(1));
    return true;
  });
  if (!walked.ok()) return walked;
  std::optional<Position> last;
  walked = view.Each(Family::kHistory, entity, [&](std::string_view found, std::string_view) {
    const Position position = ReadHistoryKey(found).position;
    if (position.topic == key.topic && !others.contains(std::string(found))) KeepGreatest(last, position);
    return true;
  });
  if (!walked.ok()) return walked;
  return last;
}

}  // namespace

absl::Status DeviationLog::Load(const View& view) {
  absl::Status failed;
  absl::Status walked = view.Each(Family::kDeviations, "", [&](std::string_view key, std::string_view value) {
    const auto row = DecodeDeviation(value);
    if (!row.ok()) {
      failed = row.status();
      return false;
    }
    Track(std::string(key), *row);
    return true;
  });
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  const std::string ids(1, static_cast<char>(IndexKind::kDeviationIds));
  return view.Each(Family::kIndex, ids, [&](std::string_view key, std::string_view) {
    next_id_ = KeyReader(key.substr(1)).Number64() + 1;
    return true;
  });
}

void DeviationLog::Note(const DeviationNote& note, const std::string& entity, const std::string& line,
                        const Position& at, const std::optional<RecordKey>& key) {
  Deviation d;
  d.code = note.code;
  d.entity = entity;
  d.field = note.field;
  d.detail = note.detail;
  d.line = line;
  d.first = d.last = at;
  d.first_seen = d.last_seen = at.known_from;
  d.count = 1;
  if (entity.starts_with("record:")) d.key = key;
  const auto [it, fresh] = noted_.try_emplace(KeyOf(d), d);
  if (!fresh && it->second.last != at) AddTo(it->second, d);
}

void DeviationLog::NoteLine(const DeviationNote& note, const std::string& line) {
  Deviation d;
  d.code = note.code;
  d.entity = "line:" + line;
  d.field = note.field;
  d.detail = note.detail;
  d.line = line;
  d.count = 1;
  noted_.try_emplace(KeyOf(d), d);
}

void DeviationLog::SetConflicts(const std::string& entity, int64_t count, const Position& first, const Position& last) {
  Deviation d;
  d.code = DeviationCode::kConflictingVersion;
  d.entity = entity;
  d.detail = "one version has two contents";
  d.first = first;
  d.last = last;
  d.first_seen = first.known_from;
  d.last_seen = last.known_from;
  d.count = count;
  conflicts_[KeyOf(d)] = d;
}

void DeviationLog::SetState(DeviationCode code, const std::string& entity, bool open, const std::string& detail,
                            Instant at) {
  Deviation d;
  d.code = code;
  d.entity = entity;
  d.detail = detail;
  d.first_seen = d.last_seen = at;
  d.count = 1;
  states_[KeyOf(d)] = {d, open};
}

void DeviationLog::AcceptedRecord(const RecordKey& key, const Position& at) {
  const auto [it, fresh] = good_records_.try_emplace({key, at.partition}, at);
  if (!fresh) it->second = std::max(it->second, at);
}

absl::Status DeviationLog::AcceptedRecordAgain(const View& view, const RecordKey& key, const Position& at) {
  const auto value = view.Get(Family::kIndex, GoodRecordKey(key, at.partition));
  if (!value.ok()) return value.status();
  if (!value->has_value() || ReadGoodRecord(key.topic, at.partition, **value) < at) AcceptedRecord(key, at);
  return absl::OkStatus();
}

void DeviationLog::Mended(DeviationCode code, const std::string& entity, const Position& record) {
  mended_[DeviationKey(DeviationName(code), entity)].insert(RecordOf(record));
}

absl::Status DeviationLog::TakeConflicts(const View& view, Rows& rows) {
  for (auto& [key, entry] : conflicts_) {
    const auto stored = ReadRow(view, key);
    if (!stored.ok()) return stored.status();
    if (stored->has_value()) {
      entry.id = (*stored)->id;
      entry.decision = (*stored)->decision;
    }
    if (entry.count > 0 || stored->has_value()) rows[key] = entry;
  }
  return absl::OkStatus();
}

absl::Status DeviationLog::TakeNotes(const View& view, Rows& rows) {
  for (const auto& [key, more] : noted_) {
    const auto stored = ReadRow(view, key);
    if (!stored.ok()) return stored.status();
    if (!stored->has_value()) {
      rows[key] = more;
    } else if (more.first) {
      AddTo(rows[key] = **stored, more);
    }
  }
  return absl::OkStatus();
}

absl::Status DeviationLog::TakeMended(const View& view, Rows& rows) const {
  for (const auto& [key, records] : mended_) {
    if (!rows.contains(key)) {
      const auto stored = ReadRow(view, key);
      if (!stored.ok()) return stored.status();
      if (!stored->has_value()) continue;
      rows[key] = **stored;
    }
    Deviation& row = rows[key];
    row.settled = row.settled || (row.last && records.contains(RecordOf(*row.last)));
  }
  return absl::OkStatus();
}

absl::Status DeviationLog::TakeStates(const View& view, Rows& rows) const {
  for (const auto& [key, change] : states_) {
    const auto stored = ReadRow(view, key);
    if (!stored.ok()) return stored.status();
    if (!stored->has_value()) {
      if (change.open) rows[key] = change.deviation;
      continue;
    }
    Deviation row = **stored;
    if (change.open && row.settled) {
      ++row.count;
      row.last_seen = change.deviation.last_seen;
    }
    const bool same = row.settled == !change.open && (!change.open || row.detail == change.deviation.detail);
    if (same) continue;
    row.settled = !change.open;
    if (change.open) row.detail = change.deviation.detail;
    rows[key] = row;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Position>> DeviationLog::LastAccepted(const View& view, const Register& reg,
                                                                   const EntityId& entity) const {
  // Only a merge is folded into a state without being a record of it, and only a person can have been merged away.
  const auto* person = entity.kind == EntityKind::kPerson ? reg.FindPerson(static_cast<int32_t>(entity.id)) : nullptr;
  if (!person || person->merged_into == 0) return NewestIn(reg, entity);
  std::optional<Position> last;
  const auto taken = std::ranges::lower_bound(accepted_, entity, {}, &std::pair<EntityId, Position>::first);
  if (taken != accepted_.end() && taken->first == entity) last = taken->second;
  absl::Status failed;
  const absl::Status walked =
      view.Each(Family::kHistory, EntityKey(entity), [&](std::string_view key, std::string_view value) {
        const auto change = DecodeChange(entity, value);
        if (!change.ok()) failed = change.status();
        if (change.ok() && !std::holds_alternative<Merge>(*change)) KeepGreatest(last, ReadHistoryKey(key).position);
        return failed.ok();
      });
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  return last;
}

absl::StatusOr<std::optional<Position>> DeviationLog::LastGoodRecord(const View& view, const RecordKey& key) const {
  std::optional<Position> last;
  for (auto it = good_records_.lower_bound({key, std::numeric_limits<int32_t>::min()});
       it != good_records_.end() && it->first.first == key; ++it) {
    KeepGreatest(last, it->second);
  }
  const auto behind = std::ranges::upper_bound(good_in_history_, key, {}, &std::pair<RecordKey, Position>::first);
  if (behind != good_in_history_.begin() && std::prev(behind)->first == key)
    KeepGreatest(last, std::prev(behind)->second);
  const std::string prefix = GoodRecordsPrefix(key);
  const absl::Status walked = view.Each(Family::kIndex, prefix, [&](std::string_view found, std::string_view value) {
    KeepGreatest(last, ReadGoodRecord(key.topic, KeyReader(found.substr(prefix.size())).Number32(), value));
    return true;
  });
  if (!walked.ok()) return walked;
  if (!KeyedByEntity(key.topic) || !key.number()) return last;
  const auto in_history = LastOfOwnKey(view, key);
  if (!in_history.ok()) return in_history.status();
  if (*in_history) KeepGreatest(last, **in_history);
  return last;
}

absl::Status DeviationLog::SettleRaised(const View& view, const Register& reg, Rows& rows) const {
  for (auto& [key, row] : rows) {
    if (!row.last) continue;
    absl::StatusOr<std::optional<Position>> good = std::optional<Position>();
    if (row.key) {
      good = LastGoodRecord(view, *row.key);
    } else if (const auto entity = ParseEntity(row.entity)) {
      good = LastAccepted(view, reg, *entity);
    }
    if (!good.ok()) return good.status();
    row.settled = row.settled || (good->has_value() && **good > *row.last);
  }
  return absl::OkStatus();
}

absl::Status DeviationLog::SettleOthers(const View& view, Rows& rows) const {
  const auto settle = [&](const std::set<std::string>& keys, const Position& good) {
    for (const std::string& key : keys) {
      if (rows.contains(key)) continue;
      const auto stored = ReadRow(view, key);
      if (!stored.ok()) return stored.status();
      if (!stored->has_value() || good <= *(*stored)->last) continue;
      rows[key] = **stored;
      rows[key].settled = true;
    }
    return absl::OkStatus();
  };
  for (const auto& [entity, good] : accepted_) {
    const auto it = standing_.find(entity);
    if (it == standing_.end()) continue;
    if (absl::Status settled = settle(it->second, good); !settled.ok()) return settled;
  }
  const auto settle_records = [&](const RecordKey& key, const Position& good) {
    const auto it = standing_records_.find(key);
    return it == standing_records_.end() ? absl::OkStatus() : settle(it->second, good);
  };
  for (const auto& [key, good] : good_records_) {
    if (absl::Status settled = settle_records(key.first, good); !settled.ok()) return settled;
  }
  for (const auto& [key, good] : good_in_history_) {
    if (absl::Status settled = settle_records(key, good); !settled.ok()) return settled;
  }
  return absl::OkStatus();
}

void DeviationLog::Track(const std::string& key, const Deviation& d) {
  // Deviations of state, and records that no other can mend, are settled by key.
  if (!d.last) return;
  const bool stands = !d.settled && d.count > 0;
  const auto track = [&](auto& standing, const auto& of) {
    if (stands) {
      standing[of].insert(key);
    } else if (const auto it = standing.find(of); it != standing.end()) {
      it->second.erase(key);
      if (it->second.empty()) standing.erase(it);
    }
  };
  if (d.key) {
    track(standing_records_, *d.key);
  } else if (const auto entity = ParseEntity(d.entity)) {
    track(standing_, *entity);
  }
}

void DeviationLog::WriteRows(Rows& rows, Batch& batch) {
  for (auto& [key, row] : rows) {
    Track(key, row);
    if (row.count == 0) {
      // Its id stays taken.
      batch.Delete(Family::kDeviations, key);
      continue;
    }
    if (row.id == 0) {
      row.id = next_id_++;
      batch.Put(Family::kIndex, DeviationIdKey(row.id), key);
    }
    batch.Put(Family::kDeviations, key, EncodeDeviation(row));
  }
  for (const auto& [key, good] : good_records_) {
    batch.Put(Family::kIndex, GoodRecordKey(key.first, key.second),
              KeyBuilder().Number64(good.known_from.ms).Number64(good.offset).Take());
  }
}

absl::Status DeviationLog::Write(const View& view, const Register& reg, Batch& batch) {
  Rows rows;
  // Only what is raised is looked for among them.
  if (!noted_.empty()) std::sort(good_in_history_.begin(), good_in_history_.end());
  if (absl::Status taken = TakeConflicts(view, rows); !taken.ok()) return taken;
  if (absl::Status taken = TakeNotes(view, rows); !taken.ok()) return taken;
  if (absl::Status settled = SettleRaised(view, reg, rows); !settled.ok()) return settled;
  if (absl::Status settled = SettleOthers(view, rows); !settled.ok()) return settled;
  if (absl::Status taken = TakeMended(view, rows); !taken.ok()) return taken;
  if (absl::Status taken = TakeStates(view, rows); !taken.ok()) return taken;
  WriteRows(rows, batch);
  noted_.clear();
  conflicts_.clear();
  states_.clear();
  mended_.clear();
  accepted_.clear();
  good_records_.clear();
  good_in_history_.clear();
  return absl::OkStatus();
}

absl::Status DecideOnDeviation(const View& view, int64_t id, DeviationDecision decision, Batch& batch) {
  auto found = FindDeviation(view, id);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return absl::NotFoundError("there is no deviation with this id; list them to find it");
  Deviation row = **std::move(found);
  if (row.settled) {
    return absl::FailedPreconditionError("the deviation has resolved by itself; nothing is left to decide");
  }
  decision.count = row.count;
  row.decision = std::move(decision);
  batch.Put(Family::kDeviations, KeyOf(row), EncodeDeviation(row));
  return absl::OkStatus();
}

}  // namespace flosync
