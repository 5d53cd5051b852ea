// What the tests of KafkaSource share: one real broker for the whole program, a topic of its own for each test.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "connectors/kafka/kafka_source.h"
#include "tests/support/broker.h"
#include "tests/support/kafka_client.h"

namespace flosync {

using namespace std::chrono_literals;
using ::flosync::testing::Broker;
using ::flosync::testing::KafkaClient;
using std::chrono::steady_clock;

inline constexpr auto kDeadline = 30s;

// What a run of Polls has brought.
struct Heard {
  std::vector<RawRecord> records;
  SourceMarks marks;
  std::map<std::string, PartitionProgress> progress;  // "<topic>/<partition>" → the latest
  absl::Status status;

  [[nodiscard]] bool AtEnd(const std::string& partition, Instant since = {}) const {
    const auto found = progress.find(partition);
    return found != progress.end() && found->second.at_end && found->second.checked_at >= since;
  }
};

// Polls until `enough` or an error; a test that waits in vain fails at its next expectation.
inline void PollUntil(KafkaSource& source, Heard& heard, const std::function<bool()>& enough, int max_records = 1000) {
  const auto until = steady_clock::now() + kDeadline;
  while (steady_clock::now() < until && !enough()) {
    auto polled = source.Poll(max_records, 100ms);
    if (!polled.ok()) {
      heard.status = polled.status();
      return;
    }
    EXPECT_LE(std::ssize(polled->records), max_records);
    EXPECT_FALSE(polled->finished);
    for (RawRecord& record : polled->records) heard.records.push_back(std::move(record));
    for (const auto& [name, text] : polled->marks) heard.marks[name] = text;
    for (const PartitionProgress& p : polled->progress) heard.progress[absl::StrCat(p.topic, "/", p.partition)] = p;
  }
}

inline std::vector<std::string> Values(const std::vector<RawRecord>& records) {
  std::vector<std::string> values;
  values.reserve(records.size());
  for (const RawRecord& record : records) values.push_back(record.value.value_or("(tombstone)"));
  return values;
}

inline std::vector<std::string> Numbered(const std::string& prefix, int count) {
  std::vector<std::string> values;
  values.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) values.push_back(absl::StrCat(prefix, i));
  return values;
}

class KafkaSourceTest : public ::testing::Test {
 public:
  static void SetUpTestSuite() {
    auto started = Broker::Start();
    ASSERT_TRUE(started.ok()) << started.status();
    broker = *std::move(started);
  }
  static void TearDownTestSuite() { broker.reset(); }

 protected:
  void SetUp() override {
    ASSERT_TRUE(broker);
    client_ = std::make_unique<KafkaClient>(broker->brokers());
    topic_ = ::testing::UnitTest::GetInstance()->current_test_info()->name();
  }

  [[nodiscard]] KafkaSourceOptions Options() const {
    KafkaSourceOptions options;
    options.brokers = broker->brokers();
    options.group_id = topic_;
    options.topics = {topic_};
    options.end_check_interval_ms = 200;
    options.metadata_refresh_interval_ms = 500;
    options.missing_topic_refresh_interval_ms = 200;
    options.broker_answer_timeout_ms = 1000;
    options.reconnect_backoff_max_ms = 500;
    return options;
  }
  [[nodiscard]] std::string Mark(int partition = 0) const { return absl::StrCat("kafka/", topic_, "/", partition); }
  [[nodiscard]] std::string Place(int partition = 0) const { return absl::StrCat(topic_, "/", partition); }

  static inline std::unique_ptr<Broker> broker;
  std::unique_ptr<KafkaClient> client_;
  std::string topic_;
};

}  // namespace flosync
