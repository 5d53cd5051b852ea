#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/geography/stored_tables.h"
#include "state/snapshots/snapshot.h"
#include "tests/support/core_harness.h"
#include "tests/unit/geography_tables.h"

// Imported tables: in force from the next start on, in what is counted from then on, and in nothing made before (B8).
namespace flosync {
namespace {

const TablesImport kImport{At("2026-12-20T09:00:00Z"), "/srv/tables"};

std::string Vintage(const EditedTables& edited) { return TablesHash(edited.tables()); }

void Import(CoreHarness& h, const EditedTables& edited) {
  const auto geography = ReplaceTables(View(h.store()), edited.files());
  ASSERT_TRUE(geography.ok()) << geography.status();
  ASSERT_TRUE(PutInForce(h.store(), **geography, kImport).ok());
}

std::string InForce(CoreHarness& h) { return LoadGeography(View(h.store())).value()->tables_hash(); }

EditedTables PopulationOf2027() {
  // 4 978 in 2026: another group.
  return EditedTables().Append("population.csv", "3414,2027,5100");
}

TEST(B8_Import, TheShippedTablesAreInForceUntilThen) {
  CoreHarness h;
  EXPECT_EQ(InForce(h), Geography::Shipped().tables_hash());
  EXPECT_EQ(LastImport(View(h.store())).value(), std::nullopt);
}

TEST(B8_Import, ReplacesTheGivenTablesAndSaysWhenAndFromWhere) {
  CoreHarness h;
  Import(h, PopulationOf2027());
  EXPECT_EQ(InForce(h), Vintage(PopulationOf2027()));
  const auto geography = LoadGeography(View(h.store())).value();
  EXPECT_EQ(geography->last_population_year(), 2027);
  EXPECT_EQ(geography->tables().municipalities, ShippedTables().municipalities);
  const auto import = LastImport(View(h.store())).value();
  ASSERT_TRUE(import.has_value());
  EXPECT_EQ(import->at, kImport.at);
  EXPECT_EQ(import->from, kImport.from);
  // The next import builds on this one.
  Import(h, EditedTables().Replace("kommunegrupper.csv", "Under 2 000", "Below 2 000"));
  EXPECT_EQ(LoadGeography(View(h.store())).value()->last_population_year(), 2027);
}

TEST(B8_Import, GoesBackToTheShippedTables) {
  CoreHarness h;
  Import(h, PopulationOf2027());
  ASSERT_TRUE(PutShippedInForce(h.store()).ok());
  EXPECT_EQ(InForce(h), Geography::Shipped().tables_hash());
  EXPECT_EQ(LastImport(View(h.store())).value(), std::nullopt);
}

TEST(B8_Import, NothingIsChangedIfAnythingIsWrong) {
  CoreHarness h;
  const auto replaced = ReplaceTables(View(h.store()), EditedTables().Append("population.csv", "9998,2027,1").files());
  EXPECT_TRUE(absl::IsInvalidArgument(replaced.status())) << replaced.status();
  EXPECT_EQ(InForce(h), Geography::Shipped().tables_hash());
}

TEST(B8_Import, AFileThatIsTooLongIsRefused) {
  CoreHarness h;
  const auto replaced = ReplaceTables(View(h.store()), {{"population.csv", std::string((16U << 20U) + 1, 'x')}});
  EXPECT_TRUE(absl::IsInvalidArgument(replaced.status()));
  EXPECT_NE(replaced.status().message().find("population.csv: longer than 16777216 bytes"), std::string::npos);
}

TEST(B8_Import, EveryVintageThatFiguresWereMadeWithCanBeReadAgain) {
  CoreHarness h;
  h.Tell(AList(1), "2026-12-10T10:00:00Z");
  Import(h, PopulationOf2027());
  h.Restart();
  h.MoveClock("2026-12-11T10:00:00Z");
  for (const std::string& vintage : {Geography::Shipped().tables_hash(), Vintage(PopulationOf2027())}) {
    const auto geography = LoadVintage(View(h.store()), vintage);
    ASSERT_TRUE(geography.ok()) << geography.status();
    EXPECT_EQ((*geography)->tables_hash(), vintage);
  }
  EXPECT_TRUE(absl::IsNotFound(LoadVintage(View(h.store()), "0123").status()));
}

TEST(B8_Import, FiguresFollowWithTheNextStart) {
  CoreHarness h;
  h.Tell(AList(1, "3414"), "2027-01-10T10:00:00Z");
  EXPECT_EQ(h.Live("2000_4999", "list_count"), (Cell{1, 0}));
  Import(h, PopulationOf2027());
  h.Restart();
  h.MoveClock("2027-01-10T10:00:01Z");
  EXPECT_EQ(h.Live("2000_4999", "list_count"), (Cell{0, 0}));
  EXPECT_EQ(h.Live("5000_9999", "list_count"), (Cell{1, 0}));
  EXPECT_EQ(h.LiveCells(), h.StoredCells());
  // Told once, in one revision, because of the clock; and not again after another start.
  const std::vector<FeedEntry> feed = h.Feed();
  const auto told = std::ranges::count_if(feed, [&](const FeedEntry& entry) {
    return entry.revision == feed.back().revision && !entry.cause && entry.cell.starts_with("5000_9999 list_count all");
  });
  EXPECT_EQ(told, 1);
  h.Restart();
  EXPECT_FALSE(h.MoveClock("2027-01-10T10:00:02Z").committed);
}

TEST(B8_Import, AreasThatCameOrWentAreToldWithOneSideAbsent) {
  CoreHarness h;
  h.Tell(AList(1, "4601"), "2027-01-10T10:00:00Z");
  EXPECT_EQ(h.Live("4601", "list_count"), (Cell{1, 0}));
  Import(h, BergenRenumberedIn2027());
  h.Restart();
  h.MoveClock("2027-01-10T10:00:01Z");
  EXPECT_EQ(h.Live("4699", "list_count"), (Cell{1, 0}));
  EXPECT_EQ(h.LiveCells(), h.StoredCells());
  EXPECT_FALSE(h.StoredCells().contains("4601 list_count all"));
  int seen = 0;
  for (const FeedEntry& entry : h.Feed()) {
    if (entry.cell == "4601 list_count all" && entry.before == Cell{1, 0} && !entry.after) ++seen;
    if (entry.cell == "4699 list_count all" && !entry.before && entry.after == Cell{1, 0}) ++seen;
  }
  EXPECT_EQ(seen, 2);
}

TEST(B8_Import, ARecordInTheFirstCommitAfterItTakesEffectToo) {
  CoreHarness h;
  h.Tell(AList(1, "4601"), "2027-01-10T10:00:00Z");
  Import(h, BergenRenumberedIn2027());
  h.Restart();
  h.Tell(AList(2, "4699"), "2027-01-10T10:00:01Z");
  EXPECT_EQ(h.Live("4699", "list_count"), (Cell{2, 0}));
  EXPECT_EQ(h.LiveCells(), h.StoredCells());
}

TEST(R18_Snapshot, CarriesTheVintageItWasMadeWith) {
  CoreHarness h;
  h.Tell(AList(1, "3414"), "2026-12-10T10:00:00Z");
  const auto made = [&h](Day d) { return FindSnapshot(View(h.store()), d, 1).value(); };
  ASSERT_TRUE(MakeDueSnapshots(h.core(), At("2027-01-05T00:00:00Z"), true).ok());
  const SnapshotHeader before = made(Day(2027, 1, 1));
  const std::string rows = SnapshotCsv(View(h.store()), before).value();
  EXPECT_EQ(before.reference_tables_hash, Geography::Shipped().tables_hash());
  EXPECT_EQ(before.population_year, 2026);
  Import(h, PopulationOf2027());
  h.Restart();
  ASSERT_TRUE(MakeDueSnapshots(h.core(), At("2027-02-05T00:00:00Z"), true).ok());
  EXPECT_EQ(made(Day(2027, 2, 1)).reference_tables_hash, Vintage(PopulationOf2027()));
  EXPECT_EQ(made(Day(2027, 2, 1)).population_year, 2027);
  // The one made before is as it was: a new population table is no correction.
  EXPECT_EQ(made(Day(2027, 1, 1)).reference_tables_hash, before.reference_tables_hash);
  EXPECT_EQ(SnapshotCsv(View(h.store()), made(Day(2027, 1, 1))).value(), rows);
}

}  // namespace
}  // namespace flosync
