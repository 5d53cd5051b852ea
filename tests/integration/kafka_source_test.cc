// KafkaSource against a real broker: one for the whole program, topics of its own for each test.
#include "connectors/kafka/kafka_source.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "connectors/kafka/handles.h"
#include "connectors/kafka/kafka_health.h"
#include "gtest/gtest.h"
#include "tests/support/broker.h"
#include "tests/support/kafka_client.h"

namespace flosync {
namespace {

using namespace std::chrono_literals;
using ::flosync::testing::Broker;
using ::flosync::testing::KafkaClient;
using std::chrono::steady_clock;

constexpr auto kDeadline = 30s;

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
void PollUntil(KafkaSource& source, Heard& heard, const std::function<bool()>& enough, int max_records = 1000) {
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

std::vector<std::string> Values(const std::vector<RawRecord>& records) {
  std::vector<std::string> values;
  for (const RawRecord& record : records) values.push_back(record.value.value_or("(tombstone)"));
  return values;
}

std::vector<std::string> Numbered(const std::string& prefix, int count) {
  std::vector<std::string> values;
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
    options.reconnect_backoff_max_ms = 500;
    return options;
  }
  [[nodiscard]] std::string Mark(int partition = 0) const { return absl::StrCat("kafka/", topic_, "/", partition); }
  [[nodiscard]] std::string Place(int partition = 0) const { return absl::StrCat(topic_, "/", partition); }

  static std::unique_ptr<Broker> broker;
  std::unique_ptr<KafkaClient> client_;
  std::string topic_;
};

std::unique_ptr<Broker> KafkaSourceTest::broker;

TEST_F(KafkaSourceTest, BringsKeysValuesHeadersTombstonesAndTimestamps) {
  client_->CreateTopic(topic_, 1);
  client_->Produce({.topic = topic_, .key = "999000011", .value = "{}", .timestamp_ms = 1'704'085'200'000,
                    .headers = {{"content-type", "application/json"}, {"id", "7"}}});
  client_->Produce({.topic = topic_, .key = "999000011", .value = std::nullopt, .timestamp_ms = 1'704'085'100'000, .headers = {}});
  client_->Produce({.topic = topic_, .key = std::nullopt, .value = "", .timestamp_ms = 1'904'085'100'000, .headers = {}});
  client_->Flush();

  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.records.size() >= 3; });
  ASSERT_EQ(heard.records.size(), 3u);

  const RawRecord& first = heard.records[0];
  EXPECT_EQ(first.topic, topic_);
  EXPECT_EQ(first.partition, 0);
  EXPECT_EQ(first.offset, 0);
  EXPECT_EQ(first.timestamp, Instant{1'704'085'200'000});
  EXPECT_EQ(first.key, "999000011");
  EXPECT_EQ(first.value, "{}");
  EXPECT_EQ(first.headers, (std::vector<std::pair<std::string, std::string>>{{"content-type", "application/json"}, {"id", "7"}}));
  EXPECT_TRUE(first.line.empty());
  EXPECT_TRUE(first.unreadable.empty());
  EXPECT_EQ(heard.records[1].value, std::nullopt);
  EXPECT_EQ(heard.records[1].timestamp, Instant{1'704'085'100'000});
  EXPECT_EQ(heard.records[2].key, std::nullopt);
  EXPECT_EQ(heard.records[2].value, "");
  EXPECT_EQ(heard.marks[Mark()], "3");
}

TEST_F(KafkaSourceTest, ResumesFromMarksWithoutLossOrRepeat) {
  constexpr int kRecords = 500;
  client_->CreateTopic(topic_, 3);
  for (int p = 0; p < 3; ++p) client_->ProduceMany(topic_, p, kRecords, absl::StrCat("p", p, "-"));
  SourceMarks marks;
  std::map<int, std::vector<std::string>> read;
  // Each run is cut short somewhere else, with records fetched ahead that were never returned.
  for (const size_t run_length : {1, 130, 255, 700, 5000}) {
    KafkaSource source(Options());
    ASSERT_TRUE(source.Open(marks).ok());
    Heard heard;
    PollUntil(source, heard,
              [&] {
                return heard.records.size() >= run_length || (heard.AtEnd(Place(0)) && heard.AtEnd(Place(1)) && heard.AtEnd(Place(2)));
              },
              37);
    for (const RawRecord& record : heard.records) read[record.partition].push_back(*record.value);
    for (const auto& [name, text] : heard.marks) marks[name] = text;
  }
  for (int p = 0; p < 3; ++p) EXPECT_EQ(read[p], Numbered(absl::StrCat("p", p, "-"), kRecords));
  EXPECT_EQ(marks[Mark(2)], absl::StrCat(kRecords));
}

