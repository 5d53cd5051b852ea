#include "daemon/sync_loop.h"

#include <algorithm>
#include <thread>

#include <spdlog/spdlog.h>

#include "daemon/dead_letters.h"
#include "daemon/give_way.h"
#include "daemon/own_work.h"
#include "domain/text.h"
#include "state/snapshots/schedule.h"
#include "state/snapshots/snapshot_maker.h"

namespace flosync {
namespace {

constexpr int64_t kMillisPerMinute = 60000;

// The first of the scheduled times of day (minutes after midnight, Oslo) after `now`.
Instant NextScheduled(const std::vector<int>& minutes, Instant now) {
  Instant next = Instant::Max();
  for (const int ahead : {0, 1}) {
    const Instant midnight = StartOfDay(OsloDay(now).Plus(ahead));
    for (const int minute : minutes) {
      const Instant at{midnight.ms + minute * kMillisPerMinute};
      if (at > now) next = std::min(next, at);
    }
  }
  return next;
}

// Its records count; that the sources' ends were reached does not. Kafka says when that was, files do not.
void Outdate(DecodedBatch& batch, bool files) {
  batch.idle = false;
  for (PartitionProgress& progress : batch.progress) progress.at_end = progress.at_end && !files;
}

}  // namespace

SyncLoop::SyncLoop(Core* core, Pipeline* pipeline, Publication* publication, WriterCommands* commands,
                   SyncOptions options)
    : core_(core),
      pipeline_(pipeline),
      publication_(publication),
      commands_(commands),
      options_(std::move(options)),
      clock_(SystemNow, SteadyNow),
      retention_(core, options_.retention_days),
      feed_trimming_(core, options_.feed),
      started_at_(SystemNow()),
      sync_due_(started_at_) {}

absl::Status SyncLoop::Run() {
  GiveWay(kIntakeNiceness);
  absl::Status stepped = LookForPause();
  PublishStatus();
  while (!stopping_ && stepped.ok()) stepped = Step();
  commands_->Close();
  return stepped;
}

std::chrono::milliseconds SyncLoop::WaitTime(Instant now) const {
  const auto timer = core_->live().NextTimer();
  if (!timer) return kLongestWait;
  return std::clamp(std::chrono::milliseconds(timer->ms - now.ms), std::chrono::milliseconds(1), kLongestWait);
}

void SyncLoop::BeginSync(Instant due) {
  syncing_ = true;
  sync_began_ = SteadyNow().ms;
  sync_due_ = due;
}

bool SyncLoop::SyncDue(Instant now) {
  if (options_.scheduled_minutes.empty() || syncing_) return true;
  if (now < next_sync_) return false;
  BeginSync(now);
  return true;
}

SyncStart SyncLoop::StartSync() {
  if (options_.scheduled_minutes.empty()) return SyncStart::kContinuous;
  if (syncing_) return SyncStart::kRunning;
  BeginSync(clock_.Now());
  return SyncStart::kStarted;
}

absl::Status SyncLoop::LookForPause() {
  auto pause = ReadPause(View(core_->store()));
  if (!pause.ok()) return pause.status();
  if (pause->has_value() == pause_.has_value()) return absl::OkStatus();
  pause_ = *std::move(pause);
  if (!pause_) sync_began_ = SteadyNow().ms;
  // The alert is to come and go with it.
  next_observation_ = Instant::Min();
  return absl::OkStatus();
}

absl::Status SyncLoop::Step() {
  const Instant before = clock_.Now();
  if (!pause_ && SyncDue(before)) {
    auto next = pipeline_->Next(WaitTime(before));
    if (!next.ok()) return next.status();
    if (next->has_value()) {
      if (absl::Status committed = CommitBatch(**next, clock_.Now()); !committed.ok()) return committed;
    }
  } else {
    std::this_thread::sleep_for(WaitTime(before));
  }
  if (absl::Status run = RunCommands(); !run.ok()) return run;
  const Instant now = clock_.Now();
  if (absl::Status moved = MoveClock(now); !moved.ok()) return moved;
  if (absl::Status made = MakeSnapshots(now); !made.ok()) return made;
  if (absl::Status shrunk = Shrink(); !shrunk.ok()) return shrunk;
  if (absl::Status observed = ObserveOwnWork(now); !observed.ok()) return observed;
  if (now.ms - published_at_.ms >= kPublishIntervalMs || now < published_at_) PublishStatus();
  return absl::OkStatus();
}

std::vector<PartitionReport> SyncLoop::Reports(const DecodedBatch& batch, Instant now) {
  std::vector<PartitionReport> reports;
  for (const PartitionProgress& p : batch.progress) {
    reports.push_back({p.topic, p.partition, p.position, p.end, p.at_end, options_.files ? now : p.checked_at});
  }
  if (!options_.files || !batch.idle) return reports;
  for (const auto& [key, state] : core_->partitions().all()) {
    const bool told = std::any_of(reports.begin(), reports.end(), [&key = key](const PartitionReport& r) {
      return r.topic == key.first && r.partition == key.second;
    });
    if (!told) reports.push_back({key.first, key.second, state.position, state.position, true, now});
  }
  return reports;
}

bool SyncLoop::Complete(const DecodedBatch& batch) const {
  if (options_.files) return batch.finished || batch.idle;
  // A topic that is missing has no partitions to be behind in; the source's health tells of it.
  return batch.idle && core_->partitions().AllAtEnd() && pipeline_->Health().connected;
}

absl::StatusOr<CommitResult> SyncLoop::Commit(CommitInput input) {
  const auto began = std::chrono::steady_clock::now();
  auto committed = core_->Commit(std::move(input));
  if (committed.ok() && committed->committed) {
    ++commits_;
    commit_durations_.Add(std::chrono::steady_clock::now() - began);
  }
  return committed;
}

absl::Status SyncLoop::CommitBatch(DecodedBatch& batch, Instant now) {
  input_ended_ = input_ended_ || batch.finished;
  // It was read before a pause ended or a scheduled sync began: there may be more by now.
  if (batch.read_at < sync_began_ && !batch.finished) Outdate(batch, options_.files);
  if (absl::Status dropped = DropNotedLines(View(core_->store()), batch.records); !dropped.ok()) return dropped;
  if (absl::Status noted = AppendDeadLetters(core_->store().directory(), batch.records, core_->partitions());
      !noted.ok()) {
    return noted;
  }
  Instant newest = Instant::Min();
  for (const DecodedRecord& record : batch.records) newest = std::max(newest, record.timestamp);
  if (!options_.files) clock_.Confirm(newest);
  CommitInput input;
  input.partitions = Reports(batch, now);
  input.records = std::move(batch.records);
  input.marks = batch.marks;
  input.now = now;
  input.complete = Complete(batch);
  const bool sync_done = input.complete;
  const auto committed = Commit(std::move(input));
  if (!committed.ok()) return committed.status();
  if (sync_done && !options_.scheduled_minutes.empty()) {
    syncing_ = false;
    next_sync_ = NextScheduled(options_.scheduled_minutes, now);
  }
  if (!committed->committed) return absl::OkStatus();
  pipeline_->Committed(batch.marks);
  PublishStatus();
  return absl::OkStatus();
}

absl::Status SyncLoop::MoveClock(Instant now) {
  if (clock_.held_back() != clock_doubted_) {
    clock_doubted_ = clock_.held_back();
    spdlog::warn(clock_doubted_ ? "the system clock jumped ahead of what can be confirmed; timers and snapshots wait: "
                                  "set the clock, or restart if it is right"
                                : "the system clock is confirmed again");
  }
  CommitInput clock;
  clock.now = now;
  const auto committed = Commit(std::move(clock));
  if (!committed.ok()) return committed.status();
  if (!committed->committed) return absl::OkStatus();
  PublishStatus();
  return absl::OkStatus();
}

absl::Status SyncLoop::RunCommands() {
  for (size_t i = 0; i < WriterCommands::kMaxWaiting; ++i) {
    const auto command = commands_->Take();
    if (!command) break;
    absl::Status refused;
    absl::Status done = command->work(*core_, clock_.Now(), refused);
    const bool changed = done.ok() && refused.ok();
    // Before the next record.
    if (changed) done = LookForPause();
    if (changed && done.ok()) {
      ++commits_;
      PublishStatus();
    }
    command->done(done.ok() ? refused : done);
    if (!done.ok()) return done;
  }
  return absl::OkStatus();
}

absl::Status SyncLoop::MakeSnapshots(Instant now) {
  if (now < next_snapshot_ || !core_->last_complete()) return absl::OkStatus();
  // One at a time, so that records and the clock are not kept waiting by a long row of months.
  const auto made = MakeDueSnapshots(*core_, now, input_ended_, {.most_runs = 1});
  if (!made.ok()) return made.status();
  for (const MadeEdition& edition : *made) {
    spdlog::info("snapshot {} edition {} made", edition.reference_date.ToString(), edition.edition);
  }
  if (!made->empty()) {
    PublishStatus();
    return absl::OkStatus();
  }
  // What is due but cannot be closed yet is tried again soon; else the next one is a month away.
  const auto first = core_->partitions().first();
  const bool all_read =
      input_ended_ || core_->partitions().ReadPast(std::max(core_->partitions().floor(), Instant{now.ms - 1}));
  next_snapshot_ =
      first && all_read ? NextCutoff(now, core_->definitions().derivation().cutoff_delay) : Instant{now.ms + 1000};
  return absl::OkStatus();
}

absl::Status SyncLoop::Shrink() {
  // Not while the first load is under way.
  if (!core_->last_complete()) return absl::OkStatus();
  auto committed = retention_.Step();
  if (committed.ok() && !*committed) committed = feed_trimming_.Step();
  if (!committed.ok()) return committed.status();
  if (*committed) {
    ++commits_;
    PublishStatus();
  }
  return absl::OkStatus();
}

absl::Status SyncLoop::ObserveOwnWork(Instant now) {
  // While months are still being made up for, none of them is late.
  const bool making_snapshots = core_->last_complete() && now >= next_snapshot_;
  if (now < next_observation_ || making_snapshots) return absl::OkStatus();
  const int64_t began = SteadyNow().ms;
  // Continuous syncing is due again as soon as it was complete.
  if (options_.scheduled_minutes.empty() && core_->last_complete()) {
    sync_due_ = std::max(sync_due_, Instant{core_->last_complete()->ms + 1});
  }
  auto facts = ObserveOwnWorkOf(*core_, core_->store(), {now, input_ended_, sync_due_}, options_.alerts);
  if (!facts.ok()) return facts.status();
  if (pause_) facts->paused_since = pause_->since;
  if (const auto audit = publication_->audit(); audit && !audit->ok()) {
    facts->audit_failure = audit->error.empty() ? Join("the last audit named ", audit->differences, " differences")
                                                : Join("the last audit could not be carried out: ", audit->error);
  }
  CommitInput input;
  input.now = now;
  input.observed = OperationalConditions(*facts, options_.alerts);
  const auto committed = Commit(std::move(input));
  if (!committed.ok()) return committed.status();
  if (committed->committed) PublishStatus();
  const int64_t took = SteadyNow().ms - began;
  next_observation_ = {now.ms + std::max(kObserveIntervalMs, took * kObservePauseFactor)};
  return absl::OkStatus();
}

void SyncLoop::PublishStatus() {
  published_at_ = SystemNow();
  DaemonStatus status;
  status.epoch = core_->epoch();
  status.revision = core_->revision();
  status.started_at = started_at_;
  if (core_->clock() != Instant::Min()) status.synced_at = core_->clock();
  status.last_complete_sync = core_->last_complete();
  status.ready = core_->last_complete().has_value();
  for (const auto& [key, state] : core_->partitions().all()) {
    SourceStatus source{key.first, key.second, state.position, state.end, std::nullopt, state.at_end};
    if (state.effective != Instant::Min()) source.newest = state.effective;
    status.sources.push_back(std::move(source));
  }
  status.records = core_->counts();
  status.next_timer = core_->live().NextTimer();
  status.paused = pause_;
  status.source = pipeline_->Health();
  status.commits = commits_;
  status.commit_durations = commit_durations_;
  status.lists_derived = core_->live().lists_derived();
  status.cells_touched = core_->live().cells_touched();
  status.persons = core_->reg().person_count();
  status.contracts = static_cast<int64_t>(core_->reg().contracts().size());
  status.doctor_periods = static_cast<int64_t>(core_->reg().doctor_periods().size());
  publication_->Publish(std::move(status));
}

}  // namespace flosync
