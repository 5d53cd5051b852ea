#include "connectors/file/file_source.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

namespace flosync {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): literals only

// Compresses as gzip or zstd tools do, by the name's ending.
std::string Packed(const std::string& name, const std::string& content) {
  archive* writer = archive_write_new();
  if (name.ends_with(".gz")) {
    archive_write_add_filter_gzip(writer);
  } else {
    archive_write_add_filter_zstd(writer);
  }
  archive_write_set_format_raw(writer);
  std::string out(content.size() + 65536, '\0');
  size_t used = 0;
  EXPECT_EQ(archive_write_open_memory(writer, out.data(), out.size(), &used), ARCHIVE_OK);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(writer, entry);
  archive_write_data(writer, content.data(), content.size());
  archive_entry_free(entry);
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

class FileSourceTest : public testing::Test {
 protected:
  FileSourceTest() {
    std::string pattern = testing::TempDir() + "file_source_XXXXXX";
    dir_ = mkdtemp(pattern.data());
  }
  ~FileSourceTest() override { std::filesystem::remove_all(dir_); }

  std::string Path(const std::string& name) const { return dir_ + "/" + name; }
  void Write(const std::string& name, const std::string& content, std::ios::openmode mode = std::ios::trunc) const {
    std::ofstream out(Path(name), std::ios::binary | mode);
    const bool packed = name.ends_with(".gz") || name.ends_with(".zst");
    out << (packed ? Packed(name, content) : content);
  }
  void Append(const std::string& name, const std::string& content) const { Write(name, content, std::ios::app); }
  FileSource Replay() const { return FileSource({dir_, false, 1ms}); }
  FileSource Follow() const { return FileSource({dir_, true, 1ms}); }

  std::string dir_;
};

std::string Line(const std::string& key) {
  return R"({"topic":"hpr.person","timestamp":1,"key":")" + key + R"(","value":{"a": 1}})" + "\n";
}

// Polls `most` records at a time until the source has no more to give; "key@offset" of each, "!" for an unreadable
// line. Marks are merged into `marks` as a store would.
std::vector<std::string> ReadAll(FileSource& source, SourceMarks& marks, int most = 1000) {
  std::vector<std::string> read;
  while (true) {
    auto polled = source.Poll(most, 0ms);
    EXPECT_TRUE(polled.ok()) << polled.status();
    if (!polled.ok()) return read;
    for (auto& [name, mark] : polled->marks) marks[name] = mark;
    for (const RawRecord& record : polled->records) {
      read.push_back(record.unreadable.empty() ? record.key.value_or("") + "@" + std::to_string(record.offset) : "!");
    }
    if (polled->finished || polled->records.empty()) return read;
  }
}

using Keys = std::vector<std::string>;

TEST_F(FileSourceTest, F13_FilesInTheOrderOfTheBytesOfTheirNames) {
  Write("b.ndjson", Line("b"));
  Write("B.ndjson.zst", Line("B"));
  Write("a.ndjson.gz", Line("a"));
  Write("ø.ndjson", Line("ø"));
  Write("c.json", Line("no"));
  std::filesystem::create_directory(Path("d.ndjson"));
  Write("d.ndjson/x.ndjson", Line("no"));
  auto source = Replay();
  ASSERT_TRUE(source.Open({}).ok());
  SourceMarks marks;
  EXPECT_EQ(ReadAll(source, marks), (Keys{"B@0", "a@1", "b@2", "ø@3"}));
  EXPECT_TRUE(source.Poll(1, 0ms)->finished);
}

// Takes every file descriptor there is, while it lives.
class NoDescriptorsLeft {
 public:
  NoDescriptorsLeft() {
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
    rlimit few = before_;
    few.rlim_cur = std::min<rlim_t>(before_.rlim_cur, 256);
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
    for (int taken = 0; (taken = dup(STDERR_FILENO)) >= 0;) taken_.push_back(taken);
    EXPECT_EQ(errno, EMFILE);
  }
  ~NoDescriptorsLeft() {
    for (const int taken : taken_) close(taken);
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before_), 0);
  }
  NoDescriptorsLeft(const NoDescriptorsLeft&) = delete;
  NoDescriptorsLeft& operator=(const NoDescriptorsLeft&) = delete;

 private:
  rlimit before_{};
  std::vector<int> taken_;
};

