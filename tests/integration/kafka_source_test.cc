// KafkaSource against a real broker: what it reads, and how far it says it has come.
#include "connectors/kafka/kafka_source.h"

#include <thread>

#include "absl/strings/match.h"

#include "connectors/kafka/kafka_health.h"
#include "tests/integration/kafka_source_fixture.h"

namespace flosync {
namespace {

TEST_F(KafkaSourceTest, BringsKeysValuesHeadersTombstonesAndTimestamps) {
  client_->CreateTopic(topic_, 1);
  client_->Produce({.topic = topic_,
                    .key = "999000011",
                    .value = "{}",
                    .timestamp_ms = 1'704'085'200'000,
                    .headers = {{"content-type", "application/json"}, {"id", "7"}}});
  client_->Produce(
      {.topic = topic_, .key = "999000011", .value = std::nullopt, .timestamp_ms = 1'704'085'100'000, .headers = {}});
  client_->Produce(
      {.topic = topic_, .key = std::nullopt, .value = "", .timestamp_ms = 1'904'085'100'000, .headers = {}});
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
  EXPECT_EQ(first.headers,
            (std::vector<std::pair<std::string, std::string>>{{"content-type", "application/json"}, {"id", "7"}}));
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
    PollUntil(
        source, heard,
        [&] {
          return heard.records.size() >= run_length ||
                 (heard.AtEnd(Place(0)) && heard.AtEnd(Place(1)) && heard.AtEnd(Place(2)));
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
  client_->CreateTopic(topic_, 1,
                       {{"cleanup.policy", "compact"},
                        {"segment.ms", "100"},
                        {"max.compaction.lag.ms", "500"},
                        {"min.cleanable.dirty.ratio", "0.01"},
                        {"delete.retention.ms", "0"}});
  for (int i = 0; i < 50; ++i) {
    client_->Produce(
        {.topic = topic_, .key = absl::StrCat(i % 5), .value = absl::StrCat(i), .timestamp_ms = 0, .headers = {}});
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
  // The cleaner may have gone on meanwhile, but never takes the latest of a key.
  EXPECT_EQ(again.records.front().offset, heard.records.front().offset);
  EXPECT_EQ(again.records.back().offset, heard.records.back().offset);
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
  // The broker writes the marker after it has answered.
  PollUntil(source, heard, [&] { return heard.AtEnd(Place(), before) && heard.progress[Place()].position == 10; });
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
  PollUntil(
      source, heard, [&] { return heard.records.size() > 100; }, 10);
  const Instant since = WallClock();
  const auto began = steady_clock::now();
  PollUntil(
      source, heard, [&] { return heard.AtEnd(Place(), since); }, 10);
  EXPECT_LT(steady_clock::now() - began, 2s);
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
  writer.Produce(
      {.topic = topic_, .key = "big", .value = std::string(6'000'000, 'x'), .timestamp_ms = 0, .headers = {}});
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

}  // namespace
}  // namespace flosync