TEST_F(KafkaSourceTest, NewPartitionIsReadFromItsBeginning) {
  client_->CreateTopic(topic_, 1);
  client_->ProduceMany(topic_, 0, 3, "a");
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.AtEnd(Place()); });
  client_->GrowTopic(topic_, 2);
  KafkaClient later(broker->brokers());
  later.ProduceMany(topic_, 1, 3, "b");
  PollUntil(source, heard, [&] { return heard.AtEnd(Place(1)) && heard.records.size() >= 6; });
  EXPECT_EQ(Values(heard.records), (std::vector<std::string>{"a0", "a1", "a2", "b0", "b1", "b2"}));
  EXPECT_EQ(heard.marks[Mark(1)], "3");
}

TEST_F(KafkaSourceTest, CompactedGapsMoveThePosition) {
  client_->CreateTopic(topic_, 1, {{"cleanup.policy", "compact"}, {"segment.ms", "100"}, {"max.compaction.lag.ms", "500"},
                                   {"min.cleanable.dirty.ratio", "0.01"}, {"delete.retention.ms", "0"}});
  for (int i = 0; i < 50; ++i) {
    client_->Produce({.topic = topic_, .key = absl::StrCat(i % 5), .value = absl::StrCat(i), .timestamp_ms = 0, .headers = {}});
  }
  client_->Flush();
  // A later record closes the segment, so that the cleaner may have it; read again until the gaps show.
  const auto until = steady_clock::now() + kDeadline;
  Heard heard;
  do {
    std::this_thread::sleep_for(300ms);
    client_->Produce({.topic = topic_, .key = "last", .value = "last", .timestamp_ms = 0, .headers = {}});
    client_->Flush();
    heard = {};
    KafkaSource source(Options());
    ASSERT_TRUE(source.Open({}).ok());
    PollUntil(source, heard, [&] { return heard.AtEnd(Place()); });
  } while (heard.records.front().offset == 0 && steady_clock::now() < until);

  EXPECT_GE(heard.records.front().offset, 45);
  const PartitionProgress progress = heard.progress[Place()];
  EXPECT_EQ(progress.position, progress.end);
  EXPECT_EQ(heard.marks[Mark()], absl::StrCat(progress.position));
  // A mark inside the gap is a good position: its records were superseded, not lost.
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({{Mark(), "7"}}).ok());
  Heard again;
  PollUntil(source, again, [&] { return again.AtEnd(Place()); });
  EXPECT_TRUE(again.status.ok()) << again.status;
  EXPECT_EQ(Values(again.records), Values(heard.records));
}

TEST_F(KafkaSourceTest, OnlyCommittedTransactionsAreSeenAndMarkersCountAsRead) {
  client_->CreateTopic(topic_, 1);
  KafkaClient writer(broker->brokers(), {{"transactional.id", topic_}});
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;

  writer.Begin();
  writer.ProduceMany(topic_, 0, 3, "committed");
  writer.Commit();  // 3 records + a marker
  PollUntil(source, heard, [&] { return heard.AtEnd(Place()) && heard.progress[Place()].position == 4; });
  EXPECT_EQ(heard.progress[Place()].position, 4);
  EXPECT_EQ(heard.progress[Place()].end, 4);

  writer.Begin();
  writer.ProduceMany(topic_, 0, 5, "aborted");
  Instant before = WallClock();
  PollUntil(source, heard, [&] { return heard.AtEnd(Place(), before); });
  EXPECT_EQ(heard.progress[Place()].end, 4) << "records of an open transaction are not there yet";
  writer.Abort();  // 5 records + a marker
  before = WallClock();
  PollUntil(source, heard, [&] { return heard.AtEnd(Place(), before); });
  EXPECT_EQ(heard.progress[Place()].position, 10);
  EXPECT_EQ(heard.progress[Place()].end, 10);
  EXPECT_EQ(heard.marks[Mark()], "10");
  EXPECT_EQ(Values(heard.records), Numbered("committed", 3));

  // Resumed behind the last marker: at the end at once, with nothing to read.
  KafkaSource resumed(Options());
  ASSERT_TRUE(resumed.Open(heard.marks).ok());
  Heard again;
  PollUntil(resumed, again, [&] { return again.AtEnd(Place()); });
  EXPECT_TRUE(again.AtEnd(Place()));
  EXPECT_TRUE(again.records.empty());
}

