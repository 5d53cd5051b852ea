#include "daemon/pipeline.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

// What the reading thread hands to the writer.
namespace flosync {
namespace {

// Gives what it was told to, one after the other.
class ScriptedSource : public RecordSource {
 public:
  ScriptedSource(std::deque<PolledRecords> script, std::atomic<int>* polls)
      : script_(std::move(script)), polls_(polls) {}
  absl::Status Open(const SourceMarks& /*marks*/) override { return absl::OkStatus(); }
  absl::StatusOr<PolledRecords> Poll(int /*max_records*/, std::chrono::milliseconds /*max_wait*/) override {
    ++*polls_;
    PolledRecords polled = std::move(script_.front());
    script_.pop_front();
    return polled;
  }
  void Committed(const SourceMarks& /*marks*/) override {}
  [[nodiscard]] SourceHealth Health() const override { return {}; }

 private:
  std::deque<PolledRecords> script_;
  std::atomic<int>* polls_;
};

// The record at an offset, with the mark behind it.
PolledRecords One(int64_t offset) {
  PolledRecords polled;
  RawRecord record;
  record.topic = "annet.emne";
  record.offset = offset;
  polled.records.push_back(record);
  polled.marks["file"] = std::to_string(offset + 1);
  polled.progress.push_back({"annet.emne", 0, offset + 1, std::nullopt, false, {}});
  return polled;
}

std::deque<PolledRecords> Finished(std::deque<PolledRecords> script) {
  script.back().finished = true;
  return script;
}

class PipelineTest : public testing::Test {
 protected:
  // Reads until everything has been polled, and what does not fit waits.
  void Read(std::deque<PolledRecords> script, int batch_records) {
    const auto all = static_cast<int>(script.size());
    pipeline_ = std::make_unique<Pipeline>(std::make_unique<ScriptedSource>(Finished(std::move(script)), &polls_),
                                           DecoderConfig{}, batch_records);
    ASSERT_TRUE(pipeline_->Start({}).ok());
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (polls_ < all && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    ASSERT_EQ(polls_, all);
  }
  DecodedBatch Next() { return std::move(**pipeline_->Next(std::chrono::seconds(10))); }

  std::atomic<int> polls_ = 0;
  std::unique_ptr<Pipeline> pipeline_;
};

std::vector<int64_t> OffsetsOf(const DecodedBatch& batch) {
  std::vector<int64_t> offsets;
  for (const DecodedRecord& record : batch.records) offsets.push_back(record.offset);
  return offsets;
}

TEST_F(PipelineTest, WhatWaitsIsJoinedUpToABatchWithItsMarksAndProgress) {
  Read({One(0), One(1), One(2), One(3), One(4), One(5), One(6)}, 3);
  const DecodedBatch first = Next();
  EXPECT_EQ(OffsetsOf(first), (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(first.marks, (SourceMarks{{"file", "3"}}));
  ASSERT_EQ(first.progress.size(), 3U);
  EXPECT_EQ(first.progress.back().position, 3);
  EXPECT_FALSE(first.finished);
  EXPECT_EQ(OffsetsOf(Next()), (std::vector<int64_t>{3, 4, 5}));
  const DecodedBatch last = Next();
  EXPECT_EQ(OffsetsOf(last), (std::vector<int64_t>{6}));
  EXPECT_TRUE(last.finished);
}

// It closes months: nothing that came before or after may hide it.
TEST_F(PipelineTest, B1_ThatThereWasNothingMoreIsToldByItself) {
  Read({One(0), PolledRecords{}, One(1)}, 10);
  const DecodedBatch before = Next();
  EXPECT_EQ(OffsetsOf(before), (std::vector<int64_t>{0}));
  EXPECT_FALSE(before.idle);
  const DecodedBatch nothing = Next();
  EXPECT_TRUE(nothing.idle);
  EXPECT_TRUE(nothing.records.empty());
  const DecodedBatch after = Next();
  EXPECT_EQ(OffsetsOf(after), (std::vector<int64_t>{1}));
  EXPECT_FALSE(after.idle);
}

}  // namespace
}  // namespace flosync
