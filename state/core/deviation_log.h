// Keeps the deviations by code and entity (R22): what was wrong, first and last seen, how often, and whether it stands.
//
// Operation: during a commit the core tells what was found (Note, SetConflicts), what was good (Accepted,
// AcceptedRecord) and what holds of the state (SetState); Write merges all of it into the stored entries. A deviation
// of an entity is settled by any record of the entity that is later in position than its last occurrence and was taken,
// a deletion included; one of a record that names no entity by a later record of the same topic and key of which
// everything was taken; one of the state when its condition ends. One whose last occurrence was mended where it stood
// is settled as well. Everything is by position, so the log does not depend on how records were batched or partitions
// interleaved. Concurrency: one writer; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/status/status.h>

#include "domain/register_change.h"
#include "state/core/deviation.h"
#include "state/register/register.h"

namespace flosync {

class DeviationLog {
 public:
  // Learns which deviations stand. Call once, before all others.
  [[nodiscard]] absl::Status Load(const View& view);

  // `entity` in the form of A14. The same code of the same element of a record counts once.
  void Note(const DeviationNote& note, const std::string& entity, const std::string& line, const Position& at,
            const std::optional<RecordKey>& key = std::nullopt);
  // A line of a file that is no record: it has neither position nor time, and is the same when it is read again.
  void NoteLine(const DeviationNote& note, const std::string& line);
  // Replaces what is known of conflicting versions of an entity; a count of 0 removes it.
  void SetConflicts(const std::string& entity, int64_t count, const Position& first, const Position& last);
  // A deviation of state holds, or does not hold any more, since the sync instant `at`. Saying the same again changes
  // nothing but the detail; the last word of a commit counts.
  void SetState(DeviationCode code, const std::string& entity, bool open, const std::string& detail, Instant at);
  // A state or deletion of the entity was taken. In ascending order of entities, each at most once a commit.
  void Accepted(const EntityId& entity, const Position& at) { accepted_.emplace_back(entity, at); }
  // Every element of the record was taken, or it is of no consequence.
  void AcceptedRecord(const RecordKey& key, const Position& at);
  // The same of a record whose key is the number of its entity, in a topic that is KeyedByEntity: the history has it.
  void AcceptedInHistory(const RecordKey& key, const Position& at) { good_in_history_.emplace_back(key, at); }
  // As AcceptedRecord, of a record that was read again: others of its key may have been good since.
  [[nodiscard]] absl::Status AcceptedRecordAgain(const View& view, const RecordKey& key, const Position& at);
  // The record was read again and does not raise this any more: settles it if its last occurrence was there.
  void Mended(DeviationCode code, const std::string& entity, const Position& record);

  // Merges all of this into the store. `reg` has the records of the commit, `view` has not.
  [[nodiscard]] absl::Status Write(const View& view, const Register& reg, Batch& batch);

 private:
  using Rows = std::map<std::string, Deviation>;  // by key of the store
  struct StateChange {
    Deviation deviation;
    bool open = false;
  };

  [[nodiscard]] absl::Status TakeConflicts(const View& view, Rows& rows);
  [[nodiscard]] absl::Status TakeNotes(const View& view, Rows& rows);
  [[nodiscard]] absl::Status TakeMended(const View& view, Rows& rows) const;
  [[nodiscard]] absl::Status TakeStates(const View& view, Rows& rows) const;
  [[nodiscard]] absl::Status SettleRaised(const View& view, const Register& reg, Rows& rows) const;
  [[nodiscard]] absl::Status SettleOthers(const View& view, Rows& rows) const;
  [[nodiscard]] absl::StatusOr<std::optional<Position>> LastAccepted(const View& view, const Register& reg,
                                                                     const EntityId& entity) const;
  [[nodiscard]] absl::StatusOr<std::optional<Position>> LastGoodRecord(const View& view, const RecordKey& key) const;
  void WriteRows(Rows& rows, Batch& batch);
  // Keeps `standing_` in step with an entry; `key` is that of the store.
  void Track(const std::string& key, const Deviation& deviation);

  // Of the commit under way.
  Rows noted_;      // counts since the last Write
  Rows conflicts_;  // whole entries
  std::map<std::string, StateChange> states_;
  std::map<std::string, std::set<Position>> mended_;
  std::vector<std::pair<EntityId, Position>> accepted_;
  absl::btree_map<std::pair<RecordKey, int32_t>, Position> good_records_;  // by partition
  std::vector<std::pair<RecordKey, Position>> good_in_history_;

  // Which deviations of records stand, so that good records need not look for them in the store.
  absl::btree_map<EntityId, std::set<std::string>> standing_;
  absl::btree_map<RecordKey, std::set<std::string>> standing_records_;
  int64_t next_id_ = 1;
};

// Puts a person's decision on a deviation into the batch. NOT_FOUND: there is none with this id; FAILED_PRECONDITION: a
// later record or the end of its condition has resolved it already.
[[nodiscard]] absl::Status DecideOnDeviation(const View& view, int64_t id, DeviationDecision decision, Batch& batch);

}  // namespace flosync
