// Dead letters: the file, and its way to the topic (R22, R24).
#include "daemon/dead_letters.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/decode/decoder.h"
#include "daemon/dead_letter_forwarder.h"
#include "tests/support/core_harness.h"

namespace flosync {
namespace {

constexpr const char* kNin = "12837520264";

DecodedRecord Unreadable(int64_t offset, std::string value, bool keep = false) {
  RawRecord raw;
  raw.topic = "flo.contract";
  raw.partition = 2;
  raw.offset = offset;
  raw.value = std::move(value);
  DecoderConfig config;
  config.keep_dead_letter_values = keep;
  return Decode(raw, config);
}

std::vector<TopicMessage> LettersIn(const std::string& directory) {
  std::ifstream file(DeadLetterPath(directory));
  std::vector<TopicMessage> letters;
  for (std::string line; std::getline(file, line);) {
    if (auto letter = ParseDeadLetter(line)) letters.push_back(*letter);
  }
  return letters;
}

std::string Header(const TopicMessage& letter, const std::string& name) {
  for (const auto& [found, value] : letter.headers) {
    if (found == name) return value;
  }
  return "(none)";
}

TEST(R22_DeadLetters, HaveTheHeadersOfKafkaConnect) {
  const ScratchDirectory directory;
  DecodedRecord good = Unreadable(
      3, R"({"Id": 0, "UpdatedOn": "2024-01-01", "Valid": {"From": "2024-01-01"}})");  // refused, but readable
  ASSERT_TRUE(AppendDeadLetters(directory.path(), {good, Unreadable(17, "ikke json")}).ok());
  const auto letters = LettersIn(directory.path());
  ASSERT_EQ(letters.size(), 1U);
  const TopicMessage& letter = letters[0];
  EXPECT_EQ(letter.key, "flo.contract/2/17");
  EXPECT_FALSE(letter.value);
  EXPECT_EQ(Header(letter, "__connect.errors.topic"), "flo.contract");
  EXPECT_EQ(Header(letter, "__connect.errors.partition"), "2");
  EXPECT_EQ(Header(letter, "__connect.errors.offset"), "17");
  EXPECT_EQ(Header(letter, "__connect.errors.connector.name"), "flosync");
  EXPECT_EQ(Header(letter, "__connect.errors.task.id"), "0");
  EXPECT_EQ(Header(letter, "__connect.errors.stage"), "VALUE_CONVERTER");
  EXPECT_EQ(Header(letter, "__connect.errors.class.name"), "flosync::Decode");
  EXPECT_EQ(Header(letter, "__connect.errors.exception.class.name"), "MALFORMED_RECORD");
  EXPECT_NE(Header(letter, "__connect.errors.exception.message"), "(none)");
  EXPECT_NE(Header(letter, "__connect.errors.exception.stacktrace"), "(none)");
  EXPECT_EQ(Header(letter, "flosync.value.bytes"), "9");
  EXPECT_EQ(Header(letter, "flosync.value.sha256").size(), 64U);
}

TEST(R22_DeadLetters, HoldTheBytesOnlyWhereThatIsSwitchedOn) {
  const std::string value = std::string("\x01\xff \"æ\"\n", 9);
  EXPECT_FALSE(Unreadable(1, value).dead_letter_value);
  const ScratchDirectory directory;
  ASSERT_TRUE(AppendDeadLetters(directory.path(), {Unreadable(1, value, true)}).ok());
  ASSERT_EQ(LettersIn(directory.path()).size(), 1U);
  EXPECT_EQ(LettersIn(directory.path())[0].value, value);
  EXPECT_FALSE(Unreadable(1, std::string(kMaxDeadLetterValueBytes + 1, 'x'), true).dead_letter_value);
  // What can be read is no dead letter.
  EXPECT_FALSE(Unreadable(1, R"({"Id": 0, "UpdatedOn": "2024-01-01", "Valid": {"From": "2024-01-01"}})", true)
                   .dead_letter_value);
}

TEST(R24_DeadLetters, NeverHoldAnIdentityNumber) {
  const ScratchDirectory directory;
  ASSERT_TRUE(AppendDeadLetters(directory.path(), {Unreadable(1, std::string("fnr ") + kNin, true)}).ok());
  std::ifstream file(DeadLetterPath(directory.path()));
  const std::string text(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(text.find(kNin), std::string::npos);
  EXPECT_FALSE(LettersIn(directory.path()).at(0).value);
}

TEST(R22_DeadLetters, ALineTornByACrashSpoilsNoOther) {
  const ScratchDirectory directory;
  std::ofstream(DeadLetterPath(directory.path())) << R"({"key":"flo.contract/2/1","head)";
  ASSERT_TRUE(AppendDeadLetters(directory.path(), {Unreadable(1, "x")}).ok());
  ASSERT_EQ(LettersIn(directory.path()).size(), 1U);
  EXPECT_EQ(LettersIn(directory.path())[0].key, "flo.contract/2/1");
}

std::vector<std::string> Keys(const std::string& directory) {
  std::vector<std::string> keys;
  for (const TopicMessage& letter : LettersIn(directory)) keys.push_back(letter.key);
  return keys;
}

// A replay that held records back reads what followed them again.
TEST(R22_DeadLetters, ARecordThatWasReadBeforeHasItsLetterAlready) {
  CoreHarness h;
  h.Commit({Unreadable(3, "x")}, At("2024-01-10T00:00:00Z"));
  const std::vector<DecodedRecord> again = {Unreadable(2, "x"), Unreadable(3, "x"), Unreadable(4, "x"),
                                            Unreadable(4, "x"), Unreadable(5, "x")};
  ASSERT_TRUE(AppendDeadLetters(h.directory(), again, h.core().partitions()).ok());
  EXPECT_EQ(Keys(h.directory()), (std::vector<std::string>{"flo.contract/2/4", "flo.contract/2/5"}));
}

TEST(R22_DeadLetters, ALineThatWasNotedBeforeIsDropped) {
  CoreHarness h;
  const auto line = [](int number) {
    RawRecord raw;
    raw.unreadable = "is not a JSON object";
    raw.line = "a.ndjson:" + std::to_string(number);
    return Decode(raw, DecoderConfig{});
  };
  h.Commit({line(7)}, At("2024-01-10T00:00:00Z"));
  std::vector<DecodedRecord> records = {line(7), line(8), Unreadable(1, "x")};
  ASSERT_TRUE(DropNotedLines(View(h.store()), records).ok());
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].line, "a.ndjson:8");
  ASSERT_TRUE(AppendDeadLetters(h.directory(), records, h.core().partitions()).ok());
  EXPECT_EQ(Keys(h.directory()), (std::vector<std::string>{"line:a.ndjson:8", "flo.contract/2/1"}));
}

