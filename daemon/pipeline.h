// Reads a source and decodes its records on a thread of its own, so that the writer only applies them.
//
// Operation: Start opens the source and begins reading; Next hands over batches in the order read, each with the
// source's marks after it. While the consumer is busy what is read joins the last batch, up to `batch_records`, so that
// more is committed together the further behind it is; at most kQueuedBatches wait. Concurrency: one consumer. Stop (or
// the destructor) ends the thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "connectors/decode/decoder.h"
#include "connectors/record.h"
#include "domain/decoded_record.h"

namespace flosync {

struct DecodedBatch {
  std::vector<DecodedRecord> records;
  SourceMarks marks;
  std::vector<PartitionProgress> progress;
  bool finished = false;
  // The source had nothing more when it was asked at `read_at` (steady clock, ms).
  bool idle = false;
  int64_t read_at = 0;
};

class Pipeline {
 public:
  Pipeline(std::unique_ptr<RecordSource> source, DecoderConfig decoder, int batch_records);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  [[nodiscard]] absl::Status Start(const SourceMarks& marks);
  // The next batch, or nothing after `wait`. An error is final: the source's own.
  [[nodiscard]] absl::StatusOr<std::optional<DecodedBatch>> Next(std::chrono::milliseconds wait);
  // The writer has committed up to these marks.
  void Committed(const SourceMarks& marks);
  [[nodiscard]] SourceHealth Health() const { return source_->Health(); }
  void Stop();

 private:
  void Run();
  [[nodiscard]] absl::StatusOr<DecodedBatch> ReadBatch();
  // `batch` can join the one that was queued last without exceeding what a batch may be.
  [[nodiscard]] bool FitsLast(const DecodedBatch& batch) const;
  void TellCommitted();
  [[nodiscard]] std::string StandardName(const std::string& topic) const;

  static constexpr size_t kQueuedBatches = 2;
  static constexpr std::chrono::milliseconds kPollWait{100};

  std::unique_ptr<RecordSource> source_;
  const DecoderConfig decoder_;
  const int batch_records_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<DecodedBatch> queue_;
  std::optional<absl::Status> failed_;
  std::optional<SourceMarks> committed_;
  bool stopping_ = false;
};

}  // namespace flosync
