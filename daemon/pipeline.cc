#include "daemon/pipeline.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/confirmed_clock.h"
#include "daemon/give_way.h"

namespace flosync {
namespace {

// What was read next joins what still waits, so that it is committed with it.
void Append(DecodedBatch next, DecodedBatch& into) {
  into.records.insert(into.records.end(), std::make_move_iterator(next.records.begin()),
                      std::make_move_iterator(next.records.end()));
  for (auto& [name, mark] : next.marks) into.marks[name] = std::move(mark);
  into.progress.insert(into.progress.end(), next.progress.begin(), next.progress.end());
  into.finished = next.finished;
  into.idle = next.idle;
  into.read_at = next.read_at;
}

}  // namespace

Pipeline::Pipeline(std::unique_ptr<RecordSource> source, DecoderConfig decoder, int batch_records)
    : source_(std::move(source)), decoder_(std::move(decoder)), batch_records_(batch_records) {}

Pipeline::~Pipeline() { Stop(); }

absl::Status Pipeline::Start(const SourceMarks& marks) {
  if (absl::Status opened = source_->Open(marks); !opened.ok()) return opened;
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void Pipeline::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

absl::StatusOr<DecodedBatch> Pipeline::ReadBatch() {
  const int64_t read_at = SteadyNow().ms;
  auto polled = source_->Poll(batch_records_, kPollWait);
  if (!polled.ok()) return polled.status();
  DecodedBatch batch;
  batch.read_at = read_at;
  batch.idle = polled->records.empty();
  batch.finished = polled->finished;
  batch.marks = std::move(polled->marks);
  batch.progress = std::move(polled->progress);
  // From here on a topic goes by what it carries, whatever the operator calls it.
  for (PartitionProgress& progress : batch.progress) progress.topic = StandardName(progress.topic);
  batch.records.reserve(polled->records.size());
  for (const RawRecord& record : polled->records) batch.records.push_back(Decode(record, decoder_));
  return batch;
}

std::string Pipeline::StandardName(const std::string& topic) const {
  const auto& names = decoder_.topic_names;
  const auto it = std::find(names.begin(), names.end(), topic);
  return it == names.end() ? topic : std::string(TopicName(static_cast<Topic>(it - names.begin())));
}

void Pipeline::TellCommitted() {
  std::optional<SourceMarks> marks;
  {
    const std::lock_guard lock(mutex_);
    marks = std::exchange(committed_, std::nullopt);
  }
  if (marks) source_->Committed(*marks);
}

void Pipeline::Run() {
  GiveWay(kIntakeNiceness);
  while (true) {
    TellCommitted();
    auto batch = ReadBatch();
    std::unique_lock lock(mutex_);
    if (!batch.ok()) {
      failed_ = batch.status();
      changed_.notify_all();
      return;
    }
    const auto fits = [&] { return FitsLast(*batch); };
    changed_.wait(lock, [&] { return stopping_ || queue_.size() < kQueuedBatches || fits(); });
    if (stopping_) return;
    const bool finished = batch->finished;
    if (fits()) {
      Append(*std::move(batch), queue_.back());
    } else {
      queue_.push_back(*std::move(batch));
    }
    changed_.notify_all();
    if (finished) return;
  }
}

bool Pipeline::FitsLast(const DecodedBatch& batch) const {
  // That the source had nothing more is told by itself.
  return !queue_.empty() && !batch.idle && !queue_.back().idle &&
         queue_.back().records.size() + batch.records.size() <= static_cast<size_t>(batch_records_);
}

absl::StatusOr<std::optional<DecodedBatch>> Pipeline::Next(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [this] { return !queue_.empty() || failed_.has_value(); });
  if (!queue_.empty()) {
    DecodedBatch batch = std::move(queue_.front());
    queue_.pop_front();
    changed_.notify_all();
    return std::optional(std::move(batch));
  }
  if (failed_) return *failed_;
  return std::optional<DecodedBatch>();
}

void Pipeline::Committed(const SourceMarks& marks) {
  const std::lock_guard lock(mutex_);
  if (!committed_) {
    committed_ = marks;
    return;
  }
  for (const auto& [name, mark] : marks) (*committed_)[name] = mark;
}

}  // namespace flosync