TEST_F(FileSourceTest, WithoutDescriptorsItTriesAgainAndSaysSo) {
  for (const char* name : {"a.ndjson", "b.ndjson.gz", "c.ndjson.zst"}) {
    Write("0.ndjson", Line("0"));
    auto source = Follow();
    ASSERT_TRUE(source.Open({}).ok());
    SourceMarks marks;
    ASSERT_EQ(ReadAll(source, marks), Keys{"0@0"});
    Write(name, Line("1"));
    {
      const NoDescriptorsLeft none;
      std::this_thread::sleep_for(5ms);
      for (int i = 0; i < 3; ++i) {
        const auto polled = source.Poll(10, 1ms);
        ASSERT_TRUE(polled.ok()) << polled.status();
        EXPECT_TRUE(polled->records.empty());
        EXPECT_TRUE(polled->progress.empty()) << "nothing is said of the end";
      }
      EXPECT_FALSE(source.Health().connected);
      EXPECT_TRUE(source.Health().disconnected_since.has_value());
      EXPECT_NE(source.Health().last_error.find("ulimit -n"), std::string::npos) << source.Health().last_error;
    }
    Keys read;
    for (int i = 0; i < 1000 && read.empty(); ++i) {
      read = ReadAll(source, marks);
      std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(read, Keys{"1@1"}) << name;
    EXPECT_TRUE(source.Health().connected);
    std::filesystem::remove(Path(name));
  }
}

TEST_F(FileSourceTest, F13_OneFileWhateverItsName) {
  Write("records.txt", Line("a"));
  FileSource source({Path("records.txt"), false, 1ms});
  ASSERT_TRUE(source.Open({}).ok());
  const auto polled = source.Poll(10, 0ms);
  ASSERT_TRUE(polled.ok());
  EXPECT_TRUE(polled->finished);
  ASSERT_EQ(polled->records.size(), 1u);
  EXPECT_EQ(polled->records[0].line, "records.txt:1");
  EXPECT_EQ(polled->marks.count("file/records.txt"), 1u);
}

TEST_F(FileSourceTest, F13_BlankLinesAndByteOrderMarkAreSkippedOthersAreUnreadable) {
  Write("a.ndjson", "\xEF\xBB\xBF" + Line("a") + "\n \r\n[1]\n" + Line("b") + "{\"topic\":\"x\"}\n" + "no json\n" +
                        R"({"timestamp":1})" + "\n" + Line("c") + "{\"topic\":\"hpr.person\",");
  auto source = Replay();
  ASSERT_TRUE(source.Open({}).ok());
  const auto polled = source.Poll(100, 0ms);
  ASSERT_TRUE(polled.ok());
  ASSERT_EQ(polled->records.size(), 8u);
  const std::vector<std::string> lines = {"1", "4", "5", "6", "7", "8", "9", "10"};
  const std::vector<bool> readable = {true, false, true, false, false, false, true, false};
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(polled->records[i].line, "a.ndjson:" + lines[i]);
    EXPECT_EQ(polled->records[i].unreadable.empty(), readable[i]) << lines[i];
  }
  EXPECT_EQ(polled->records[6].offset, 2);
  EXPECT_EQ(polled->records[3].topic, "");
}

