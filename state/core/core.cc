#include "state/core/core.h"

#include <algorithm>

#include "state/geography/stored_tables.h"
#include "state/register/stored_register.h"
#include "state/store/codec.h"
#include "state/store/figure_codec.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

constexpr std::string_view kClockKey = "clock";
constexpr std::string_view kCountsKey = "counts";
constexpr std::string_view kCompleteKey = "complete";
constexpr std::string_view kMarkPrefix = "mark/";

std::string NumberValue(int64_t value) { return KeyBuilder().Number64(value).Take(); }

store::v1::StoredCounts ToStored(const RecordCounts& counts) {
  store::v1::StoredCounts out;
  out.set_read(counts.read);
  out.set_applied(counts.applied);
  out.set_duplicate(counts.duplicate);
  out.set_older(counts.older);
  out.set_conflicting(counts.conflicting);
  out.set_refused(counts.refused);
  out.set_ignored(counts.ignored);
  out.set_skipped(counts.skipped);
  return out;
}

RecordCounts FromStored(const store::v1::StoredCounts& in) {
  return {in.read(),        in.applied(), in.duplicate(), in.older(),
          in.conflicting(), in.refused(), in.ignored(),   in.skipped()};
}

}  // namespace

absl::Status CheckStoreFormat(const View& view, const std::string& directory) {
  const auto format = view.Get(Family::kMeta, kFormatKey);
  if (!format.ok()) return format.status();
  if (IsFormatRead(format->value_or(std::string(kFormat)))) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "state directory " + directory +
      ": written in a format of another flosync; start that version, or rebuild the state");
}

absl::StatusOr<std::unique_ptr<Core>> Core::Open(Store* store, const Geography* geography, const std::string& epoch,
                                                 const Definitions* definitions) {
  auto core = std::unique_ptr<Core>(new Core(store, geography, definitions));
  if (absl::Status loaded = core->Load(epoch); !loaded.ok()) return loaded;
  return core;
}

absl::Status Core::LoadMeta(const View& view, const std::string& new_epoch) {
  absl::Status failed;
  std::map<std::string, std::string> meta;
  const absl::Status walked = view.Each(Family::kMeta, "", [&](std::string_view key, std::string_view value) {
    if (key.starts_with(kMarkPrefix)) {
      marks_[std::string(key.substr(kMarkPrefix.size()))] = std::string(value);
    } else {
      meta[std::string(key)] = std::string(value);
    }
    return true;
  });
  if (!walked.ok()) return walked;
  const auto format = meta.find(std::string(kFormatKey));
  if (format == meta.end()) {
    epoch_ = new_epoch;
    Batch batch(*store_);
    batch.Put(Family::kMeta, kFormatKey, kFormat);
    batch.Put(Family::kMeta, kEpochKey, epoch_);
    return store_->Commit(batch);
  }
  if (absl::Status known = CheckStoreFormat(view, store_->directory()); !known.ok()) return known;
  epoch_ = meta[std::string(kEpochKey)];
  if (const auto it = meta.find(std::string(kRevisionKey)); it != meta.end())
    revision_ = KeyReader(it->second).Number64();
  if (const auto it = meta.find(std::string(kClockKey)); it != meta.end()) clock_ = {KeyReader(it->second).Number64()};
  if (const auto it = meta.find(std::string(kCompleteKey)); it != meta.end()) {
    last_complete_ = Instant{KeyReader(it->second).Number64()};
  }
  if (const auto it = meta.find(std::string(kCountsKey)); it != meta.end()) {
    const auto stored = ParseStored<store::v1::StoredCounts>(it->second);
    if (!stored.ok()) return stored.status();
    counts_ = FromStored(*stored);
  }
  // A store from before there were imports was counted by the shipped tables.
  if (const auto it = meta.find(std::string(kTablesKey)); it != meta.end()) {
    counted_by_ = it->second;
  } else if (clock_ != Instant::Min()) {
    counted_by_ = Geography::Shipped().tables_hash();
  }
  return absl::OkStatus();
}

