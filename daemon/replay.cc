#include "daemon/replay.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>

#include "connectors/file/file_source.h"
#include "connectors/file/read_share.h"
#include "daemon/dead_letters.h"
#include "daemon/epoch.h"
#include "daemon/output_file.h"
#include "daemon/pipeline.h"
#include "domain/text.h"
#include "state/alerts/state_deviations.h"
#include "state/core/deviation_report.h"
#include "state/geography/stored_tables.h"
#include "state/snapshots/schedule.h"
#include "state/snapshots/snapshot.h"

namespace flosync {
namespace {

// Holds back what `--until` and `--known-at` leave out: in every partition the first record that counts as known at or
// after the earlier of the two, and all behind it. From the first record held back on, resume marks are not kept, so
// that a later run reads on from there.
class RecordGate {
 public:
  RecordGate(std::optional<Instant> until, std::optional<Instant> known_at, const Partitions& partitions)
      : end_(until && known_at ? std::min(*until, *known_at)
             : until           ? until
                               : known_at) {
    for (const auto& [key, state] : partitions.all()) effective_[key] = state.effective;
  }

  void Apply(DecodedBatch& batch) {
    if (!end_) return;
    std::erase_if(batch.records, [this](const DecodedRecord& record) { return HoldsBack(record); });
    if (held_back_) batch.marks.clear();
  }
  // Some record was.
  [[nodiscard]] bool held_back() const { return held_back_; }

 private:
  bool HoldsBack(const DecodedRecord& record) {
    if (!record.topic) return false;
    const Partitions::Key key{std::string(TopicName(*record.topic)), record.partition};
    Instant& effective = effective_.try_emplace(key, Instant::Min()).first->second;
    effective = std::max(effective, record.timestamp);
    if (effective < *end_) return false;
    held_back_ = true;
    return true;
  }