TEST_F(FileSourceTest, F13_OffsetsAreCountedPerTopicAndPartition) {
  Write("a.ndjson", R"({"topic":"x","timestamp":1,"key":"a"}
{"topic":"x","timestamp":1,"key":"b","partition":1}
{"topic":"x","timestamp":1,"key":"c","offset":7}
{"topic":"x","timestamp":1,"key":"d","partition":0}
{"topic":"y","timestamp":1,"key":"e"}
{"topic":"x","timestamp":1,"key":"f","partition":1}
{"topic":"x","timestamp":1,"key":"g"}
{"topic":"x","timestamp":1,"key":"again","offset":3}
{"topic":"x","timestamp":1,"key":"h"}
)");
  const Keys expected = {"a@0", "b@0", "c@7", "d@8", "e@0", "f@1", "g@9", "again@3", "h@10"};
  for (const int most : {1, 2, 100}) {
    // A new source for every poll: the counters are in the marks.
    SourceMarks marks;
    Keys read;
    for (int polls = 0; polls < 20; ++polls) {
      auto source = Replay();
      ASSERT_TRUE(source.Open(marks).ok());
      const auto polled = source.Poll(most, 0ms);
      ASSERT_TRUE(polled.ok());
      for (const RawRecord& record : polled->records) read.push_back(*record.key + "@" + std::to_string(record.offset));
      for (const auto& [name, mark] : polled->marks) marks[name] = mark;
    }
    EXPECT_EQ(read, expected) << most;
  }
}

TEST_F(FileSourceTest, Resume_AtEveryLineOfEveryKindOfFile) {
  std::string content;
  Keys all;
  for (int i = 0; i < 30; ++i) {
    content += Line("k" + std::to_string(i)) + (i % 7 == 0 ? "\n" : "");
    all.push_back("k" + std::to_string(i) + "@" + std::to_string(i));
  }
  for (const std::string name : {"a.ndjson", "a.ndjson.gz", "a.ndjson.zst"}) {
    for (int stop = 1; stop <= 30; ++stop) {
      Write(name, content);
      SourceMarks marks;
      auto first = Replay();
      ASSERT_TRUE(first.Open({}).ok());
      auto polled = first.Poll(stop, 0ms);
      ASSERT_TRUE(polled.ok());
      ASSERT_EQ(polled->records.size(), static_cast<size_t>(stop));
      auto second = Replay();
      ASSERT_TRUE(second.Open(polled->marks).ok());
      EXPECT_EQ(ReadAll(second, marks, 4), Keys(all.begin() + stop, all.end())) << name << " " << stop;
      for (auto& [mark, text] : polled->marks) marks.insert({mark, text});
      auto third = Replay();
      ASSERT_TRUE(third.Open(marks).ok());
      EXPECT_EQ(ReadAll(third, marks), Keys{});
    }
    std::filesystem::remove(Path(name));
  }
}

TEST_F(FileSourceTest, Resume_FinishedCompressedFileIsNotOpenedAgain) {
  Write("a.ndjson.gz", Line("a"));
  SourceMarks marks;
  auto first = Replay();
  ASSERT_TRUE(first.Open({}).ok());
  ReadAll(first, marks);
  // Same size, other content: it would be an error to read.
  const auto size = std::filesystem::file_size(Path("a.ndjson.gz"));
  std::ofstream(Path("a.ndjson.gz"), std::ios::binary) << std::string(size, 'x');
  auto second = Replay();
  ASSERT_TRUE(second.Open(marks).ok());
  EXPECT_EQ(ReadAll(second, marks), Keys{});
}

TEST_F(FileSourceTest, Resume_ReadsWhatWasAddedSince) {
  Write("b.ndjson", Line("b"));
  SourceMarks marks;
  auto first = Replay();
  ASSERT_TRUE(first.Open({}).ok());
  EXPECT_EQ(ReadAll(first, marks), Keys{"b@0"});
  Append("b.ndjson", Line("b2"));
  Write("a.ndjson.zst", Line("a"));
  auto second = Replay();
  ASSERT_TRUE(second.Open(marks).ok());
  EXPECT_EQ(ReadAll(second, marks), (Keys{"a@1", "b2@2"}));
}