TEST_F(KafkaSourceTest, PositionBeforeTheLogIsAFinalError) {
  client_->CreateTopic(topic_, 1);
  client_->ProduceMany(topic_, 0, 10, "a");
  client_->DeleteRecords(topic_, 0, 6);
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({{Mark(), "3"}}).ok());
  Heard heard;
  PollUntil(source, heard, [] { return false; });
  EXPECT_EQ(heard.status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_TRUE(heard.records.empty());
  const std::string text(heard.status.message());
  for (const char* part : {topic_.c_str(), "partition 0", "offset 3 ", "offsets 6 to 9", "backup", "full load"}) {
    EXPECT_TRUE(absl::StrContains(text, part)) << part << " in: " << text;
  }
  EXPECT_EQ(source.Poll(10, 0ms).status(), heard.status) << "final means final";
}

TEST_F(KafkaSourceTest, PositionBehindTheLogIsAFinalError) {
  client_->CreateTopic(topic_, 1);
  client_->ProduceMany(topic_, 0, 4, "a");
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({{Mark(), "17"}}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.AtEnd(Place()); });
  EXPECT_EQ(heard.status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_TRUE(absl::StrContains(heard.status.message(), "offset 17 is wanted next, but the log holds offsets 0 to 3"))
      << heard.status;
}

TEST_F(KafkaSourceTest, BeginningOfATrimmedLogIsNoError) {
  client_->CreateTopic(topic_, 1);
  client_->ProduceMany(topic_, 0, 10, "a");
  client_->DeleteRecords(topic_, 0, 10);
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.AtEnd(Place()); });
  EXPECT_TRUE(heard.status.ok()) << heard.status;
  EXPECT_EQ(heard.progress[Place()].position, 10);
  EXPECT_EQ(heard.marks[Mark()], "10");
}

TEST_F(KafkaSourceTest, RecordsDeletedUnreadFromAKnownEmptyPartitionAreNoticed) {
  client_->CreateTopic(topic_, 1);
  Heard heard;
  {
    KafkaSource source(Options());
    ASSERT_TRUE(source.Open({}).ok());
    PollUntil(source, heard, [&] { return !heard.marks.empty(); });
  }
  EXPECT_EQ(heard.marks, (SourceMarks{{Mark(), "0"}}));
  client_->ProduceMany(topic_, 0, 5, "never read");
  client_->DeleteRecords(topic_, 0, 5);
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open(heard.marks).ok());
  PollUntil(source, heard, [] { return false; });
  EXPECT_EQ(heard.status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_TRUE(absl::StrContains(heard.status.message(), "is empty and goes on at offset 5")) << heard.status;
}

TEST_F(KafkaSourceTest, TopicCreatedLaterIsWaitedFor) {
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return absl::StrContains(source.Health().last_error, "does not exist"); });
  SourceHealth health = source.Health();
  EXPECT_FALSE(health.connected);
  EXPECT_TRUE(health.disconnected_since.has_value());
  EXPECT_TRUE(absl::StrContains(health.last_error, topic_)) << health.last_error;
  client_->CreateTopic(topic_, 1);
  client_->ProduceMany(topic_, 0, 2, "a");
  PollUntil(source, heard, [&] { return heard.AtEnd(Place()) && heard.records.size() == 2; });
  EXPECT_EQ(Values(heard.records), Numbered("a", 2));
  health = source.Health();
  EXPECT_TRUE(health.connected) << health.last_error;
  EXPECT_FALSE(health.disconnected_since.has_value());
  EXPECT_TRUE(health.last_error.empty());
}

