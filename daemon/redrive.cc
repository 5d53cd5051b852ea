#include "daemon/redrive.h"

#include <future>
#include <optional>
#include <string>
#include <utility>

#include "state/core/pause.h"

namespace flosync {
namespace {

// Records are handed over once their values come to so much.
constexpr int64_t kMaxBytes = int64_t{16} * 1024 * 1024;

absl::Status CheckNotPaused(const View& view) {
  const auto pause = ReadPause(view);
  if (!pause.ok()) return pause.status();
  if (!pause->has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "syncing is paused, so no record takes effect; resume it (`flosync sync resume`)");
}

// Whether it is the record that was refused: a topic that was made anew has others at its offsets, of a later time.
bool IsOf(const RefusedRecord& kept, const RawRecord& raw, const DecodedRecord& decoded) {
  const Position& at = kept.position;
  return raw.timestamp <= at.known_from && decoded.topic == at.topic && decoded.partition == at.partition &&
         decoded.offset == at.offset;
}

}  // namespace

Redrive::Redrive(const Store* store, std::unique_ptr<RecordFinder> finder, DecoderConfig config,
                 WriterCommands* commands, Decoder decode)
    : store_(store),
      finder_(std::move(finder)),
      config_(std::move(config)),
      commands_(commands),
      decode_(std::move(decode)) {
  // They have their letters.
  config_.keep_dead_letter_values = false;
}

absl::Status Redrive::Run(RedriveOutcome& outcome) {
  if (running_.exchange(true)) {
    return absl::AbortedError("refused records are being read again already; wait until that is done, the log tells");
  }
  absl::Status run = RunAlone(outcome);
  running_ = false;
  return run;
}

absl::Status Redrive::RunAlone(RedriveOutcome& outcome) {
  std::optional<Position> after;
  if (absl::Status checked = CheckNotPaused(View(*store_)); !checked.ok()) return checked;
  while (true) {
    const auto kept = ReadRefused(View(*store_), after, kSlice);
    if (!kept.ok()) return kept.status();
    if (kept->empty()) return absl::OkStatus();
    if (absl::Status run = RunSlice(*kept, outcome); !run.ok()) return run;
    after = kept->back().position;
    outcome.kept += std::ssize(*kept);
  }
}

absl::Status Redrive::RunSlice(const std::vector<RefusedRecord>& kept, RedriveOutcome& outcome) {
  std::vector<RecordPlace> places;
  places.reserve(kept.size());
  for (const RefusedRecord& record : kept) {
    const Position& at = record.position;
    places.push_back({config_.topic_names.at(static_cast<size_t>(at.topic)), at.partition, at.offset, record.line});
  }
  std::vector<DecodedRecord> decoded;
  int64_t bytes = 0;
  const auto take = [&](size_t place, const RawRecord& raw) {
    DecodedRecord record = decode_(raw, config_);
    if (!IsOf(kept[place], raw, record)) return absl::OkStatus();
    bytes += record.value_bytes;
    decoded.push_back(std::move(record));
    if (bytes < kMaxBytes) return absl::OkStatus();
    bytes = 0;
    return HandOver(std::exchange(decoded, {}), outcome);
  };
  if (absl::Status found = finder_->Find(places, stopping_, take); !found.ok()) return found;
  return HandOver(std::move(decoded), outcome);
}

absl::Status Redrive::HandOver(std::vector<DecodedRecord> records, RedriveOutcome& outcome) {
  if (stopping_) return absl::CancelledError("the daemon is stopping; try again when it is back");
  if (records.empty()) return absl::OkStatus();
  const auto work = [&](Core& core, Instant now, absl::Status& refused) {
    refused = CheckNotPaused(View(core.store()));
    if (!refused.ok()) return absl::OkStatus();
    CommitInput input;
    input.again = std::move(records);
    input.now = now;
    const auto committed = core.Commit(std::move(input));
    if (!committed.ok()) return committed.status();
    outcome.mended += committed->mended;
    outcome.still_refused += committed->still_refused;
    outcome.revision = committed->revision;
    return absl::OkStatus();
  };
  // Whoever carries the work out may still be at its end when it is waited for no more.
  const auto done = std::make_shared<std::promise<absl::Status>>();
  std::future<absl::Status> outcome_of_work = done->get_future();
  absl::Status posted =
      commands_->Post({.work = work, .done = [done](const absl::Status& status) { done->set_value(status); }});
  return posted.ok() ? outcome_of_work.get() : posted;
}

}  // namespace flosync
