// KafkaSource against a real broker: lost records, lost topics, lost brokers, wrong settings.
#include <set>

#include "absl/strings/match.h"

#include "connectors/kafka/handles.h"
#include "connectors/kafka/kafka_health.h"
#include "tests/integration/kafka_source_fixture.h"

namespace flosync {
namespace {

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
  PollUntil(source, heard, [&] {
    return absl::StrContains(source.Health().last_error, "no longer exists") && !heard.progress[Place()].end;
  });
  EXPECT_TRUE(absl::StrContains(source.Health().last_error, topic_ + " no longer exists"))
      << source.Health().last_error;
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

TEST_F(KafkaSourceTest, KilledBrokerIsWaitedForWithoutLossOrRepeat) {
  client_->CreateTopic(topic_, 2);
  client_->ProduceMany(topic_, 0, 50, "before");
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard,
            [&] { return heard.records.size() == 50 && heard.AtEnd(Place(1)) && source.Health().connected; });

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
  PollUntil(source, heard,
            [&] { return heard.records.size() >= 150 && heard.AtEnd(Place(0), down_at) && source.Health().connected; });
  EXPECT_TRUE(heard.status.ok()) << heard.status;
  EXPECT_EQ(heard.records.size(), 150u);
  std::set<std::string> values;
  for (const RawRecord& record : heard.records) values.insert(*record.value);
  EXPECT_EQ(values.size(), 150u);
  EXPECT_TRUE(source.Health().connected) << source.Health().last_error;
}

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
