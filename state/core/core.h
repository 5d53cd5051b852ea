// The deterministic core: takes decoded records in, keeps register, live figures, feed, timers and deviations, and
// commits each step as one synced batch together with the source positions. Nothing of a record is ever seen without
// the rest of it.
//
// Operation: Open loads the state of the last commit. Commit applies records in order, moves the clock, derives what
// changed and writes all of it at once; where other reference tables have come since, the first one tells what they
// change. Of a record that is refused its place is kept (RefusedRecord); read again by a mended decoder it takes effect
// where it stood, and is known from that commit on (LateRecords). Time is an input; the core reads no clock, starts no
// thread, draws no random number. Concurrency: one thread owns a Core. Readers use Views of the store. Limitations:
// after a failed Commit the memory is ahead of the disk: throw the core away and open again.
//
//   auto core = Core::Open(&store, &Geography::Shipped(), CoreOptions{});
//   auto committed = (*core)->Commit({.records = …, .marks = …, .now = Instant{…}});
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "domain/decoded_record.h"
#include "state/alerts/alert_book.h"
#include "state/core/deviation_log.h"
#include "state/core/partitions.h"
#include "state/core/refused_record.h"
#include "state/doctors/doctor_book.h"
#include "state/geography/geography.h"
#include "state/indicators/counted_definitions.h"
#include "state/indicators/live_indicators.h"
#include "state/register/register.h"
#include "state/store/store.h"

namespace flosync {

// What became of the records read; the last seven sum to `read`. A batch counts once, by the most that one of its
// elements did.
struct RecordCounts {
  int64_t read = 0;
  int64_t applied = 0;
  int64_t duplicate = 0;
  int64_t older = 0;
  int64_t conflicting = 0;
  int64_t refused = 0;
  int64_t ignored = 0;
  int64_t skipped = 0;
};

// How far a partition of a source has been read; kept for status and for closing reference dates (B1).
struct PartitionReport {
  std::string topic;
  int32_t partition = 0;
  int64_t position = 0;
  std::optional<int64_t> end;
  bool at_end = false;
  Instant checked_at;
};

struct CommitInput {
  std::vector<DecodedRecord> records;  // in the order read
  // Records read again, each once, of which something was refused; of others nothing is taken. They move no partition.
  std::vector<DecodedRecord> again;
  std::map<std::string, std::string> marks;  // the source's resume marks after these records
  std::vector<PartitionReport> partitions;   // what the source says of partitions
  // The sync instant; nothing = record time, the greatest timestamp read. One before the last commit's counts as that
  // one's.
  std::optional<Instant> now;
  bool complete = false;  // after these records every partition has been read to its end
  // The register is whole as far as it was asked for: alerts are derived from here on. `complete` says so too.
  bool whole = false;
  // All operational conditions that hold, if they were looked at (R23).
  std::optional<std::vector<Condition>> observed;
};

struct CommitResult {
  bool committed = false;  // false: there was nothing to write
  int64_t revision = 0;
  int32_t updates = 0;  // figures that changed
  // Of the records read again: of how many nothing is refused any more, and of how many something still is.
  int32_t mended = 0;
  int32_t still_refused = 0;
};

// OK if the store was written in the format of this flosync, or is new; else FAILED_PRECONDITION with what to do.
// `directory` is named in the text.
[[nodiscard]] absl::Status CheckStoreFormat(const View& view, const std::string& directory);

class Core {
 public:
  // All must outlive the core. `epoch` names the store if it is new, so that resume tokens of another are known as
  // such.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Core>> Open(
      Store* store, const Geography* geography, const std::string& epoch,
      const Definitions* definitions = &Definitions::Shipped());

  [[nodiscard]] absl::StatusOr<CommitResult> Commit(CommitInput input);

  // Commits what a person asks for, as a revision of its own: `change` reads the view and fills the batch. What it
  // refuses is no failure: then `refused` says why and nothing is written. An error is that of Commit.
  using Change = std::function<absl::Status(Core& core, const View& view, Batch& batch)>;
  [[nodiscard]] absl::Status CommitChange(const Change& change, absl::Status& refused);
  // Part of a change: somebody has taken an open alert in hand. NOT_FOUND, or FAILED_PRECONDITION if it is resolved.
  [[nodiscard]] absl::Status AcknowledgeAlert(int64_t id, Acknowledgement acknowledgement, Batch& batch);
  void KeepResolvedAlerts(int64_t most) { alerts_.KeepResolved(most); }

  [[nodiscard]] const Register& reg() const { return register_; }
  [[nodiscard]] const LiveIndicators& live() const { return *live_; }
  [[nodiscard]] const AlertBook& alerts() const { return alerts_; }
  [[nodiscard]] const DoctorBook& doctors() const { return doctors_; }
  [[nodiscard]] const RecordCounts& counts() const { return counts_; }
  [[nodiscard]] const Partitions& partitions() const { return partitions_; }
  [[nodiscard]] const std::map<std::string, std::string>& marks() const { return marks_; }
  [[nodiscard]] int64_t revision() const { return revision_; }
  [[nodiscard]] const std::string& epoch() const { return epoch_; }
  // The last sync instant at which every partition had been read to its end.
  [[nodiscard]] std::optional<Instant> last_complete() const { return last_complete_; }
  // The last sync instant; Instant::Min() before the first commit.
  [[nodiscard]] Instant clock() const { return clock_; }
  [[nodiscard]] const Geography& geography() const { return *geography_; }
  [[nodiscard]] const Definitions& definitions() const { return *definitions_; }
  // The vintage of the tables that the stored figures are counted by; empty before the first commit.
  [[nodiscard]] const std::string& counted_by() const { return counted_by_; }
  // Of each definition published no more, how many live figures the next commit deletes, or has deleted since Open.
  [[nodiscard]] const std::map<std::string, int64_t>& dropped_definitions() const {
    return counted_definitions_.dropped();
  }
  [[nodiscard]] Store& store() { return *store_; }

