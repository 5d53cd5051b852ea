#include "tests/bench/bench_daemon.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "connectors/synthetic/calendar.h"
#include "daemon/confirmed_clock.h"
#include "tests/bench/measuring.h"
#include "tests/support/must.h"

namespace flosync::bench {
namespace {

constexpr int64_t kLoadedBeforeMs = 3'600'000;  // the register is an hour old
constexpr int kBatchRecords = 1000;             // sync.commit_max_records as shipped
constexpr int32_t kMostResent = 20'000;
constexpr int64_t kChangesMeasured = 100;
constexpr int32_t kMostStreams = 2000;
constexpr int32_t kMostCallsPerSecond = 1'000'000;
constexpr std::chrono::seconds kShutdownDeadline(5);
constexpr std::string_view kVersionMember = R"("sistOppdatert":")";

// Versions of re-sent persons: seconds and a millisecond, so that all are texts of one length.
constexpr int64_t VersionOfRound(int64_t round) { return 1000 * round + 1; }

std::string VersionText(int64_t version) {
  std::string text;
  synthetic::AppendDateTime(text, synthetic::OsloMidnight(synthetic::MakeDay(2024, 1, 1)) + version);
  return text;
}

// The change is counted from 0 over all GPs in turn, so that each becomes the one and then the other.
std::string ChangedGp(int64_t gps, int64_t change, int32_t& number) {
  number = NumberOfGp(change % gps);
  const bool as_at_first = change / gps % 2 == 1;
  return DoctorJson(number, SpecialistAtFirst(number) == as_at_first, change + 1);
}

}  // namespace

PlannedSource::PlannedSource(int32_t persons, int64_t next_offset)
    : gps_(persons / kPersonsPerList), next_offset_(next_offset), changes_(kChangesMeasured) {
  for (int32_t number = 1; number <= std::min(persons, kMostResent); ++number) {
    if (number % kPersonsPerList == 1) continue;
    Template person{.number = number, .json = DoctorJson(number, SpecialistAtFirst(number), VersionOfRound(0))};
    person.version_at = person.json.find(kVersionMember) + kVersionMember.size();
    resent_.push_back(std::move(person));
  }
}

void PlannedSource::Plan(const Load& load) {
  {
    const std::lock_guard lock(mutex_);
    load_ = load;
    planned_at_ = Clock::now();
    changes_of_plan_ = 0;
    resent_of_plan_ = 0;
  }
  planned_.notify_all();
}

int64_t PlannedSource::ChangesDue(int64_t most) const {
  const std::chrono::duration<double> since = Clock::now() - planned_at_;
  const double due = since.count() * load_.changes_per_second - static_cast<double>(changes_of_plan_);
  const int64_t left = load_.most_changes - changes_of_plan_;
  return std::min({static_cast<int64_t>(std::max(due, 0.0)), load_.most_changes_at_once, left, most});
}

int64_t PlannedSource::ResentDue(int64_t batch) const {
  if (std::isinf(load_.resent_per_second)) return batch;
  const std::chrono::duration<double> since = Clock::now() - planned_at_;
  return since.count() * load_.resent_per_second - static_cast<double>(resent_of_plan_) < static_cast<double>(batch)
             ? 0
             : batch;
}

