#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/core_harness.h"

// The feed holds exactly the differences, with their causes; the work of a change is that of what depends on it.
namespace flosync {
namespace {

// Follows every cell through the feed; each update must begin where the one before ended.
CellMap Replayed(const std::vector<FeedEntry>& feed) {
  std::map<std::string, std::optional<Cell>> now;
  for (const FeedEntry& entry : feed) {
    EXPECT_NE(entry.before, entry.after) << entry.cell << " in revision " << entry.revision;
    const auto known = now.find(entry.cell);
    const Cell before = known == now.end() ? Cell{} : known->second.value_or(Cell{});
    EXPECT_EQ(entry.before.value_or(Cell{}), before) << entry.cell << " in revision " << entry.revision;
    now[entry.cell] = entry.after;
  }
  CellMap cells;
  for (const auto& [name, cell] : now) {
    if (cell && !(*cell == Cell{})) cells[name] = *cell;
  }
  return cells;
}

TEST(Feed, BeforeAndAfterMakeAChainThatEndsInTheCells) {
  CoreHarness h;
  h.Tell(AList(1), "2023-12-30T10:00:00Z");
  h.Tell(Patients(1, 800), "2023-12-30T10:00:01Z");
  h.Tell(ARegularGp(11, 1, 7), "2023-12-30T10:00:02Z");
  h.Tell(ASpecialist(7), "2023-12-30T10:00:03Z");
  h.Tell(AList(2, "1507"), "2023-12-30T10:00:04Z");
  h.Tell(ARegularGp(12, 2, 7), "2023-12-30T10:00:05Z");
  h.MoveClock("2024-01-01T00:00:00Z");
  h.Tell(AList(1, "4601", "2023-12-31"), "2024-01-01T10:00:00Z");
  h.Tell(WithoutDoctorPeriod(12), "2024-01-01T10:00:01Z");
  h.Restart();
  h.Tell(ADoctor(7, "2024-01-01"), "2024-01-02T10:00:00Z");
  EXPECT_EQ(Replayed(h.Feed()), h.LiveCells());
}

TEST(Feed, NamesTheRecordThatChangedAFigure) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:01Z");
  const CommitResult committed = h.Tell(ASpecialist(7), "2024-01-10T10:00:02Z");
  const Position cause{At("2024-01-10T10:00:02Z"), Topic::kPerson, 0, 0, 0};
  std::map<std::string, FeedEntry> told;
  for (const FeedEntry& entry : h.Feed()) {
    if (entry.revision == committed.revision) told[entry.cell] = entry;
  }
  EXPECT_LE(told.size(), static_cast<size_t>(committed.updates));
  // In each of four areas: the share for all and for 49-year-olds, and gp_count of all.40_60, male.all, male.40_60.
  EXPECT_EQ(told.size(), 4U * 5U);
  for (const auto& [cell, entry] : told) EXPECT_EQ(entry.cause, cause) << cell;
  EXPECT_EQ(told.at("0301 gp_specialist_share all").before, (Cell{0, 1}));
  EXPECT_EQ(told.at("0301 gp_specialist_share all").after, (Cell{1, 1}));
  EXPECT_EQ(told.at("NO gp_count male.40_60").after, (Cell{1, 0}));
}

TEST(Feed, IsSilentAboutWhatChangesNoFigure) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  EXPECT_EQ(h.Tell(AList(1), "2024-01-10T10:00:01Z").updates, 0);                        // duplicate
  EXPECT_EQ(h.Tell(ASpecialist(7), "2024-01-10T10:00:02Z").updates, 0);                  // nobody's GP
  EXPECT_EQ(h.Tell(AList(1, "0301", "2023-01-01"), "2024-01-10T10:00:03Z").updates, 0);  // nothing new
  EXPECT_EQ(h.Tell(ASubstitute(12, 1, 7), "2024-01-10T10:00:04Z").updates, 0);
  EXPECT_TRUE(h.Feed().empty() || h.Feed().back().revision == 1);
}

TEST(Feed, StandsInCanonicalOrder) {
  CoreHarness h;
  h.Commit({h.inbox().Next(AList(1), At("2024-01-10T10:00:00Z")),
            h.inbox().Next(AList(2, "4601"), At("2024-01-10T10:00:00Z"))});
  std::vector<std::string> cells;
  for (const FeedEntry& entry : h.Feed()) {
    if (entry.cell.find("list_unstaffed_share") != std::string::npos) cells.push_back(entry.cell);
  }
  EXPECT_EQ(cells, (std::vector<std::string>{"NO list_unstaffed_share all", "03 list_unstaffed_share all",
                                             "46 list_unstaffed_share all", "50000_pluss list_unstaffed_share all",
                                             "0301 list_unstaffed_share all", "4601 list_unstaffed_share all"}));
}