TEST_F(FileSourceTest, Resume_ReplacedFilesAreAnError) {
  const auto open_after = [this](const std::string& name, const std::function<void()>& change, int records) {
    Write(name, Line("one") + Line("two") + Line("three"));
    auto first = Replay();
    EXPECT_TRUE(first.Open({}).ok());
    SourceMarks marks = first.Poll(records, 0ms)->marks;
    change();
    auto second = Replay();
    auto status = second.Open(marks);
    if (status.ok()) status = second.Poll(1, 0ms).status();
    std::filesystem::remove(Path(name));
    return std::string(status.message());
  };
  for (const int records : {1, 100}) {
    const auto shorter = open_after(
        "a.ndjson", [&] { Write("a.ndjson", "x"); }, records);
    EXPECT_NE(shorter.find("is shorter than what was already read"), std::string::npos) << shorter;
    const auto other = open_after(
        "a.ndjson", [&] { Write("a.ndjson", Line("ONE") + Line("two") + Line("three")); }, records);
    EXPECT_NE(other.find("begins otherwise"), std::string::npos) << other;
    EXPECT_NE(other.find("put the file back as it was, or give the new content another name"), std::string::npos)
        << other;
  }
  const auto packed = open_after(
      "a.ndjson.gz", [&] { Write("a.ndjson.gz", Line("other")); }, 1);
  EXPECT_NE(packed.find("begins otherwise"), std::string::npos) << packed;
  const auto gone = open_after(
      "a.ndjson", [&] { std::filesystem::rename(Path("a.ndjson"), Path("x")); }, 1);
  EXPECT_NE(gone.find("is gone, but was not read to its end"), std::string::npos) << gone;
  const auto done = open_after(
      "a.ndjson", [&] { std::filesystem::rename(Path("a.ndjson"), Path("x")); }, 100);
  EXPECT_EQ(done, "");
  const auto changed = open_after(
      "a.ndjson.gz", [&] { Write("a.ndjson.gz", Line("a") + Line("longer")); }, 100);
  EXPECT_NE(changed.find("has changed after it was read to its end"), std::string::npos) << changed;
}

TEST_F(FileSourceTest, Replay_LastLineWithoutLineFeedCounts) {
  Write("a.ndjson", Line("a") + Line("b").substr(0, Line("b").size() - 1));
  SourceMarks marks;
  auto first = Replay();
  ASSERT_TRUE(first.Open({}).ok());
  EXPECT_EQ(ReadAll(first, marks), (Keys{"a@0", "b@1"}));
  // Ended and continued later: nothing twice, line numbers go on.
  Append("a.ndjson", "\n" + Line("c"));
  auto second = Replay();
  ASSERT_TRUE(second.Open(marks).ok());
  const auto polled = second.Poll(10, 0ms);
  ASSERT_TRUE(polled.ok());
  ASSERT_EQ(polled->records.size(), 1u);
  EXPECT_EQ(polled->records[0].line, "a.ndjson:3");
  EXPECT_EQ(polled->records[0].offset, 2);
}

