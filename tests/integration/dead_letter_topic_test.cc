// The dead-letter topic at a real broker (R22): what stands in the file reaches it, also after the broker was away.
#include <map>

#include "connectors/decode/decoder.h"
#include "connectors/kafka/topic_writer.h"
#include "daemon/dead_letter_forwarder.h"
#include "daemon/dead_letters.h"
#include "tests/integration/kafka_source_fixture.h"
#include "tests/support/core_harness.h"

namespace flosync {
namespace {

class DeadLetterTopicTest : public KafkaSourceTest {
 protected:
  void Append(int64_t offset) {
    RawRecord raw;
    raw.topic = "hpr.person";
    raw.offset = offset;
    raw.value = "ikke json";
    DecoderConfig config;
    config.keep_dead_letter_values = true;
    ASSERT_TRUE(AppendDeadLetters(directory_.path(), {Decode(raw, config)}).ok());
  }
  [[nodiscard]] std::unique_ptr<TopicWriter> Writer(int message_timeout_ms) const {
    TopicWriterOptions options;
    options.brokers = broker->brokers();
    options.topic = topic_;
    options.message_timeout_ms = message_timeout_ms;
    return TopicWriter::Open(options).value();
  }
  ScratchDirectory directory_;
};

TEST_F(DeadLetterTopicTest, R22_GetsEveryLetterWithItsHeaders) {
  client_->CreateTopic(topic_, 1);
  for (int64_t offset = 0; offset < 3; ++offset) Append(offset);
  const auto writer = Writer(60'000);
  DeadLetterForwarder forwarder(directory_.path(), [&](const auto& letters) { return writer->Write(letters); });
  const auto forwarded = forwarder.ForwardOnce();
  ASSERT_TRUE(forwarded.ok()) << forwarded.status();
  EXPECT_EQ(*forwarded, 3);
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.records.size() >= 3; });
  ASSERT_EQ(heard.records.size(), 3U);
  EXPECT_EQ(heard.records[1].key, "hpr.person/0/1");
  EXPECT_EQ(heard.records[1].value, "ikke json");
  const std::map<std::string, std::string> headers(heard.records[1].headers.begin(), heard.records[1].headers.end());
  EXPECT_EQ(headers.at("__connect.errors.topic"), "hpr.person");
  EXPECT_EQ(headers.at("__connect.errors.offset"), "1");
  EXPECT_EQ(headers.at("__connect.errors.exception.class.name"), "MALFORMED_RECORD");
}

TEST_F(DeadLetterTopicTest, R22_LosesNothingWhileTheBrokerIsAway) {
  client_->CreateTopic(topic_, 1);
  Append(0);
  const auto writer = Writer(10'000);
  DeadLetterForwarder forwarder(directory_.path(), [&](const auto& letters) { return writer->Write(letters); });
  ASSERT_TRUE(forwarder.ForwardOnce().ok());
  ASSERT_TRUE(broker->Stop().ok());
  Append(1);
  EXPECT_EQ(forwarder.ForwardOnce().status().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(broker->Restart().ok());
  const auto until = steady_clock::now() + kDeadline;
  while (steady_clock::now() < until && forwarder.ForwardOnce().value_or(0) == 0) {
  }
  KafkaSource source(Options());
  ASSERT_TRUE(source.Open({}).ok());
  Heard heard;
  PollUntil(source, heard, [&] { return heard.records.size() >= 2; });
  ASSERT_GE(heard.records.size(), 2U);
  EXPECT_EQ(heard.records.front().key, "hpr.person/0/0");
  EXPECT_EQ(heard.records.back().key, "hpr.person/0/1");
}

TEST_F(DeadLetterTopicTest, R22_ATopicThatIsMissingIsToldWithWhatToDo) {
  const absl::Status written = Writer(2'000)->Write({{.key = "k", .headers = {}, .value = std::nullopt}});
  EXPECT_EQ(written.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(std::string(written.message()).find("make the topic"), std::string::npos);
}

}  // namespace
}  // namespace flosync