TEST(R14_Units, AgreementsForTheShareUniqueDoctorsForTheCount) {
  CoreHarness h;  // one specialist on two lists in Oslo and one in Bergen
  h.Tell(AList(1, "0301"), "2024-01-10T10:00:00Z");
  h.Tell(AList(2, "0301"), "2024-01-10T10:00:00Z");
  h.Tell(AList(3, "4601"), "2024-01-10T10:00:00Z");
  for (const int64_t id : {1, 2, 3}) {
    h.Tell(ARegularGp(10 + id, id, 7), "2024-01-10T10:00:01Z");
    h.Tell(Patients(id, 1000), "2024-01-10T10:00:01Z");
  }
  h.Tell(ASpecialist(7), "2024-01-10T10:00:02Z");
  EXPECT_EQ(h.Live("NO", "gp_specialist_share"), (Cell{3, 3}));
  EXPECT_EQ(h.Live("0301", "gp_specialist_share"), (Cell{2, 2}));
  EXPECT_EQ(h.Live("NO", "gp_count", "all.all"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("0301", "gp_count", "all.all"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("4601", "gp_count", "male.40_60"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("NO", "gps_per_10000_listed"), (Cell{1, 3000}));
  EXPECT_EQ(h.Live("0301", "gps_per_10000_listed"), (Cell{1, 2000}));
  h.Tell(WithoutDoctorPeriod(11), "2024-01-10T11:00:00Z");
  EXPECT_EQ(h.Live("0301", "gp_specialist_share"), (Cell{1, 1}));
  EXPECT_EQ(h.Live("0301", "gp_count", "all.all"), (Cell{1, 0}));
  EXPECT_EQ(h.Live("0301", "gps_per_10000_listed"), (Cell{1, 2000}));
  h.Tell(WithoutDoctorPeriod(12), "2024-01-10T11:00:01Z");
  EXPECT_EQ(h.Live("0301", "gp_count", "all.all"), (Cell{0, 0}));
  EXPECT_EQ(h.Live("NO", "gp_count", "all.all"), (Cell{1, 0}));
}

TEST(R15_Geography, AnAmbiguousListCountsInTheNationOnly) {
  CoreHarness h;
  h.Tell(AList(1, "1507"), "2024-01-10T10:00:00Z");
  h.Tell(AList(2, "9999"), "2024-01-10T10:00:00Z");
  h.Tell(AList(3, ""), "2024-01-10T10:00:00Z");
  EXPECT_EQ(h.LiveCells(), (CellMap{{"NO list_count all", {3, 0}},
                                    {"NO list_count unstaffed", {3, 0}},
                                    {"NO list_count unstaffed_over_1y", {3, 0}},
                                    {"NO list_unstaffed_share all", {3, 3}}}));
}

// Lists, GPs and counts for a whole register in one commit.
void Found(CoreHarness& h, int64_t lists) {
  std::vector<DecodedRecord> records;
  const Instant at = At("2024-01-10T10:00:00Z");
  const auto municipalities = Geography::Shipped().MunicipalitiesAt(Day(2024, 1, 10), 2024);
  for (int64_t id = 1; id <= lists; ++id) {
    const std::string& number =
        id == 1 ? "0301" : municipalities[static_cast<size_t>(id) % municipalities.size()].number;
    records.push_back(h.inbox().Next(AList(id, number), at));
    records.push_back(h.inbox().Next(ARegularGp(100000 + id, id, static_cast<int32_t>(id)), at));
    records.push_back(h.inbox().Next(ASpecialist(static_cast<int32_t>(id)), at));
    records.push_back(h.inbox().Next(Patients(id, 1000), at));
  }
  h.Commit(std::move(records));
}

struct Work {
  int64_t cells = 0;
  int64_t lists = 0;
  bool operator==(const Work&) const = default;
};

Work WorkOfOneDoctor(int64_t lists) {
  CoreHarness h;
  Found(h, lists);
  const Work before{h.core().live().cells_touched(), h.core().live().lists_derived()};
  h.Tell(ADoctor(1, "2024-01-09"), "2024-01-10T11:00:00Z");
  EXPECT_EQ(h.Live("NO", "gp_specialist_share"), (Cell{lists - 1, lists}));
  return {h.core().live().cells_touched() - before.cells, h.core().live().lists_derived() - before.lists};
}

TEST(BoundedWork, OneChangedDoctorCostsTheSameInASmallAndALargeRegister) {
  const Work small = WorkOfOneDoctor(50);
  EXPECT_EQ(small.lists, 1);
  EXPECT_GT(small.cells, 0);
  EXPECT_EQ(WorkOfOneDoctor(2000), small);
}

}  // namespace
}  // namespace flosync