absl::Status Core::Load(const std::string& epoch) {
  {
    const View view(*store_);
    if (absl::Status loaded = LoadMeta(view, epoch); !loaded.ok()) return loaded;
    if (absl::Status loaded = partitions_.Load(view); !loaded.ok()) return loaded;
    auto reg = LoadLive(view);
    if (!reg.ok()) return reg.status();
    register_ = *std::move(reg);
    if (absl::Status loaded = alerts_.Load(view, clock_); !loaded.ok()) return loaded;
    if (alerts_.begun()) {
      if (absl::Status loaded = doctors_.Load(view, Moment::Live(clock_)); !loaded.ok()) return loaded;
    }
    if (absl::Status loaded = counted_definitions_.Load(view); !loaded.ok()) return loaded;
  }
  if (absl::Status loaded = deviations_.Load(View(*store_)); !loaded.ok()) return loaded;
  live_ = std::make_unique<LiveIndicators>(geography_, definitions_, &register_);
  if (clock_ == Instant::Min()) return absl::OkStatus();
  absl::btree_map<std::string, Figure> told;
  absl::Status failed;
  const View view(*store_);
  // What was told stands in the areas of the tables it was counted by; the next commit tells what the new ones change.
  std::unique_ptr<const Geography> told_by;
  if (TablesChanged()) {
    auto vintage = LoadVintage(view, counted_by_);
    if (!vintage.ok()) return vintage.status();
    told_by = *std::move(vintage);
    live_->UseTables(told_by.get());
  }
  const absl::Status walked = view.Each(Family::kCells, "", [&](std::string_view key, std::string_view value) {
    const auto stored = ParseStored<store::v1::StoredFigure>(value);
    if (!stored.ok()) {
      failed = stored.status();
      return false;
    }
    told[std::string(key)] = ReadFigure(*stored);
    return true;
  });
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  live_->Start(Moment::Live(clock_), told);
  if (told_by) live_->UseTables(geography_);
  (void)live_->TakeTimerChanges();
  return absl::OkStatus();
}

void Core::TakeRecord(DecodedRecord& record, size_t index, Pending& pending) {
  outcomes_[index] = record.outcome == RecordOutcome::kIgnored ? CountedAs::kIgnored : CountedAs::kRefused;
  if (!record.topic) {
    for (const DeviationNote& note : record.notes) deviations_.NoteLine(note, record.line);
    return;
  }
  const std::string topic(TopicName(*record.topic));
  const auto known_from = partitions_.Take(topic, record.partition, record.offset, record.timestamp);
  if (!known_from) {
    outcomes_[index] = CountedAs::kSkipped;
    return;
  }
  Position position{*known_from, *record.topic, record.partition, record.offset, 0};
  for (const DeviationNote& note : record.notes) {
    position.index = note.index;
    deviations_.Note(note, note.entity.empty() ? "record:" + FormatPosition(position) : note.entity, record.line,
                     position, record.key);
  }
  position.index = 0;
  if (HasRefusals(record)) {
    KeepRefusal(record, position, index);
  } else if (HasOwnKey(record)) {
    deviations_.AcceptedInHistory(*record.key, position);
  } else if (record.key) {
    deviations_.AcceptedRecord(*record.key, position);
  }
  AddChanges(record, position, index, false, pending);
}

void Core::AddChanges(DecodedRecord& record, Position position, size_t index, bool again, Pending& pending) {
  const bool other_key = KeyedByEntity(*record.topic) && !HasOwnKey(record);
  for (DecodedChange& decoded : record.changes) {
    position.index = decoded.index;
    const EntityId entity = EntityOf(decoded.change);
    pending.push_back({entity, {position, ToHistory(std::move(decoded.change))}, index, again, other_key});
  }
}

void Core::WriteFeed(const std::vector<FigureChange>& changes, Batch& batch) {
  if (changes.empty()) return;
  store::v1::StoredRevision revision;
  revision.set_instant_ms(clock_.ms);
  revision.set_updates(static_cast<int32_t>(changes.size()));
  batch.Put(Family::kFeed, FeedKey(revision_, 0), revision.SerializeAsString());
  int32_t index = 0;
  for (const FigureChange& change : changes) {
    store::v1::StoredUpdate update;
    update.set_level(static_cast<uint32_t>(change.area.level));
    update.set_area_code(change.area.code);
    update.set_area_name(change.area.name);
    update.set_definition(change.entry.definition->id);
    update.set_measure(std::string(change.entry.measure->id()));
    update.set_breakdown(change.entry.breakdown_name());
    update.set_unit(std::string(UnitOf(change.entry.kind())));
    if (change.before) WriteFigure(*change.before, update.mutable_before());
    if (change.after) WriteFigure(*change.after, update.mutable_after());
    if (change.cause) Write(*change.cause, update.mutable_cause()->mutable_record());
    update.set_reference_day(live_->moment().d.epoch_days());
    batch.Put(Family::kFeed, FeedKey(revision_, ++index), update.SerializeAsString());
    const std::string key = FigureKey(change.area, change.entry);
    // An empty figure is not kept, so that the figures do not tell how they came to be.
    if (change.after && !(*change.after == EmptyFigure(change.entry))) {
      batch.Put(Family::kCells, key, update.after().SerializeAsString());
    } else {
      batch.Delete(Family::kCells, key);
    }
  }
}

void Core::DeriveAlerts(const CommitInput& input, Batch& batch) {
  const Moment at = Moment::Live(clock_);
  if (!alerts_.begun() && (input.complete || input.whole)) {
    alerts_.Begin(at, batch);
    doctors_.Begin();
  }
  for (const StateDeviationChange& change :
       alerts_.Advance({at, revision_, input.observed ? &*input.observed : nullptr}, batch)) {
    deviations_.SetState(CodeOf(change.code), change.entity, change.open,
                         std::string(StateDeviationDetail(change.code)), clock_);
  }
}