  std::optional<Instant> end_;
  std::map<Partitions::Key, Instant> effective_;
  bool held_back_ = false;
};

// `end`: when the replay ended; nothing where there was no record.
absl::Status Export(const Core& core, const View& view, std::optional<Instant> end, const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return absl::FailedPreconditionError(Join(directory, ": cannot be made (", error.message(), ")"));
  const auto headers = ListSnapshots(view);
  if (!headers.ok()) return headers.status();
  for (const SnapshotHeader& header : *headers) {
    const auto csv = SnapshotCsv(view, header);
    if (!csv.ok()) return csv.status();
    const std::string name = Join(header.reference_date.ToString(), ".", header.edition, ".csv");
    const std::string path = std::filesystem::path(directory) / name;
    if (absl::Status written = WriteOutputFile(path, *csv); !written.ok()) return written;
  }
  auto deviations = ReadDeviations(view);
  if (!deviations.ok()) return deviations.status();
  // Those of state are told as of the end of the replay, not as they came and went (A14).
  std::erase_if(*deviations, [](const Deviation& d) { return IsDeviationOfState(d.code); });
  const Moment at = AfterEnd(end.value_or(Instant{}));
  if (end) {
    const std::vector<Deviation> of_state = StateDeviationsAt(core.reg(), core.geography(), *end);
    deviations->insert(deviations->end(), of_state.begin(), of_state.end());
  }
  return WriteOutputFile(std::filesystem::path(directory) / "deviations.csv",
                         DeviationsCsv(*std::move(deviations), core.reg(), at));
}

absl::Status ReadAll(Core& core, Pipeline& pipeline, RecordGate& gate, const ReplayOptions& options) {
  const ReadShare share(options.input_path);
  bool finished = false;
  while (!finished) {
    auto next = pipeline.Next(std::chrono::seconds(1));
    if (!next.ok()) return next.status();
    if (!next->has_value()) continue;
    DecodedBatch& batch = **next;
    finished = batch.finished;
    gate.Apply(batch);
    if (absl::Status dropped = DropNotedLines(View(core.store()), batch.records); !dropped.ok()) return dropped;
    if (absl::Status noted = AppendDeadLetters(options.state_directory, batch.records, core.partitions()); !noted.ok())
      return noted;
    CommitInput input;
    input.records = std::move(batch.records);
    input.marks = std::move(batch.marks);
    const auto committed = core.Commit(std::move(input));
    if (!committed.ok()) return committed.status();
    if (options.progress) options.progress(core.counts().read, share.Of(core.marks()));
  }
  return absl::OkStatus();
}

// INVALID_ARGUMENT for a date beyond those that snapshots are made of: D itself is to be made (B2).
absl::Status CheckUntil(Day until, const Geography& geography) {
  if (kFirstStructureDate <= until && until <= geography.last_reference_date()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      Join("--until ", until.ToString(), ": snapshots are made of ", kFirstStructureDate.ToString(), " to ",
           geography.last_reference_date().ToString(), ", the last being ", kMostYearsPastTables,
           " years after the reference tables; give a date between, or load newer tables (flosync state "
           "import-reference)"));
}

// What has taken effect cannot be taken back.
absl::Status CheckKnownAt(Instant known_at, const Partitions& partitions) {
  if (partitions.greatest().value_or(Instant::Min()) < known_at) return absl::OkStatus();
  return absl::FailedPreconditionError(Join("the state holds records known up to ", FormatUtc(*partitions.greatest()),
                                            " already, and --known-at ", FormatUtc(known_at),
                                            " leaves those out; give a --state of its own"));
}

absl::Status CheckOptions(const ReplayOptions& options, const Core& core) {
  if (options.until) {
    if (absl::Status checked = CheckUntil(*options.until, core.geography()); !checked.ok()) return checked;
  }
  return options.known_at ? CheckKnownAt(*options.known_at, core.partitions()) : absl::OkStatus();
}

absl::Status NoRecords(const std::string& input_path) {
  return absl::FailedPreconditionError(
      Join(input_path,
           ": has no records; give a directory with lines in .ndjson, .ndjson.gz or .ndjson.zst files, or "
           "one such file"));
}

// Moves the clock on to the end of the replay and makes what is due by then.
absl::Status MakeSnapshots(Core& core, Instant end, ReplayResult& result) {
  CommitInput clock;
  clock.now = end;
  clock.whole = true;
  if (const auto committed = core.Commit(std::move(clock)); !committed.ok()) return committed.status();
  auto made = MakeDueSnapshots(core, end, true);
  if (!made.ok()) return made.status();
  result.editions_made = *std::move(made);
  const Day last = core.geography().last_reference_date();
  if (OsloDay(end) > last) result.snapshots_end_at = last;
  return absl::OkStatus();
}

// Reads the input, makes what is due, exports.
absl::Status Run(Core& core, const ReplayOptions& options, ReplayResult& result) {
  if (absl::Status checked = CheckOptions(options, core); !checked.ok()) return checked;
  Pipeline pipeline(std::make_unique<FileSource>(FileSourceOptions{.path = options.input_path, .follow = false}),
                    DecoderConfig{}, options.batch_records);
  if (absl::Status opened = pipeline.Start(core.marks()); !opened.ok()) return opened;
  std::optional<Instant> until;
  if (options.until) until = ReferenceInstant(*options.until, options.definitions->derivation().cutoff_delay);
  RecordGate gate(until, options.known_at, core.partitions());
  if (absl::Status read = ReadAll(core, pipeline, gate, options); !read.ok()) return read;
  if (core.counts().read == 0 && !gate.held_back()) return NoRecords(options.input_path);
  const auto greatest = core.partitions().greatest();
  const std::optional<Instant> end = greatest ? std::optional(until.value_or(*greatest)) : std::nullopt;
  if (end) {
    if (absl::Status made = MakeSnapshots(core, *end, result); !made.ok()) return made;
  }
  const View view(core.store());
  auto digest = StateDigest(view);
  if (!digest.ok()) return digest.status();
  result.state_digest = *std::move(digest);
  return options.export_directory ? Export(core, view, end, *options.export_directory) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<ReplayResult> Replay(const ReplayOptions& options) {
  const auto started = std::chrono::steady_clock::now();
  auto store = Store::Open(options.state_directory);
  if (!store.ok()) return store.status();
  const auto geography = LoadGeography(View(**store));
  if (!geography.ok()) return geography.status();
  auto core = Core::Open(store->get(), geography->get(), NewEpoch(), options.definitions);
  if (!core.ok()) return core.status();
  ReplayResult result;
  const int64_t read_before = (*core)->counts().read;
  if (absl::Status done = Run(**core, options, result); !done.ok()) return done;
  result.counts = (*core)->counts();
  result.records = result.counts.read - read_before;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  return result;
}

}  // namespace flosync
