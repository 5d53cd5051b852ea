// Reads refused records again, once the decoder has been mended.
//
// Operation: Run goes through the places of all refusals kept (state/core/refused_record.h), at most kSlice at a time:
// the finder fetches the records that are still there, beside the source that goes on reading; they are decoded and
// handed to the writer, which commits them between two batches. Each such commit is whole, so what ends Run leaves the
// rest to the next one. What is still refused, or gone, stays kept. Concurrency: Run and Stop from any thread; one Run
// at a time.
//
//   Redrive redrive(&store, std::make_unique<FileRecordFinder>("replay/"), config.decoder(), &commands);
//   RedriveOutcome outcome;
//   absl::Status run = redrive.Run(outcome);  // outcome.mended records have taken effect where they stood
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <absl/status/status.h>

#include "connectors/decode/decoder.h"
#include "connectors/record.h"
#include "daemon/writer_commands.h"
#include "state/core/refused_record.h"
#include "state/store/store.h"

namespace flosync {

struct RedriveOutcome {
  int64_t kept = 0;           // places gone through
  int64_t mended = 0;         // records of which nothing is refused any more
  int64_t still_refused = 0;  // of which something is
  int64_t revision = 0;       // of the last commit; 0 = there was none
};

class Redrive {
 public:
  using Decoder = std::function<DecodedRecord(const RawRecord& record, const DecoderConfig& config)>;
  static constexpr size_t kSlice = 1000;

  // Store and commands must outlive it.
  Redrive(const Store* store, std::unique_ptr<RecordFinder> finder, DecoderConfig config, WriterCommands* commands,
          Decoder decode = Decode);

  // ABORTED if another Run is under way; FAILED_PRECONDITION while syncing is paused; UNAVAILABLE if the source or the
  // writer cannot be asked; CANCELLED after Stop. `outcome` is what was done, up to the failure if there was one.
  [[nodiscard]] absl::Status Run(RedriveOutcome& outcome);
  // Ends a Run under way soon, and lets no other begin.
  void Stop() { stopping_ = true; }

 private:
  [[nodiscard]] absl::Status RunAlone(RedriveOutcome& outcome);
  [[nodiscard]] absl::Status RunSlice(const std::vector<RefusedRecord>& kept, RedriveOutcome& outcome);
  // Has the writer commit the records, and waits for it.
  [[nodiscard]] absl::Status HandOver(std::vector<DecodedRecord> records, RedriveOutcome& outcome);

  const Store* const store_;
  const std::unique_ptr<RecordFinder> finder_;
  DecoderConfig config_;
  WriterCommands* const commands_;
  const Decoder decode_;
  std::atomic<bool> running_ = false;
  std::atomic<bool> stopping_ = false;
};

}  // namespace flosync