TEST_F(FileSourceTest, Replay_LastLineThatGoesOnLaterIsAnError) {
  Write("a.ndjson", Line("a") + "{\"topic\":");
  SourceMarks marks;
  auto first = Replay();
  ASSERT_TRUE(first.Open({}).ok());
  EXPECT_EQ(ReadAll(first, marks), (Keys{"a@0", "!"}));
  Append("a.ndjson", "\"x\"}\n");
  auto second = Replay();
  ASSERT_TRUE(second.Open(marks).ok());
  EXPECT_EQ(second.Poll(1, 0ms).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(FileSourceTest, Replay_DamagedAndMissingInputsAreErrors) {
  const std::string packed = Packed("a.gz", Line("a") + Line("b"));
  std::ofstream(Path("a.ndjson.gz"), std::ios::binary) << packed.substr(0, packed.size() / 2);
  auto source = Replay();
  ASSERT_TRUE(source.Open({}).ok());
  EXPECT_EQ(source.Poll(10, 0ms).status().code(), absl::StatusCode::kDataLoss);
  std::ofstream(Path("a.ndjson.gz"), std::ios::binary) << Line("plain");
  auto plain = Replay();
  ASSERT_TRUE(plain.Open({}).ok());
  EXPECT_EQ(plain.Poll(10, 0ms).status().code(), absl::StatusCode::kFailedPrecondition);
  FileSource missing({Path("none"), false, 1ms});
  EXPECT_EQ(missing.Open({}).code(), absl::StatusCode::kNotFound);
  auto bad_marks = Replay();
  EXPECT_EQ(bad_marks.Open({{"file/a.ndjson.gz", "?"}}).code(), absl::StatusCode::kDataLoss);
}

// A flipped bit of the trailer: the content cannot be trusted, so it is an error and never read as good.
TEST_F(FileSourceTest, Replay_WrongChecksumIsAnError) {
  std::string packed = Packed("a.gz", Line("a") + Line("b"));
  packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] ^ 1);
  std::ofstream(Path("a.ndjson.gz"), std::ios::binary) << packed;
  FileSource source({.path = Path("")});
  absl::Status status = source.Open({});
  for (int i = 0; i < 10 && status.ok(); ++i) {
    auto polled = source.Poll(1000, std::chrono::milliseconds(0));
    status = polled.status();
    if (polled.ok() && polled->finished) break;
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
}

TEST_F(FileSourceTest, Replay_EmptyInputsFinishAtOnce) {
  Write("a.ndjson", "");
  Write("b.ndjson.gz", "");
  Write("c.ndjson.zst", "");
  auto source = Replay();
  ASSERT_TRUE(source.Open({}).ok());
  const auto polled = source.Poll(10, 10s);
  ASSERT_TRUE(polled.ok()) << polled.status();
  EXPECT_TRUE(polled->records.empty());
  EXPECT_TRUE(polled->finished);
}

TEST_F(FileSourceTest, Progress_EndIsKnownOnlyWhenFinished) {
  Write("a.ndjson", Line("a") + Line("b") + "{\"topic\":\"y\",\"timestamp\":1,\"offset\":40,\"partition\":3}\n");
  auto source = Replay();
  ASSERT_TRUE(source.Open({}).ok());
  auto polled = source.Poll(1, 0ms);
  ASSERT_EQ(polled->progress.size(), 1u);
  EXPECT_EQ(polled->progress[0].topic, "hpr.person");
  EXPECT_EQ(polled->progress[0].position, 1);
  EXPECT_EQ(polled->progress[0].end, std::nullopt);
  EXPECT_FALSE(polled->progress[0].at_end);
  polled = source.Poll(10, 0ms);
  ASSERT_TRUE(polled->finished);
  ASSERT_EQ(polled->progress.size(), 2u);
  EXPECT_EQ(polled->progress[1].topic, "y");
  EXPECT_EQ(polled->progress[1].partition, 3);
  for (const PartitionProgress& progress : polled->progress) {
    EXPECT_TRUE(progress.at_end);
    EXPECT_EQ(progress.end, progress.position);
  }
}

TEST_F(FileSourceTest, Bounds_PollStopsAtRecordsAndBytes) {
  const std::string large = R"({"topic":"x","timestamp":1,"key":"k","value":")" + std::string(3 << 20, 'v') + "\"}\n";
  std::string content;
  for (int i = 0; i < 12; ++i) content += large;
  Write("a.ndjson", content);
  auto source = Replay();
  ASSERT_TRUE(source.Open({}).ok());
  EXPECT_EQ(source.Poll(2, 0ms)->records.size(), 2u);
  EXPECT_EQ(source.Poll(1000, 0ms)->records.size(), 6u);  // the first six lines of 3 MiB that pass 16 MiB
}

TEST_F(FileSourceTest, Bounds_TooLongLineIsUnreadableAndSkippedToItsEnd) {
  for (const std::string end : {"\n", ""}) {
    Write("a.ndjson", Line("a") + std::string(kMaxLineBytes + 1, 'x') + "\n" + Line("b") +
                          std::string(2 * kMaxLineBytes, 'y') + end);
    auto source = Replay();
    ASSERT_TRUE(source.Open({}).ok());
    std::vector<RawRecord> records;
    while (true) {
      auto polled = source.Poll(100, 0ms);
      ASSERT_TRUE(polled.ok());
      for (auto& record : polled->records) records.push_back(record);
      if (polled->finished) break;
    }
    ASSERT_EQ(records.size(), 4u);
    EXPECT_EQ(records[1].unreadable, "is longer than 32 MiB");
    EXPECT_EQ(records[2].line, "a.ndjson:3");
    EXPECT_EQ(records[3].unreadable, "is longer than 32 MiB");
  }
}

