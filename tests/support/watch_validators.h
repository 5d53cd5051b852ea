// The six guarantees of watch streams, each as a validator of the same name.
//
// A consumer's history is what it saw on each of its connections, every one but the first resumed with the token of the
// last message before it. The truth is what happened, told by someone else than the feed. Each validator looks at one
// promise and says where it was broken.
//
//   EXPECT_TRUE(Ordered::Check(history, truth));
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "flosync/v1/indicator_service.pb.h"

namespace flosync {

// The messages of one connection, in the order received.
using SeenConnection = std::vector<v1::WatchIndicatorsResponse>;
using SeenHistory = std::vector<SeenConnection>;

// A figure's name: level, area code, measure, breakdown.
[[nodiscard]] std::string FigureName(const v1::IndicatorRow& row);

struct FigureUpdate {
  std::string figure;
  std::string before;  // the row's bytes; empty = none
  std::string after;
  bool operator==(const FigureUpdate&) const = default;
};

// What happened from the start of the history on: the figures that changed in each revision, in canonical order.
struct WatchTruth {
  std::map<int64_t, std::vector<FigureUpdate>> revisions;
  // All figures at each revision, by name; what an initial state of it must be.
  std::map<int64_t, std::map<std::string, std::string>> states;

  // Notes that at `revision` the figures are `rows`, and what that changes since the last one noted. Those that are
  // gone come last: of a revision that takes some away and changes others the order is not known.
  void Note(int64_t revision, const google::protobuf::RepeatedPtrField<v1::IndicatorRow>& rows);
};

// Revisions ascend, and the updates of one stand in canonical order.
struct Ordered {
  [[nodiscard]] static ::testing::AssertionResult Check(const SeenHistory& history, const WatchTruth& truth);
};
// No update comes twice.
struct Unique {
  [[nodiscard]] static ::testing::AssertionResult Check(const SeenHistory& history, const WatchTruth& truth);
};
// No update is missing, none is made up, and their contents are right, up to where the history ends.
struct Reliable {
  [[nodiscard]] static ::testing::AssertionResult Check(const SeenHistory& history, const WatchTruth& truth);
};
// A message has updates of one revision, at most 100; the last of a revision and no other says that it is complete;
// progress comes only between revisions.
struct Atomic {
  [[nodiscard]] static ::testing::AssertionResult Check(const SeenHistory& history, const WatchTruth& truth);
};
// Every message has a token, and the connection resumed with it goes on with exactly the next update.
struct Resumable {
  [[nodiscard]] static ::testing::AssertionResult Check(const SeenHistory& history, const WatchTruth& truth);
};
// A connection begins with progress, and progress tells the truth: all up to its revision has been sent.
struct Bookmarkable {
  [[nodiscard]] static ::testing::AssertionResult Check(const SeenHistory& history, const WatchTruth& truth);
};

// All six, as expectations of the running test.
void ExpectAllGuarantees(const SeenHistory& history, const WatchTruth& truth);

}  // namespace flosync