absl::Status Core::AcknowledgeAlert(int64_t id, Acknowledgement acknowledgement, Batch& batch) {
  return alerts_.Acknowledge(id, std::move(acknowledgement), revision_ + 1, batch);
}

void Core::CountOutcomes(size_t first_time) {
  for (size_t i = 0; i < first_time; ++i) {
    ++counts_.read;
    ++CountOf(counts_, outcomes_[i]);
  }
}

absl::Status Core::WriteTables(const View& view, Batch& batch) {
  if (!TablesChanged()) return absl::OkStatus();
  counted_by_ = geography_->tables_hash();
  batch.Put(Family::kMeta, kTablesKey, counted_by_);
  return KeepVintage(view, *geography_, batch);
}

void Core::WriteMeta(const CommitInput& input, Batch& batch) {
  partitions_.Write(batch);
  for (const auto& [name, mark] : input.marks) {
    marks_[name] = mark;
    batch.Put(Family::kMeta, MarkKey(name), mark);
  }
  batch.Put(Family::kMeta, kCountsKey, ToStored(counts_).SerializeAsString());
  batch.Put(Family::kMeta, kClockKey, NumberValue(clock_.ms));
  batch.Put(Family::kMeta, kRevisionKey, NumberValue(revision_));
  if (last_complete_) batch.Put(Family::kMeta, kCompleteKey, NumberValue(last_complete_->ms));
  for (const TimerChange& timer : live_->TakeTimerChanges()) {
    if (timer.cleared) batch.Delete(Family::kTimers, TimerKey(*timer.cleared, timer.contract_id));
    if (timer.set) batch.Put(Family::kTimers, TimerKey(*timer.set, timer.contract_id), "");
  }
}

bool Core::ClockMatters(std::optional<Instant> now) const {
  if (!now) return false;
  if (clock_ == Instant::Min() || OsloDay(*now) > live_->moment().d) return true;
  if (TablesChanged() || counted_definitions_.Changed()) return true;
  const auto timer = live_->NextTimer();
  const auto alert_timer = alerts_.NextTimer();
  const auto doctor_timer = doctors_.NextTimer();
  return (timer && *timer <= *now) || (alert_timer && *alert_timer <= *now) || (doctor_timer && *doctor_timer <= *now);
}

bool Core::AlertsMatter(const CommitInput& input) const {
  if ((input.complete || input.whole) && !alerts_.begun()) return true;
  return input.observed && alerts_.Differs(*input.observed);
}

absl::StatusOr<CommitResult> Core::Commit(CommitInput input) {
  // Progress alone is no reason to write; it goes with the next commit.
  for (const PartitionReport& p : input.partitions) {
    partitions_.Report(p.topic, p.partition, p.position, p.end, p.at_end, p.checked_at);
  }
  const bool first_complete = input.complete && !last_complete_;
  if (input.complete && input.now) last_complete_ = *input.now;
  if (input.records.empty() && input.again.empty() && input.marks.empty() && !first_complete &&
      !ClockMatters(input.now) && !AlertsMatter(input)) {
    return CommitResult{.committed = false, .revision = revision_};
  }
  ++revision_;
  Batch batch(*store_);
  const View view(*store_);
  Pending pending;
  pending.reserve(input.records.size());
  outcomes_.assign(input.records.size(), CountedAs::kSkipped);
  refusals_.clear();
  for (size_t i = 0; i < input.records.size(); ++i) TakeRecord(input.records[i], i, pending);
  for (DecodedRecord& record : input.again) {
    if (absl::Status taken = TakeAgain(view, record, pending); !taken.ok()) return taken;
  }
  const bool started = clock_ != Instant::Min();
  clock_ = std::max(clock_, input.now.value_or(partitions_.greatest().value_or(Instant{})));
  if (!started) live_->Start(Moment::Live(clock_), {});
  if (absl::Status updated = UpdateEntities(view, pending, batch); !updated.ok()) return updated;
  CommitResult result{.committed = true, .revision = revision_};
  CountOutcomes(input.records.size());
  CountRefusals(result);
  WriteRefusals(batch);
  const std::vector<FigureChange> changes = live_->Advance(Moment::Live(clock_));
  WriteFeed(changes, batch);
  DeriveAlerts(input, batch);
  doctors_.Advance(Moment::Live(clock_), revision_, batch);
  if (absl::Status written = deviations_.Write(view, register_, batch); !written.ok()) return written;
  if (absl::Status written = WriteTables(view, batch); !written.ok()) return written;
  counted_definitions_.Write(batch);
  WriteMeta(input, batch);
  if (absl::Status committed = store_->Commit(batch); !committed.ok()) return committed;
  result.updates = static_cast<int32_t>(changes.size());
  return result;
}

absl::Status Core::CommitChange(const Change& change, absl::Status& refused) {
  Batch batch(*store_);
  refused = change(*this, View(*store_), batch);
  if (!refused.ok()) return absl::OkStatus();
  batch.Put(Family::kMeta, kRevisionKey, NumberValue(++revision_));
  return store_->Commit(batch);
}

}  // namespace flosync
