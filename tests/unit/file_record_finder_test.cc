#include "connectors/file/file_record_finder.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/file/file_source.h"
#include "tests/unit/temp_directory.h"

namespace flosync {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): literals only

class FileRecordFinderTest : public testing::Test {
 protected:
  [[nodiscard]] std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name), std::ios::binary) << content;
  }
  // "place key@offset line" of each found.
  std::vector<std::string> Find(const std::vector<RecordPlace>& places, const std::string& path = {}) {
    std::vector<std::string> found;
    FileRecordFinder finder(path.empty() ? directory_.path() : path);
    status_ = finder.Find(places, stop_, [&](size_t place, const RawRecord& record) {
      found.push_back(std::to_string(place) + " " + record.key.value_or("") + "@" + std::to_string(record.offset) +
                      " " + record.line);
      return absl::OkStatus();
    });
    return found;
  }

  TempDirectory directory_;
  std::atomic<bool> stop_ = false;
  absl::Status status_;
};

using Found = std::vector<std::string>;

std::string Line(const std::string& key, const std::string& more = "") {
  return R"({"topic":"hpr.person",)" + more + R"("timestamp":1,"key":")" + key + R"(","value":{}})" + "\n";
}

TEST_F(FileRecordFinderTest, GivesTheLinesNamedWithTheOffsetsTheyWereCountedWith) {
  Write("a.ndjson", "\xEF\xBB\xBF" + Line("a") + "\n" + Line("b") + "no record\n" + Line("c"));
  Write("b.ndjson", Line("d", R"("offset":40,)") + R"({"topic":"hpr.person","timestamp":1,"key":"e"})");
  EXPECT_EQ(Find({{"hpr.person", 0, 41, "b.ndjson:2"},
                  {"hpr.person", 0, 2, "a.ndjson:5"},
                  {"hpr.person", 0, 40, "b.ndjson:1"},
                  {"hpr.person", 0, 0, "a.ndjson:1"}}),
            (Found{"3 a@0 a.ndjson:1", "1 c@2 a.ndjson:5", "2 d@40 b.ndjson:1", "0 e@41 b.ndjson:2"}));
  EXPECT_TRUE(status_.ok()) << status_;
}

TEST_F(FileRecordFinderTest, FindsWhatTheSourceHasRead) {
  Write("a.ndjson", Line("a") + Line("b", R"("partition":1,)") + Line("c"));
  FileSource source({directory_.path(), false, 1ms});
  ASSERT_TRUE(source.Open({}).ok());
  const auto polled = source.Poll(100, 0ms);
  ASSERT_EQ(polled->records.size(), 3U);
  std::vector<RecordPlace> places;
  for (const RawRecord& r : polled->records) places.push_back({r.topic, r.partition, r.offset, r.line});
  EXPECT_EQ(Find(places), (Found{"0 a@0 a.ndjson:1", "1 b@0 a.ndjson:2", "2 c@1 a.ndjson:3"}));
  EXPECT_EQ(Find(places, Path("a.ndjson")).size(), 3U) << "a file alone";
}

TEST_F(FileRecordFinderTest, WhatIsGoneOrAnotherRecordIsPassedOver) {
  Write("a.ndjson", Line("a") + "no record\n" + Line("c", R"("offset":7,)"));
  EXPECT_EQ(Find({{"hpr.person", 0, 0, "away.ndjson:1"},
                  {"hpr.person", 0, 0, "../a.ndjson:1"},
                  {"hpr.person", 0, 0, "a.ndjson:99"},
                  {"hpr.person", 0, 1, "a.ndjson:2"},
                  {"hpr.person", 0, 8, "a.ndjson:3"},
                  {"flo.contract", 0, 0, "a.ndjson:1"},
                  {"hpr.person", 0, 17, ""}}),
            Found{});
  EXPECT_TRUE(status_.ok()) << status_;
}

TEST_F(FileRecordFinderTest, AFileThatCannotBeReadIsSaidAndAStopEndsIt) {
  Write("a.ndjson.gz", "this is not gzip");
  EXPECT_EQ(Find({{"hpr.person", 0, 0, "a.ndjson.gz:1"}}), Found{});
  EXPECT_TRUE(absl::IsUnavailable(status_)) << status_;
  EXPECT_NE(status_.message().find("a.ndjson.gz"), std::string_view::npos);
  Write("b.ndjson", Line("b"));
  stop_ = true;
  EXPECT_EQ(Find({{"hpr.person", 0, 0, "b.ndjson:1"}}), Found{});
  EXPECT_TRUE(absl::IsCancelled(status_)) << status_;
}

TEST_F(FileRecordFinderTest, AnErrorOfWhoTakesEndsIt) {
  Write("a.ndjson", Line("a") + Line("b"));
  FileRecordFinder finder(directory_.path());
  int taken = 0;
  const absl::Status status = finder.Find({{"hpr.person", 0, 0, "a.ndjson:1"}, {"hpr.person", 0, 1, "a.ndjson:2"}},
                                          stop_, [&](size_t, const RawRecord&) {
                                            ++taken;
                                            return absl::FailedPreconditionError("enough");
                                          });
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace flosync
