// WatchIndicators: what an update says, the initial state, filters and progress (Ordered, Unique, Atomic,
// Bookmarkable).
#include <gtest/gtest.h>

#include "tests/unit/watch_fixture.h"

namespace flosync {
namespace {

using WatchChangesTest = WatchTest;

TEST_F(WatchChangesTest, TellsChangesAsTheyHappen) {
  Serve();
  Do({MakeContract(1, "0301")});
  Watcher watcher(channel_, Request());
  ASSERT_TRUE(watcher.Read());
  EXPECT_TRUE(watcher.seen().front().progress());
  EXPECT_EQ(watcher.seen().front().revision(), 1);
  MakeHistory();
  ASSERT_TRUE(watcher.ReadUpTo(core_->revision()));
  ExpectAllGuarantees({watcher.seen()}, truth_);
}

TEST_F(WatchChangesTest, UpdateSaysWhatWhenAndWhy) {
  Serve();
  Do({MakeContract(1, "0301")});
  v1::IndicatorFilter filter;
  filter.add_measures("list_count");
  filter.add_breakdowns("all");
  filter.add_area_codes("0301");
  Watcher watcher(channel_, Request(false, "", filter));
  ASSERT_TRUE(watcher.Read());
  const int64_t revision = Do({MakeContract(2, "0301")});
  ASSERT_TRUE(watcher.ReadUpTo(revision));
  const auto& message = watcher.seen().back();
  ASSERT_EQ(message.updates_size(), 1);
  const auto& update = message.updates(0);
  EXPECT_EQ(update.old_row().value(), "1");
  EXPECT_EQ(update.new_row().value(), "2");
  EXPECT_EQ(update.new_row().area().name(), "Oslo");
  EXPECT_EQ(update.new_row().area().level(), v1::LEVEL_MUNICIPALITY);
  EXPECT_EQ(update.reference_date(), "2025-06-01");
  EXPECT_EQ(update.record().topic(), "flo.contract");
  EXPECT_EQ(update.record().offset(), 1);
  EXPECT_EQ(update.record().known_from().seconds(), 1748772001);
}

TEST_F(WatchChangesTest, ClockIsACause) {
  Serve();
  Contract ending = MakeContract(1, "0301");
  ending.period.to = Day(2025, 6, 2);
  Do({ending});
  Watcher watcher(channel_, Request());
  ASSERT_TRUE(watcher.Read());
  AdvanceTo(*ParseInstant("2025-06-02T10:00:00Z"));
  Note();
  ASSERT_TRUE(watcher.ReadUpTo(core_->revision()));
  ExpectAllGuarantees({watcher.seen()}, truth_);
  size_t updates = 0;
  for (const auto& message : watcher.seen()) {
    for (const auto& update : message.updates()) {
      ++updates;
      EXPECT_TRUE(update.clock());
      EXPECT_EQ(update.reference_date(), "2025-06-02");
    }
  }
  EXPECT_GT(updates, 0U);
}

TEST_F(WatchChangesTest, InitialStateIsWholeAndThenComeTheChanges) {
  Serve();
  MakeHistory();
  Watcher watcher(channel_, Request(true));
  ASSERT_TRUE(watcher.Read(5));  // within the initial state, which has more than a hundred messages
  EXPECT_EQ(watcher.seen().front().revision(), 0) << "nothing has been sent yet";
  EXPECT_EQ(watcher.seen().back().updates_size(), 100);
  Do({MakeContract(3, "5001")});
  Do(ManyContracts(300, 30));
  ASSERT_TRUE(watcher.ReadUpTo(core_->revision()));
  EXPECT_GT(watcher.seen().size(), 100U);
  ExpectAllGuarantees({watcher.seen()}, truth_);
}

TEST_F(WatchChangesTest, EmptyInitialStateIsComplete) {
  Serve();
  MakeHistory();
  v1::IndicatorFilter nothing;
  nothing.add_measures("list_unstaffed_share");
  nothing.add_breakdowns("lt40");  // of another measure
  Watcher watcher(channel_, Request(true, "", nothing));
  ASSERT_TRUE(watcher.Read(2));
  EXPECT_TRUE(watcher.seen()[1].initial_state());
  EXPECT_TRUE(watcher.seen()[1].revision_complete());
  EXPECT_EQ(watcher.seen()[1].updates_size(), 0);
}

TEST_F(WatchChangesTest, FilteredStreamSendsWhatMatchesAndProgressOfTheRest) {
  Serve();
  filter_.add_levels(v1::LEVEL_NATION);
  filter_.add_levels(v1::LEVEL_COUNTY);
  filter_.add_definitions("nki-gp-specialist/3.0");
  Do({MakeContract(1, "0301")});
  Watcher watcher(channel_, Request(true, "", filter_));
  MakeHistory();
  const int64_t last = Do({MakeContract(77, "4601")});  // changes no figure of the filter
  ASSERT_TRUE(watcher.ReadUpTo(last));
  EXPECT_TRUE(watcher.seen().back().progress());
  ExpectAllGuarantees({watcher.seen()}, truth_);
}

TEST_F(WatchChangesTest, ProgressComesAtItsInterval) {
  Serve();
  Do({MakeContract(1, "0301")});
  const auto begun = std::chrono::steady_clock::now();
  Watcher watcher(channel_, Request());
  ASSERT_TRUE(watcher.Read(4));
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(290));
  for (const auto& message : watcher.seen()) EXPECT_TRUE(message.progress());
}

TEST_F(WatchChangesTest, NewYearsStructureIsOneRevision) {
  now_ = *ParseInstant("2023-12-31T10:00:00Z");
  Serve();
  // Larvik and Skien were of Vestfold og Telemark (38) until 2024.
  Do({MakeContract(1, "3805"), MakeContract(2, "3807")});
  Watcher watcher(channel_, Request());
  ASSERT_TRUE(watcher.Read());
  const int64_t revision = AdvanceTo(*ParseInstant("2024-01-01T10:00:00Z"));
  ASSERT_TRUE(watcher.ReadUpTo(revision));
  std::map<std::string, std::string> state;
  bool old_area_ends = false;
  bool new_area_begins = false;
  for (const auto& message : watcher.seen()) {
    for (const auto& update : message.updates()) {
      old_area_ends |= update.old_row().area().code() == "38" && !update.has_new_row();
      new_area_begins |= update.new_row().area().code() == "39" && !update.has_old_row();
    }
  }
  EXPECT_TRUE(old_area_ends);
  EXPECT_TRUE(new_area_begins);
  // A filter may name an area that is gone: a stream resumed after the change has it.
  v1::IndicatorFilter filter;
  filter.add_area_codes("3805");
  Watcher old_area(channel_, Request(false, "", filter));
  EXPECT_TRUE(old_area.Read());
}

}  // namespace
}  // namespace flosync
