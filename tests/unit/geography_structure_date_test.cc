#include <string>

#include <gtest/gtest.h>

#include "state/snapshots/snapshot.h"
#include "tests/support/core_harness.h"
#include "tests/unit/geography_tables.h"

// Which structure dates there are, and in which structure a day beyond the tables stands (R15, G3, G5).
namespace flosync {
namespace {

Geography Parsed(const EditedTables& edited) { return Geography::Parse(edited.tables()).value(); }

std::string Placed(const AreaFrame& frame, std::string_view number) {
  const int32_t municipality = frame.Place(number).municipality;
  return municipality < 0 ? "none" : frame.areas()[static_cast<size_t>(municipality)].code;
}

TEST(R15_StructureDate, OnesThatTheTablesDoNotCoverAreOutOfRange) {
  const Geography& g = Geography::Shipped();
  EXPECT_EQ(kFirstStructureDate, Day(2015, 1, 1));
  EXPECT_EQ(g.last_structure_date(), Day(2026, 12, 31));
  EXPECT_TRUE(g.Frame(Day(2015, 1, 1), 2015).ok());
  EXPECT_TRUE(g.Frame(Day(2026, 12, 31), 2026).ok());
  for (const Day d : {Day(2014, 12, 31), Day(2027, 1, 1), Day::Min(), Day::Max()}) {
    EXPECT_TRUE(absl::IsOutOfRange(g.Frame(d, 2026).status())) << d.epoch_days();
  }
  EXPECT_NE(g.Frame(Day(2027, 1, 1), 2027).status().message().find("end at 2026-12-31"), std::string::npos);
}

TEST(R15_StructureDate, TheLastYearIsThatOfTheLastPopulationOrChange) {
  EXPECT_EQ(Parsed(EditedTables().Append("population.csv", "0301,2027,1")).last_structure_date(), Day(2027, 12, 31));
  EXPECT_EQ(Parsed(BergenRenumberedIn2027()).last_structure_date(), Day(2027, 12, 31));
  EditedTables renamed;
  renamed.Replace("kommune_names.csv", "4601,Bergen,Bergen,,2020-01-01,\n",
                  "4601,Bergen,Bergen,,2020-01-01,2028-01-01\n4601,Bjørgvin,Bjørgvin,,2028-01-01,\n");
  EXPECT_EQ(Parsed(renamed).last_structure_date(), Day(2028, 12, 31));
  EXPECT_EQ(Geography::Shipped().last_population_year(), 2026);
}

TEST(R15_StructureDate, AnotherThanTheReferenceDateReadsTheNumberDirectlyInIt) {  // G5
  const Geography& g = Geography::Shipped();
  // 5012 was divided in 2020 and 1613 led to it; asked for in 2017 it is 1613 whatever the reference date.
  EXPECT_EQ(Placed(g.Frame(Day(2017, 6, 1), 2024).value(), "5012"), "1613");
  EXPECT_EQ(Placed(g.Frame(Day(2017, 6, 1), 2024).value(), "1613"), "1613");
  // Both parts of Ålesund were 1507 before; read at the reference date 1507 would be ambiguous.
  EXPECT_EQ(Placed(g.Frame(Day(2021, 1, 1), 2024).value(), "1507"), "1507");
  EXPECT_EQ(Placed(g.Frame(Day(2021, 1, 1), 2024).value(), "1580"), "1507");
  EXPECT_EQ(Placed(g.Frame(Day(2024, 1, 1), 2021).value(), "1507"), "none");
}

TEST(G1_CarriedForward, ANumberThatIsUsedAgainIsStillFollowedInBetween) {
  const std::string lier = "0626,Lier,06,Buskerud,1971-01-01,2020-01-01\n";
  const Geography g =
      Parsed(EditedTables().Replace("kommuner.csv", lier, "0626,Lier igjen,33,Buskerud,2025-01-01,\n" + lier));
  EXPECT_EQ(Placed(g.Frame(Day(2019, 1, 1), 2019).value(), "0626"), "0626");
  EXPECT_EQ(Placed(g.Frame(Day(2022, 1, 1), 2022).value(), "0626"), "3049");
  EXPECT_EQ(Placed(g.Frame(Day(2025, 1, 1), 2025).value(), "0626"), "0626");
}

TEST(G3_Population, OfAnEarlierYearInTheBordersOf2024) {
  const Geography& g = Geography::Shipped();
  const auto population = [&g](Day structure_date, int year, std::string_view number) {
    return g.Frame(structure_date, year).value().Place(number).population;
  };
  EXPECT_EQ(population(Day(2024, 1, 1), 2023, "1508"), 58142);  // population_2024_borders.csv
  EXPECT_EQ(population(Day(2024, 1, 1), 2023, "1580"), 9378);
  EXPECT_EQ(population(Day(2024, 1, 1), 2024, "1508"), 58509);  // population.csv
  EXPECT_EQ(population(Day(2023, 1, 1), 2024, "1508"), population(Day(2023, 1, 1), 2023, "1507"));
  EXPECT_EQ(population(Day(2015, 1, 1), 2014, "0301"), std::nullopt);
  EXPECT_EQ(population(Day(2015, 1, 1), 2015, "9999"), std::nullopt);
}

TEST(R15_StructureDate, AFrameOutlivesItsGeography) {
  const AreaFrame frame = Parsed(EditedTables()).Frame(Day(2024, 1, 1), 2024).value();
  EXPECT_EQ(Placed(frame, "0301"), "0301");
}

TEST(R9_NewYear, BeyondTheTablesLiveFiguresGoOnInTheLastStructure) {
  CoreHarness h;
  h.Tell(AList(1), "2026-12-30T10:00:00Z");
  h.MoveClock("2027-01-01T10:00:00Z");
  EXPECT_EQ(h.Live("0301", "list_count"), (Cell{1, 0}));
  h.Restart();
  h.Tell(AList(2), "2029-03-01T10:00:00Z");
  EXPECT_EQ(h.Live("0301", "list_count"), (Cell{2, 0}));
}

TEST(R18_Snapshot, BeyondTheTablesIsMadeInTheLastStructureAndSaysSo) {
  CoreHarness h;
  h.Tell(AList(1), "2026-12-10T10:00:00Z");
  const auto made = MakeDueSnapshots(h.core(), At("2027-02-05T00:00:00Z"), true);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(*made, (std::vector<Day>{Day(2027, 1, 1), Day(2027, 2, 1)}));
  const SnapshotHeader header = FindSnapshot(View(h.store()), Day(2027, 2, 1), 1).value();
  EXPECT_EQ(header.structure_date, Day(2026, 12, 31));
  EXPECT_EQ(header.population_year, 2026);
}

}  // namespace
}  // namespace flosync