TEST_F(KafkaSourceTest, DeletedTopicShowsInHealthAndItsSuccessorIsRefused) {
  const std::string other = topic_ + "Other";
  client_->CreateTopic(topic_, 2);
  client_->CreateTopic(other, 1);
  client_->ProduceMany(topic_, 0, 5, "a");
  KafkaSourceOptions options = Options();
  options.topics.push_back(other);
  auto owned = std::make_unique<KafkaSource>(options);
  KafkaSource& source = *owned;
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.AtEnd(Place()) && heard.AtEnd(Place(1)) && heard.records.size() == 5; });
  client_->DeleteTopic(topic_);
  PollUntil(source, heard, [&] { return !source.Health().connected && !heard.progress[Place()].end; });
  EXPECT_TRUE(absl::StrContains(source.Health().last_error, topic_ + " no longer exists")) << source.Health().last_error;
  EXPECT_FALSE(heard.AtEnd(Place()));
  // The other topic is read on.
  client_->ProduceMany(other, 0, 1, "b");
  PollUntil(source, heard, [&] { return heard.records.size() == 6; });
  EXPECT_EQ(heard.records.size(), 6u);
  // Created again with fewer partitions and records: neither goes unnoticed.
  KafkaClient(broker->brokers()).CreateTopic(topic_, 1);
  KafkaClient(broker->brokers()).ProduceMany(topic_, 0, 2, "c");
  PollUntil(source, heard, [] { return false; });
  EXPECT_EQ(heard.status.code(), absl::StatusCode::kOutOfRange) << heard.status;
  EXPECT_EQ(heard.records.size(), 6u);
  // librdkafka itself never ends after such a deletion; the source does.
  const auto began = steady_clock::now();
  owned.reset();
  EXPECT_LT(steady_clock::now() - began, 6s);
}

TEST_F(KafkaSourceTest, ShrunkTopicShowsInHealth) {
  client_->CreateTopic(topic_, 1);
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({{Mark(3), "7"}}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return absl::StrContains(source.Health().last_error, "no longer has partition 3"); });
  EXPECT_TRUE(absl::StrContains(source.Health().last_error, "no longer has partition 3")) << source.Health().last_error;
}

TEST_F(KafkaSourceTest, EndOfAnIdlePartitionIsConfirmedAnew) {
  client_->CreateTopic(topic_, 2);
  client_->ProduceMany(topic_, 0, 2, "a");
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.AtEnd(Place(0)) && heard.AtEnd(Place(1)); });
  for (int second = 0; second < 2; ++second) {
    const Instant since = WallClock();
    const auto began = steady_clock::now();
    PollUntil(source, heard, [&] { return heard.AtEnd(Place(0), since) && heard.AtEnd(Place(1), since); });
    EXPECT_LT(steady_clock::now() - began, 1s);
    EXPECT_LE(heard.progress[Place(0)].checked_at, WallClock());
  }
}

TEST_F(KafkaSourceTest, EndIsReachedUnderSteadyTraffic) {
  client_->CreateTopic(topic_, 1);
  std::jthread traffic([&](const std::stop_token& stop) {
    KafkaClient writer(broker->brokers(), {{"linger.ms", "0"}});
    for (int i = 0; !stop.stop_requested(); ++i) {
      writer.Produce({.topic = topic_, .key = "k", .value = absl::StrCat(i), .timestamp_ms = 0, .headers = {}});
      std::this_thread::sleep_for(1ms);
    }
    writer.Flush();
  });
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.records.size() > 100; }, 10);
  const Instant since = WallClock();
  const auto began = steady_clock::now();
  PollUntil(source, heard, [&] { return heard.AtEnd(Place(), since); }, 10);
  EXPECT_LT(steady_clock::now() - began, 2s);
}