PlannedSource::Clock::time_point PlannedSource::NextDue(int64_t batch) const {
  double seconds = std::numeric_limits<double>::infinity();
  if (load_.changes_per_second > 0 && changes_of_plan_ < load_.most_changes) {
    seconds = static_cast<double>(changes_of_plan_ + 1) / load_.changes_per_second;
  }
  if (load_.resent_per_second > 0) {
    seconds = std::min(seconds, static_cast<double>(resent_of_plan_ + batch) / load_.resent_per_second);
  }
  if (std::isinf(seconds)) return Clock::time_point::max();
  return planned_at_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

RawRecord PlannedSource::NextChange(Instant at) {
  int32_t number = 0;
  std::string json = ChangedGp(gps_, changes_++, number);
  return RecordOf("hpr.person", number, std::move(json), next_offset_++, at);
}

RawRecord PlannedSource::NextResent(Instant at) {
  const auto persons = static_cast<int64_t>(resent_.size());
  if (resends_ % persons == 0) version_ = VersionText(VersionOfRound(resends_ / persons + 1));
  Template& person = resent_[static_cast<size_t>(resends_++ % persons)];
  person.json.replace(person.version_at, version_.size(), version_);
  return RecordOf("hpr.person", person.number, person.json, next_offset_++, at);
}

absl::StatusOr<PolledRecords> PlannedSource::Poll(int max_records, std::chrono::milliseconds max_wait) {
  const auto until = Clock::now() + max_wait;
  PolledRecords polled;
  std::unique_lock lock(mutex_);
  int64_t changes = ChangesDue(max_records);
  int64_t resent = ResentDue(max_records);
  while (changes == 0 && resent == 0 && Clock::now() < until) {
    planned_.wait_until(lock, std::min(until, NextDue(max_records)));
    changes = ChangesDue(max_records);
    resent = ResentDue(max_records);
  }
  resent = std::min(resent, max_records - changes);
  changes_of_plan_ += changes;
  resent_of_plan_ += resent;
  const Instant at = SystemNow();
  while (changes-- > 0) polled.records.push_back(NextChange(at));
  while (resent-- > 0) polled.records.push_back(NextResent(at));
  return polled;
}

BenchDaemon::BenchDaemon(int32_t persons) : core_({SystemNow().ms - kLoadedBeforeMs}) {
  FillRegister(core_, persons);
  MeasureUpdates(persons / kPersonsPerList);
  auto source = std::make_unique<PlannedSource>(persons, core_.next_offset());
  source_ = source.get();
  pipeline_ = std::make_unique<Pipeline>(std::move(source), DecoderConfig{}, kBatchRecords);
  Serve();
}

void BenchDaemon::MeasureUpdates(int64_t gps) {
  int64_t updates = 0;
  for (int64_t change = 0; change < kChangesMeasured; ++change) {
    int32_t number = 0;
    std::string json = ChangedGp(gps, change, number);
    core_.Tell(RecordOf("hpr.person", number, std::move(json), 0, {}));
    updates += core_.Commit().updates;
  }
  updates_per_change_ = static_cast<double>(updates) / kChangesMeasured;
}

void BenchDaemon::Serve() {
  publication_ = std::make_unique<Publication>(&core_.store(), &Geography::Shipped());
  // Before the server's own listener.
  publication_->AddListener([this] { NotePublished(); });
  loop_ = std::make_unique<SyncLoop>(&core_.core(), pipeline_.get(), publication_.get(), &commands_, SyncOptions{});
  ServerOptions options;
  options.access_log = core_.directory() + "/access_log.ndjson";
  options.security.max_calls_per_second = kMostCallsPerSecond;
  options.max_streams = kMostStreams;
  options.max_streams_per_client = kMostStreams;
  server_ = Must(GrpcServer::Start(options, publication_.get(), &commands_));
  Must(pipeline_->Start({}));
  writer_ = std::thread([this] { Must(loop_->Run()); });
}

BenchDaemon::~BenchDaemon() {
  loop_->Stop();
  writer_.join();
  commands_.Close();
  server_->Shutdown(std::chrono::system_clock::now() + kShutdownDeadline);
  pipeline_->Stop();
}

void BenchDaemon::NotePublished() {
  const int64_t now = NowNs();
  const auto status = publication_->status();
  const RecordCounts& records = status->records;
  // A load of records that are refused, or have no effect, would be another benchmark.
  if (records.applied != records.read) Must(absl::InternalError("the daemon did not take every record"));
  const int64_t revision = status->revision;
  const std::lock_guard lock(mutex_);
  while (noted_ < revision) published_at_[++noted_] = now;
}

std::map<int64_t, int64_t> BenchDaemon::PublishedAt() const {
  const std::lock_guard lock(mutex_);
  return published_at_;
}

void BenchDaemon::AwaitQuiet() const {
  constexpr std::chrono::milliseconds kQuiet(700);  // longer than anything that is published by itself
  int64_t before = -1;
  while (before != status()->revision) {
    before = status()->revision;
    std::this_thread::sleep_for(kQuiet);
  }
}

}  // namespace flosync::bench