TEST_F(FileSourceTest, Follow_TornLineWaitsForItsEnd) {
  Write("a.ndjson", Line("a") + Line("b").substr(0, 20));
  SourceMarks marks;
  auto source = Follow();
  ASSERT_TRUE(source.Open({}).ok());
  EXPECT_EQ(ReadAll(source, marks), Keys{"a@0"});
  EXPECT_EQ(ReadAll(source, marks), Keys{});
  std::this_thread::sleep_for(2ms);
  Append("a.ndjson", Line("b").substr(20, 10));
  EXPECT_EQ(ReadAll(source, marks), Keys{});
  std::this_thread::sleep_for(2ms);
  Append("a.ndjson", Line("b").substr(30) + Line("c"));
  EXPECT_EQ(ReadAll(source, marks), (Keys{"b@1", "c@2"}));
  auto resumed = Follow();
  ASSERT_TRUE(resumed.Open(marks).ok());
  EXPECT_EQ(ReadAll(resumed, marks), Keys{});
}

TEST_F(FileSourceTest, Follow_FilesAddedLaterAlsoBeforeThoseRead) {
  Write("b.ndjson", Line("b"));
  SourceMarks marks;
  auto source = Follow();
  ASSERT_TRUE(source.Open({}).ok());
  EXPECT_EQ(ReadAll(source, marks), Keys{"b@0"});
  Write("a.ndjson", Line("a"));
  Append("b.ndjson", Line("b2"));
  Write("c.ndjson.gz", Line("c"));
  std::this_thread::sleep_for(5ms);
  auto polled = source.Poll(10, 10s);
  ASSERT_TRUE(polled.ok());
  ASSERT_EQ(polled->records.size(), 3u);
  EXPECT_EQ(*polled->records[0].key, "a");
  EXPECT_EQ(*polled->records[1].key, "b2");
  EXPECT_EQ(*polled->records[2].key, "c");
  EXPECT_FALSE(polled->finished);
  std::filesystem::remove(Path("a.ndjson"));
  std::this_thread::sleep_for(2ms);
  EXPECT_TRUE(source.Poll(10, 0ms).ok());
}

TEST_F(FileSourceTest, Follow_CompressedFileWaitsUntilItHasSettled) {
  auto source = FileSource({dir_, true, 200ms});
  Write("a.ndjson.gz", Line("a"));
  ASSERT_TRUE(source.Open({}).ok());
  EXPECT_TRUE(source.Poll(10, 0ms)->records.empty());
  const auto polled = source.Poll(10, 10s);
  ASSERT_TRUE(polled.ok());
  EXPECT_EQ(polled->records.size(), 1u);
}

TEST_F(FileSourceTest, Follow_WaitsNoLongerThanAskedAndSaysWhenItIsAtTheEnd) {
  Write("a.ndjson", Line("a"));
  auto source = Follow();
  ASSERT_TRUE(source.Open({}).ok());
  auto polled = source.Poll(10, 10s);
  ASSERT_EQ(polled->progress.size(), 1u);
  EXPECT_TRUE(polled->progress[0].at_end);
  const auto begin = std::chrono::steady_clock::now();
  polled = source.Poll(10, 30ms);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 30ms);
  EXPECT_TRUE(polled->records.empty());
  EXPECT_FALSE(polled->finished);
}

TEST_F(FileSourceTest, Follow_FileThatShrinksIsAnError) {
  Write("a.ndjson", Line("a") + Line("b"));
  SourceMarks marks;
  auto source = Follow();
  ASSERT_TRUE(source.Open({}).ok());
  ReadAll(source, marks);
  Write("a.ndjson", Line("a"));
  std::this_thread::sleep_for(2ms);
  EXPECT_EQ(source.Poll(1, 0ms).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace flosync