class Forwarding : public ::testing::Test {
 protected:
  void Append(int64_t first, int64_t count) {
    std::vector<DecodedRecord> records;
    for (int64_t i = 0; i < count; ++i) records.push_back(Unreadable(first + i, "x"));
    ASSERT_TRUE(AppendDeadLetters(directory_.path(), records).ok());
  }
  // What one portion brings, by a process of its own; -1 if it could not be sent.
  int Forward() {
    DeadLetterForwarder forwarder(directory_.path(), [this](const std::vector<TopicMessage>& letters) {
      for (const TopicMessage& letter : letters) sent_.push_back(letter.key.substr(letter.key.rfind('/') + 1));
      return reachable_ ? absl::OkStatus() : absl::UnavailableError("no broker");
    });
    const auto forwarded = forwarder.ForwardOnce();
    return forwarded.ok() ? *forwarded : -1;
  }
  ScratchDirectory directory_;
  std::vector<std::string> sent_;
  bool reachable_ = true;
};

TEST_F(Forwarding, GoesOnWhereItWasAfterARestart) {
  EXPECT_EQ(Forward(), 0);
  Append(0, 3);
  EXPECT_EQ(Forward(), 3);
  EXPECT_EQ(Forward(), 0);
  Append(3, 1);
  EXPECT_EQ(Forward(), 1);
  EXPECT_EQ(sent_, (std::vector<std::string>{"0", "1", "2", "3"}));
}

TEST_F(Forwarding, KeepsWhatTheTopicDidNotTake) {
  Append(0, 2);
  reachable_ = false;
  EXPECT_EQ(Forward(), -1);
  EXPECT_EQ(Forward(), -1);
  reachable_ = true;
  sent_.clear();
  EXPECT_EQ(Forward(), 2);
  EXPECT_EQ(sent_, (std::vector<std::string>{"0", "1"}));
}

TEST_F(Forwarding, SendsBoundedPortionsInOrder) {
  Append(0, 2 * DeadLetterForwarder::kMaxLetters + 5);
  EXPECT_EQ(Forward(), DeadLetterForwarder::kMaxLetters);
  EXPECT_EQ(Forward(), DeadLetterForwarder::kMaxLetters);
  EXPECT_EQ(Forward(), 5);
  ASSERT_EQ(sent_.size(), 205U);
  for (size_t i = 0; i < sent_.size(); ++i) EXPECT_EQ(sent_[i], std::to_string(i));
}

TEST_F(Forwarding, WaitsForTheEndOfALineAndSkipsATornOne) {
  std::ofstream(DeadLetterPath(directory_.path())) << R"({"key":"flo.contract/2/0","head)";
  EXPECT_EQ(Forward(), 0);
  Append(0, 1);
  EXPECT_EQ(Forward(), 1);
  EXPECT_EQ(sent_, std::vector<std::string>{"0"});
}

TEST_F(Forwarding, BeginsAnewWithAFileThatWasCleared) {
  Append(0, 3);
  EXPECT_EQ(Forward(), 3);
  std::filesystem::remove(DeadLetterPath(directory_.path()));
  Append(7, 1);
  EXPECT_EQ(Forward(), 1);
  EXPECT_EQ(sent_.back(), "7");
}

TEST_F(Forwarding, EndsAtOnceWhileTheTopicIsAway) {
  Append(0, 1);
  const auto begun = std::chrono::steady_clock::now();
  {
    DeadLetterForwarder forwarder(directory_.path(), [](const auto&) { return absl::UnavailableError("no broker"); });
    forwarder.Start();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(30));
}

}  // namespace
}  // namespace flosync