TEST_F(KafkaSourceTest, ForeignConsumerInTheGroupDoesNotDisturb) {
  client_->CreateTopic(topic_, 2);
  client_->ProduceMany(topic_, 0, 3, "a");
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.records.size() == 3; });
  source.Committed(heard.marks);
  PollUntil(source, heard, [&] { return client_->GroupOffset(topic_, topic_, 0) == 3; });
  EXPECT_EQ(client_->GroupOffset(topic_, topic_, 0), 3);

  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", broker->brokers().c_str(), nullptr, 0);
  rd_kafka_conf_set(conf, "group.id", topic_.c_str(), nullptr, 0);
  rd_kafka_conf_set(conf, "enable.auto.commit", "false", nullptr, 0);
  const ClientHandle intruder(rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0));
  const PartitionListHandle subscription(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(subscription.get(), topic_.c_str(), RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(intruder.get(), subscription.get());
  const auto intruder_joined = [&] {
    const MessageHandle message(rd_kafka_consumer_poll(intruder.get(), 10));
    rd_kafka_topic_partition_list_t* assigned = nullptr;
    rd_kafka_assignment(intruder.get(), &assigned);
    const PartitionListHandle owned(assigned);
    return owned && owned->cnt == 2;
  };
  PollUntil(source, heard, intruder_joined);
  ASSERT_TRUE(intruder_joined());

  // Positions can no longer be written, which is noted and no more.
  for (int round = 0; round < 3; ++round) {
    client_->ProduceMany(topic_, round % 2, 100, "more");
    PollUntil(source, heard, [&] { return std::ssize(heard.records) == 3 + 100 * (round + 1); });
    source.Committed(heard.marks);
    const Instant since = WallClock();
    PollUntil(source, heard, [&] { return heard.AtEnd(Place(0), since) && heard.AtEnd(Place(1), since); });
  }
  EXPECT_EQ(heard.records.size(), 303u);
  EXPECT_TRUE(source.Health().connected) << source.Health().last_error;
  EXPECT_EQ(client_->GroupOffset(topic_, topic_, 0), 3);
}

TEST_F(KafkaSourceTest, PositionsOfTheGroupAreNeverRead) {
  client_->CreateTopic(topic_, 1);
  client_->ProduceMany(topic_, 0, 5, "a");
  {
    KafkaSource source(Options());
    ASSERT_TRUE(source.Open({}).ok());
    source.Committed({{Mark(), "4"}});
    Heard heard;
    PollUntil(source, heard, [&] { return heard.records.size() == 5; });
  }
  EXPECT_EQ(client_->GroupOffset(topic_, topic_, 0), 4) << "a clean stop leaves the last positions there";
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({{Mark(), "2"}}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.AtEnd(Place()); });
  EXPECT_EQ(Values(heard.records), (std::vector<std::string>{"a2", "a3", "a4"}));
}

TEST_F(KafkaSourceTest, CompressedRecordsAreRead) {
  client_->CreateTopic(topic_, 1);
  std::vector<std::string> expected;
  for (const std::string codec : {"lz4", "zstd", "snappy", "gzip"}) {
    KafkaClient writer(broker->brokers(), {{"compression.type", codec}, {"linger.ms", "50"}});
    writer.ProduceMany(topic_, 0, 200, codec);
    for (std::string& value : Numbered(codec, 200)) expected.push_back(std::move(value));
  }
  KafkaSource source(Options());
  // From the middle of a compressed batch.
  ASSERT_TRUE(source.Open({{Mark(), "117"}}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.AtEnd(Place()); });
  expected.erase(expected.begin(), expected.begin() + 117);
  EXPECT_EQ(Values(heard.records), expected);
}