  // B4: no record read from now on counts as known before `floor`. Part of the snapshot's commit.
  void RaiseFloor(Instant floor, Batch& batch) { partitions_.RaiseFloor(floor, batch); }

 private:
  // A change of one commit, with the index of the record it came from: first those of `records`, then those of `again`.
  struct PendingChange {
    EntityId entity;
    PositionedChange change;
    size_t record = 0;
    bool again = false;
    bool other_key = false;  // in a topic that is KeyedByEntity, under another key than its entity's
  };
  using Pending = std::vector<PendingChange>;
  // Those of one entity, in ascending position.
  using EntityChanges = std::span<const PendingChange* const>;

  Core(Store* store, const Geography* geography, const Definitions* definitions)
      : store_(store),
        geography_(geography),
        definitions_(definitions),
        partitions_(definitions->derivation().cutoff_delay),
        alerts_(geography, &register_),
        doctors_(&register_),
        counted_definitions_(definitions) {}
  [[nodiscard]] absl::Status Load(const std::string& epoch);
  [[nodiscard]] absl::Status LoadMeta(const View& view, const std::string& new_epoch);
  void TakeRecord(DecodedRecord& record, size_t index, Pending& pending);
  // The changes of a record that stands at `position`.
  void AddChanges(DecodedRecord& record, Position position, size_t index, bool again, Pending& pending);
  // Of records refused, now or before: core_refusals.cc.
  void KeepRefusal(const DecodedRecord& record, const Position& position, size_t index);
  [[nodiscard]] absl::Status TakeAgain(const View& view, DecodedRecord& record, Pending& pending);
  using CodesAndEntities = std::set<std::pair<DeviationCode, std::string>>;
  void NoteAgain(const DecodedRecord& record, const RefusedRecord& kept, const CodesAndEntities& raised_now);
  void CountRefusals(CommitResult& result);
  void WriteRefusals(Batch& batch);
  // Entity by entity: core_entities.cc.
  [[nodiscard]] absl::Status UpdateEntities(const View& view, const Pending& pending, Batch& batch);
  [[nodiscard]] absl::Status UpdateEntity(const View& view, const EntityId& entity, EntityChanges changes,
                                          Batch& batch);
  // Nothing if the changes are no plain continuation of `state`; what was folded of it is void then.
  [[nodiscard]] std::optional<std::vector<Effect>> FoldOn(EntityState& state, EntityChanges changes) const;
  [[nodiscard]] EntityState CurrentState(const EntityId& entity) const;
  [[nodiscard]] absl::StatusOr<EntityState> FoldAgain(const View& view, const EntityId& entity, EntityChanges changes);
  void WriteHistory(const EntityId& entity, EntityChanges changes, Batch& batch) const;
  void NoteEffect(size_t record, Effect effect);
  void MarkDependents(const EntityId& entity, const EntityState& before, const EntityState& after,
                      const Position& cause);
  void WriteIndex(const EntityId& entity, const EntityState& before, const EntityState& after, Batch& batch);
  void WriteFeed(const std::vector<FigureChange>& changes, Batch& batch);
  void DeriveAlerts(const CommitInput& input, Batch& batch);
  // Something to write although there are no records: alerts that begin, or other operational ones.
  [[nodiscard]] bool AlertsMatter(const CommitInput& input) const;
  // With the figures: which tables they are counted by, and the tables themselves.
  [[nodiscard]] absl::Status WriteTables(const View& view, Batch& batch);
  void WriteMeta(const CommitInput& input, Batch& batch);
  void CountOutcomes(size_t first_time);
  // The stored figures are counted by other tables than those given, or there are none yet.
  [[nodiscard]] bool TablesChanged() const { return counted_by_ != geography_->tables_hash(); }
  // The clock alone is a reason to commit: a timer is due, a day has begun, or other tables or definitions have come.
  [[nodiscard]] bool ClockMatters(std::optional<Instant> now) const;

  Store* store_;
  const Geography* geography_;
  const Definitions* definitions_;
  Register register_;
  std::unique_ptr<LiveIndicators> live_;
  Partitions partitions_;
  DeviationLog deviations_;
  AlertBook alerts_;
  DoctorBook doctors_;
  CountedDefinitions counted_definitions_;
  RecordCounts counts_;
  std::map<std::string, std::string> marks_;
  std::string epoch_;
  std::string counted_by_;
  int64_t revision_ = 0;
  Instant clock_ = Instant::Min();
  std::optional<Instant> last_complete_;

  // Of the commit under way: what each record counts as so far, and those of which something was or is refused.
  struct Refusal {
    RefusedRecord record;
    size_t index = 0;  // of the record
    bool again = false;
    bool stands = true;
  };
  std::vector<CountedAs> outcomes_;
  std::vector<Refusal> refusals_;
};

// The count of the records that count as this.
[[nodiscard]] int64_t& CountOf(RecordCounts& counts, CountedAs as);

}  // namespace flosync
