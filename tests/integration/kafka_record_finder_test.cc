// Single records out of a real broker: what is there is found, what is gone is passed over.
#include "connectors/kafka/kafka_record_finder.h"

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/integration/kafka_source_fixture.h"

namespace flosync {
namespace {

class KafkaRecordFinderTest : public KafkaSourceTest {
 protected:
  // "place value@offset" of each found.
  std::vector<std::string> Find(const std::vector<RecordPlace>& places) {
    KafkaRecordFinder finder(Options());
    std::vector<std::string> found;
    status_ = finder.Find(places, stop_, [&](size_t place, const RawRecord& record) {
      found.push_back(absl::StrCat(place, " ", record.value.value_or("(tombstone)"), "@", record.offset));
      return absl::OkStatus();
    });
    return found;
  }
  [[nodiscard]] RecordPlace At(int64_t offset, int32_t partition = 0) const { return {topic_, partition, offset, ""}; }

  std::atomic<bool> stop_ = false;
  absl::Status status_;
};

using Found = std::vector<std::string>;

TEST_F(KafkaRecordFinderTest, GivesTheRecordsAtTheOffsets) {
  client_->CreateTopic(topic_, 2);
  client_->ProduceMany(topic_, 0, 3000, "a");
  client_->ProduceMany(topic_, 1, 10, "b");
  client_->Produce({.topic = topic_,
                    .partition = 1,
                    .key = "k",
                    .value = std::nullopt,
                    .timestamp_ms = 1'700'000'000'000,
                    .headers = {{"h", "v"}}});
  client_->Flush();
  EXPECT_EQ(Find({At(2999), At(0), At(3, 1), At(7), At(2990), At(1500), At(8), At(10, 1)}),
            (Found{"1 a0@0", "3 a7@7", "6 a8@8", "5 a1500@1500", "4 a2990@2990", "0 a2999@2999", "2 b3@3",
                   "7 (tombstone)@10"}));
  EXPECT_TRUE(status_.ok()) << status_;
  KafkaRecordFinder finder(Options());
  RawRecord found;
  ASSERT_TRUE(finder
                  .Find({At(10, 1)}, stop_,
                        [&](size_t, const RawRecord& record) {
                          found = record;
                          return absl::OkStatus();
                        })
                  .ok());
  EXPECT_EQ(found.topic, topic_);
  EXPECT_EQ(found.partition, 1);
  EXPECT_EQ(found.key, "k");
  EXPECT_EQ(found.timestamp, Instant{1'700'000'000'000});
  ASSERT_EQ(found.headers.size(), 1U);
}

TEST_F(KafkaRecordFinderTest, WhatWasDeletedOrIsBeyondTheEndIsGone) {
  client_->CreateTopic(topic_, 1);
  client_->ProduceMany(topic_, 0, 20, "a");
  client_->DeleteRecords(topic_, 0, 10);
  EXPECT_EQ(Find({At(5),
                  At(9),
                  At(10),
                  At(19),
                  At(20),
                  At(99),
                  At(0, 7),
                  {"no.such.topic", 0, 0, ""},
                  {topic_, 0, 11, "a.ndjson:12"}}),
            (Found{"2 a10@10", "3 a19@19"}));
  EXPECT_TRUE(status_.ok()) << status_;
}

// Offsets of aborted transactions, and of their markers, hold no record; compaction leaves gaps of the same kind.
TEST_F(KafkaRecordFinderTest, WhatLiesInAGapIsGone) {
  client_->CreateTopic(topic_, 1);
  KafkaClient transactional(broker->brokers(), {{"transactional.id", topic_}});
  const auto produce = [&](const std::string& value) {
    transactional.Produce({.topic = topic_, .key = value, .value = value, .timestamp_ms = 0, .headers = {}});
    transactional.Flush();
  };
  transactional.Begin();
  produce("a");  // 0, its marker 1
  transactional.Commit();
  transactional.Begin();
  produce("b");  // 2, its marker 3
  transactional.Abort();
  transactional.Begin();
  produce("c");  // 4, its marker 5
  transactional.Commit();
  // The broker writes the marker after it has answered; before that the last record is not there.
  const auto until = steady_clock::now() + kDeadline;
  while (Find({At(4)}).empty() && steady_clock::now() < until) std::this_thread::sleep_for(100ms);
  EXPECT_EQ(Find({At(0), At(1), At(2), At(3), At(4), At(5)}), (Found{"0 a@0", "4 c@4"}));
  EXPECT_TRUE(status_.ok()) << status_;
  EXPECT_EQ(Find({At(5)}), Found{}) << "the end is a marker";
  EXPECT_TRUE(status_.ok()) << status_;
}

TEST_F(KafkaRecordFinderTest, WhatWasCompactedAwayIsGone) {
  client_->CreateTopic(topic_, 1,
                       {{"cleanup.policy", "compact"},
                        {"segment.ms", "100"},
                        {"max.compaction.lag.ms", "500"},
                        {"min.cleanable.dirty.ratio", "0.01"},
                        {"delete.retention.ms", "0"}});
  const auto produce = [&](const std::string& key, const std::string& value) {
    client_->Produce({.topic = topic_, .key = key, .value = value, .timestamp_ms = 0, .headers = {}});
    client_->Flush();
  };
  for (int i = 0; i < 5; ++i) produce("same", absl::StrCat("v", i));
  // A segment is closed by the next record after its time; the cleaner comes by every few seconds.
  const auto until = steady_clock::now() + 60s;
  Found found;
  int64_t last = 4;
  do {
    std::this_thread::sleep_for(500ms);
    produce("other", "x");
    ++last;
    found = Find({At(0), At(1), At(4), At(last)});
    ASSERT_TRUE(status_.ok()) << status_;
  } while (found.size() > 2 && steady_clock::now() < until);
  EXPECT_EQ(found, (Found{"2 v4@4", absl::StrCat("3 x@", last)}));
}

TEST_F(KafkaRecordFinderTest, BrokersThatAreAwayAreSaidWithWhatToDo) {
  client_->CreateTopic(topic_, 1);
  client_->ProduceMany(topic_, 0, 3, "a");
  ASSERT_TRUE(broker->Stop().ok());
  EXPECT_EQ(Find({At(1)}), Found{});
  EXPECT_TRUE(absl::IsUnavailable(status_)) << status_;
  EXPECT_NE(status_.message().find("try again"), std::string_view::npos) << status_;
  std::thread stopper([this] {
    std::this_thread::sleep_for(500ms);
    stop_ = true;
  });
  const auto began = steady_clock::now();
  EXPECT_EQ(Find({At(1)}), Found{});
  EXPECT_TRUE(absl::IsCancelled(status_)) << status_;
  EXPECT_LT(steady_clock::now() - began, 8s);
  stopper.join();
  stop_ = false;
  ASSERT_TRUE(broker->Restart().ok());
  EXPECT_EQ(Find({At(1)}), Found{"0 a1@1"}) << status_;
}

}  // namespace
}  // namespace flosync