TEST_F(KafkaSourceTest, LargeRecordsPassAndAPollIsBounded) {
  client_->CreateTopic(topic_, 1, {{"max.message.bytes", "20000000"}});
  KafkaClient writer(broker->brokers(), {{"message.max.bytes", "20000000"}});
  writer.Produce({.topic = topic_, .key = "big", .value = std::string(6'000'000, 'x'), .timestamp_ms = 0, .headers = {}});
  for (int i = 0; i < 40; ++i) {
    writer.Produce({.topic = topic_, .key = "k", .value = std::string(100'000, 'y'), .timestamp_ms = 0, .headers = {}});
  }
  writer.Flush();
  KafkaSourceOptions options = Options();
  options.poll_max_bytes = 1'000'000;
  KafkaSource source(options);
  ASSERT_TRUE(source.Open({}).ok());
  std::vector<size_t> sizes;
  size_t records = 0;
  for (const auto until = steady_clock::now() + kDeadline; records < 41 && steady_clock::now() < until;) {
    const auto polled = source.Poll(1000, 100ms);
    ASSERT_TRUE(polled.ok()) << polled.status();
    size_t bytes = 0;
    for (const RawRecord& record : polled->records) bytes += record.value->size();
    EXPECT_TRUE(bytes <= 1'100'000 || polled->records.size() == 1) << bytes;
    records += polled->records.size();
  }
  EXPECT_EQ(records, 41u);
}

TEST_F(KafkaSourceTest, KilledBrokerIsWaitedForWithoutLossOrRepeat) {
  client_->CreateTopic(topic_, 2);
  client_->ProduceMany(topic_, 0, 50, "before");
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.records.size() == 50 && heard.AtEnd(Place(1)) && source.Health().connected; });

  const Instant killed_at = WallClock();
  ASSERT_TRUE(broker->Kill9().ok());
  PollUntil(source, heard, [&] { return !source.Health().connected; });
  const Instant down_at = WallClock();
  const SourceHealth health = source.Health();
  ASSERT_TRUE(health.disconnected_since.has_value());
  EXPECT_GE(*health.disconnected_since, Instant{killed_at.ms - 1000});
  EXPECT_LE(*health.disconnected_since, down_at);
  EXPECT_TRUE(absl::StrContains(health.last_error, broker->brokers())) << health.last_error;
  const auto began = steady_clock::now();
  auto polled = source.Poll(100, 200ms);
  ASSERT_TRUE(polled.ok()) << polled.status();
  EXPECT_TRUE(polled->records.empty());
  EXPECT_LT(steady_clock::now() - began, 1s);
  source.Committed(heard.marks);

  ASSERT_TRUE(broker->Restart().ok());
  EXPECT_FALSE(heard.AtEnd(Place(), down_at)) << "an end must not be claimed while nobody could confirm it";
  KafkaClient writer(broker->brokers());
  writer.ProduceMany(topic_, 0, 50, "after");
  writer.ProduceMany(topic_, 1, 50, "other");
  PollUntil(source, heard, [&] { return heard.records.size() >= 150 && heard.AtEnd(Place(0), down_at) && source.Health().connected; });
  EXPECT_TRUE(heard.status.ok()) << heard.status;
  EXPECT_EQ(heard.records.size(), 150u);
  std::set<std::string> values;
  for (const RawRecord& record : heard.records) values.insert(*record.value);
  EXPECT_EQ(values.size(), 150u);
  EXPECT_TRUE(source.Health().connected) << source.Health().last_error;
}

// Without a broker, or with one that refuses.

TEST_F(KafkaSourceTest, UnreachableBrokerShowsInHealthAndStopIsBounded) {
  KafkaSourceOptions options = Options();
  options.brokers = "127.0.0.1:1";
  auto source = std::make_unique<KafkaSource>(options);
  ASSERT_TRUE(source->Open({}).ok());
  Heard heard;
  PollUntil(*source, heard, [&] { return absl::StrContains(source->Health().last_error, "refused"); });
  const SourceHealth health = source->Health();
  EXPECT_FALSE(health.connected);
  EXPECT_TRUE(health.disconnected_since.has_value());
  EXPECT_TRUE(absl::StrContains(health.last_error, "127.0.0.1:1")) << health.last_error;
  EXPECT_TRUE(absl::StrContains(health.last_error, "refused")) << health.last_error;
  EXPECT_EQ(health.last_error.find('\n'), std::string::npos);
  source->Committed({{Mark(), "1"}});
  const auto began = steady_clock::now();
  source.reset();
  EXPECT_LT(steady_clock::now() - began, 5s);
}

TEST_F(KafkaSourceTest, RefusedTlsShowsInHealth) {
  KafkaSourceOptions options = Options();
  options.client_settings = {{"security.protocol", "ssl"}};  // the broker speaks plain text
  KafkaSource source(options);
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return absl::StrContains(source.Health().last_error, "SSL"); });
  EXPECT_TRUE(absl::StrContains(source.Health().last_error, "SSL")) << source.Health().last_error;
  EXPECT_TRUE(heard.status.ok()) << heard.status;
}

TEST_F(KafkaSourceTest, SettingsThatWouldBreakReadingAreRefused) {
  const auto open = [&](const KafkaSourceOptions& options) { return KafkaSource(options).Open({}); };
  KafkaSourceOptions options = Options();
  options.client_settings = {{"isolation.level", "read_uncommitted"}};
  EXPECT_TRUE(absl::StrContains(open(options).message(), "isolation.level is flosync's own"));
  options.client_settings = {{"no.such.setting", "1"}};
  EXPECT_TRUE(absl::StrContains(open(options).message(), "no.such.setting is not known"));
  options.client_settings = {{"security.protocol", "secret-by-mistake"}};
  EXPECT_EQ(open(options).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(absl::StrContains(open(options).message(), "secret-by-mistake"));
  options = Options();
  options.topics = {topic_, topic_};
  EXPECT_EQ(open(options).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(KafkaSourceTest, UnreadableMarkIsNoSilentReset) {
  EXPECT_EQ(KafkaSource(Options()).Open({{Mark(), "soon"}}).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(KafkaSource(Options()).Open({{"kafka/x", "1"}}).code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(KafkaSource(Options()).Open({{"file/x", "anything"}}).ok());
  EXPECT_EQ(KafkaSource(Options()).Poll(1, 0ms).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace flosync
