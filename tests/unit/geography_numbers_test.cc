#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/geography/geography.h"
#include "state/geography/shipped_tables.h"
#include "tests/support/core_harness.h"
#include "tests/unit/geography_tables.h"

// Where a municipality number belongs at a structure date: R15, G1, G2, G5, G6; the areas and their names: A1, A2.
namespace flosync {
namespace {

// "3312", "ambiguous" or "unknown".
std::string PlacedAt(std::string_view number, Day d) {
  const AreaFrame frame = Geography::Shipped().Frame(d, d.year()).value();
  const Placement placement = frame.Place(number);
  if (placement.kind == Placement::Kind::kUnknown) return "unknown";
  if (placement.kind == Placement::Kind::kAmbiguous) return "ambiguous";
  return frame.areas()[static_cast<size_t>(placement.municipality)].code;
}

struct Case {
  const char* number;
  Day structure_date;
  const char* expected;
};

void ExpectPlaced(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    EXPECT_EQ(PlacedAt(c.number, c.structure_date), c.expected) << c.number << " at " << c.structure_date.ToString();
  }
}

TEST(G1_CarriedForward, ThroughOneSuccessorAfterAnother) {
  ExpectPlaced({
      {"0626", Day(2019, 12, 31), "0626"},  // Lier: 0626, from 2020 3049, from 2024 3312
      {"0626", Day(2020, 1, 1), "3049"},
      {"0626", Day(2023, 12, 31), "3049"},
      {"0626", Day(2024, 1, 1), "3312"},
      {"3049", Day(2024, 1, 1), "3312"},
      {"1567", Day(2019, 1, 1), "5061"},  // Rindal moved to Trøndelag in 2019
      {"0706", Day(2017, 1, 1), "0710"},  // Sandefjord: merged 2017, renumbered 2020 and 2024
      {"0706", Day(2020, 1, 1), "3804"},
      {"0706", Day(2024, 1, 1), "3907"},
      {"1624", Day(2018, 1, 1), "5054"},  // Rissa and Leksvik merged
      {"1718", Day(2018, 1, 1), "5054"},
      {"2021", Day(2024, 1, 1), "5610"},  // Karasjok: 2021, 5437, 5610
  });
}

TEST(G1_CarriedBackward, WhereTheNumberIsNotYetValid) {
  ExpectPlaced({
      {"3312", Day(2023, 12, 31), "3049"},
      {"3312", Day(2019, 6, 1), "0626"},
      {"3101", Day(2017, 3, 1), "0101"},
      {"5061", Day(2018, 12, 31), "1567"},
      {"1508", Day(2023, 6, 1), "1507"},  // both parts of the divided Ålesund come from it
      {"1580", Day(2023, 6, 1), "1507"},
      {"5012", Day(2017, 6, 1), "1613"},
  });
}

TEST(G1_CarriedBackward, SeveralPredecessorsAreAmbiguous) {
  ExpectPlaced({
      {"5054", Day(2017, 12, 31), "ambiguous"},
      {"5055", Day(2019, 12, 31), "ambiguous"},
      {"3025", Day(2019, 12, 31), "ambiguous"},
      {"1806", Day(2019, 12, 31), "ambiguous"},
      {"1508", Day(2019, 12, 31), "ambiguous"},  // 1508 → 1507 → five municipalities
  });
}

TEST(G2_Divided, MunicipalitiesAreAmbiguous) {
  ExpectPlaced({
      {"1850", Day(2019, 12, 31), "1850"},
      {"1850", Day(2020, 1, 1), "ambiguous"},
      {"1850", Day(2024, 3, 1), "ambiguous"},
      {"5012", Day(2019, 12, 31), "5012"},
      {"5012", Day(2020, 1, 1), "ambiguous"},
      {"1507", Day(2023, 12, 31), "1507"},
      {"1507", Day(2024, 1, 1), "ambiguous"},
      // Whatever leads to one.
      {"1613", Day(2018, 1, 1), "5012"},
      {"1613", Day(2020, 1, 1), "ambiguous"},
      {"1534", Day(2020, 1, 1), "1507"},
      {"1534", Day(2024, 1, 1), "ambiguous"},
  });
}

TEST(G2_Changes, NameAndBoundaryMoveNobody) {
  ExpectPlaced({
      {"0301", Day(2025, 12, 31), "0301"},  // renamed in 2026
      {"0301", Day(2026, 1, 1), "0301"},
      {"1920", Day(2016, 1, 1), "1920"},
  });
}

TEST(G6_Unknown, NumbersThatNeverWere) {
  for (const char* number : {"", "2100", "9999", "0000", "301", "03011", "abcd", "NO", "03"}) {
    EXPECT_EQ(PlacedAt(number, Day(2024, 3, 1)), "unknown") << "'" << number << "'";
  }
}

TEST(G6_Unknown, EndedBeforeTheTablesBeginButInTheChangeTableIsFollowed) {
  // Bjarkøy became part of Harstad in 2013: 1903, 5402 from 2020, 5503 from 2024.
  ExpectPlaced(
      {{"1915", Day(2015, 1, 1), "1903"}, {"1915", Day(2020, 1, 1), "5402"}, {"1915", Day(2024, 1, 1), "5503"}});
}

TEST(R15_Geography, APlacedNumberHasItsCountyAtTheDay) {
  const auto county = [](std::string_view number, Day d) {
    const AreaFrame frame = Geography::Shipped().Frame(d, d.year()).value();
    const int32_t index = frame.Place(number).county;
    return index < 0 ? "" : frame.areas()[static_cast<size_t>(index)].code;
  };
  EXPECT_EQ(county("0626", Day(2019, 12, 31)), "06");
  EXPECT_EQ(county("0626", Day(2020, 1, 1)), "30");
  EXPECT_EQ(county("0626", Day(2024, 1, 1)), "33");
  EXPECT_EQ(county("1567", Day(2018, 12, 31)), "15");
  EXPECT_EQ(county("1567", Day(2019, 1, 1)), "50");
}

TEST(R15_Geography, AnAmbiguousOrUnknownNumberCountsInTheNationOnly) {
  const AreaFrame frame = Geography::Shipped().Frame(Day(2024, 1, 1), 2024).value();
  for (const char* number : {"1507", "1850", "5012", "9999", ""}) {
    const Placement placement = frame.Place(number);
    EXPECT_EQ(placement.county, -1) << number;
    EXPECT_EQ(placement.group, -1) << number;
    EXPECT_EQ(placement.municipality, -1) << number;
  }
}

TEST(A1_Areas, AreThoseValidAtTheStructureDate) {
  const auto count = [](Day d, Level level) {
    const AreaFrame frame = Geography::Shipped().Frame(d, d.year()).value();
    return std::count_if(frame.areas().begin(), frame.areas().end(),
                         [level](const Area& a) { return a.level == level; });
  };
  // 19, 11 and 15 counties; 428, 356 and 357 municipalities: the reforms of 2020 and 2024.
  EXPECT_EQ(count(Day(2015, 1, 1), Level::kCounty), 19);
  EXPECT_EQ(count(Day(2015, 1, 1), Level::kMunicipality), 428);
  EXPECT_EQ(count(Day(2020, 1, 1), Level::kCounty), 11);
  EXPECT_EQ(count(Day(2020, 1, 1), Level::kMunicipality), 356);
  EXPECT_EQ(count(Day(2023, 12, 31), Level::kCounty), 11);
  EXPECT_EQ(count(Day(2024, 1, 1), Level::kCounty), 15);
  EXPECT_EQ(count(Day(2024, 1, 1), Level::kMunicipality), 357);
  EXPECT_EQ(count(Day(2024, 1, 1), Level::kMunicipalityGroup), 5);
  EXPECT_EQ(count(Day(2024, 1, 1), Level::kNation), 1);
}

TEST(A2_Names, AreTheOfficialOnesOfTheStructureDate) {
  const auto name = [](std::string_view code, Day d) {
    const AreaFrame frame = Geography::Shipped().Frame(d, d.year()).value();
    for (const Area& area : frame.areas()) {
      if (area.code == code) return area.name;
    }
    return std::string("none");
  };
  EXPECT_EQ(name("NO", Day(2024, 1, 1)), "Norge");
  EXPECT_EQ(name("0301", Day(2025, 12, 31)), "Oslo");
  EXPECT_EQ(name("0301", Day(2026, 1, 1)), "Oslo - Oslove");
  EXPECT_EQ(name("5001", Day(2022, 12, 31)), "Trondheim");
  EXPECT_EQ(name("5001", Day(2023, 1, 1)), "Trondheim - Tråante");
  EXPECT_EQ(name("18", Day(2024, 1, 1)), "Nordland - Nordlánnda");
  EXPECT_EQ(name("under_2000", Day(2024, 1, 1)), "Under 2 000 innbyggere");
  EXPECT_EQ(name("30", Day(2024, 1, 1)), "none");
  EXPECT_EQ(name("30", Day(2023, 12, 31)), "Viken");
}

TEST(A3_Areas, StandByLevelAndThenByCode) {
  const std::vector<Area> areas = Geography::Shipped().Frame(Day(2024, 1, 1), 2024).value().areas();
  EXPECT_EQ(areas[0].code, "NO");
  for (size_t i = 1; i < areas.size(); ++i) {
    EXPECT_LT(std::tie(areas[i - 1].level, areas[i - 1].code), std::tie(areas[i].level, areas[i].code));
  }
  EXPECT_EQ(LevelName(Level::kMunicipalityGroup), "municipality_group");
}

TEST(R15_Geography, TheTablesBeginIn2015) {
  EXPECT_TRUE(absl::IsOutOfRange(Geography::Shipped().Frame(Day(2014, 12, 31), 2014).status()));
  EXPECT_TRUE(Geography::Shipped().Frame(Day(2015, 1, 1), 2015).ok());
}

TEST(R9_Structure, TheNextChangeIsKnown) {
  const Geography& g = Geography::Shipped();
  EXPECT_EQ(g.NextStructureChange(Day(2018, 6, 1)), Day(2019, 1, 1));
  EXPECT_EQ(g.NextStructureChange(Day(2019, 12, 31)), Day(2020, 1, 1));
  EXPECT_EQ(g.NextStructureChange(Day(2020, 1, 1)), Day(2022, 1, 1));  // a name
  EXPECT_EQ(g.NextStructureChange(Day(2023, 1, 1)), Day(2024, 1, 1));
  EXPECT_EQ(g.NextStructureChange(Day(2026, 1, 1)), Day::Max());
}

TEST(B8_Tables, AWrongLineIsRefusedAndNamed) {
  ReferenceTables tables = ShippedTables();
  tables.population = "code,year,population\n0301,2024,717710\n0301,2025,many\n";
  const auto parsed = Geography::Parse(tables);
  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(parsed.status().message().find("population.csv, line 3"), std::string::npos) << parsed.status();
  tables = ShippedTables();
  tables.counties = "code,name,name_official,valid_from,valid_to\n03,Oslo,Oslo,1971-01-01\n";
  EXPECT_NE(Geography::Parse(tables).status().message().find("fylker.csv, line 2"), std::string::npos);
}

TEST(R15_Geography, ANumberUsedAgainIsCarriedThroughTheChangesThatHaveHappened) {
  EditedTables tables;
  tables.Append("kommuner.csv", "9001,Prøve,03,Oslo,2016-01-01,2018-01-01");
  tables.Append("kommuner.csv", "9001,Prøve,46,Vestland,2022-01-01,2025-01-01");
  tables.Append("kommune_changes.csv", "2018-01-01,9001,Prøve,0301,Oslo,merge");
  tables.Append("kommune_changes.csv", "2025-01-01,9001,Prøve,4601,Bergen,merge");
  const auto geography = Geography::Parse(tables.tables());
  ASSERT_TRUE(geography.ok()) << geography.status();
  const AreaFrame frame = geography->Frame(Day(2020, 6, 1), 2020).value();
  const Placement placement = frame.Place("9001");
  ASSERT_EQ(placement.kind, Placement::Kind::kPlaced);
  EXPECT_EQ(frame.areas()[static_cast<size_t>(placement.municipality)].code, "0301");
}

TEST(G2_Successors, ChangesOfNamesAndBoundariesAreNone) {
  EditedTables tables;  // Bergen, 1201 until 2020
  tables.Append("kommune_changes.csv", "2020-01-01,1201,Bergen,4602,Kinn,boundary");
  tables.Append("kommune_changes.csv", "2020-01-01,1201,Bergen,4611,Etne,name");
  const auto geography = Geography::Parse(tables.tables());
  ASSERT_TRUE(geography.ok()) << geography.status();
  const AreaFrame frame = geography->Frame(Day(2024, 6, 1), 2024).value();
  const Placement placement = frame.Place("1201");
  ASSERT_EQ(placement.kind, Placement::Kind::kPlaced);
  EXPECT_EQ(frame.areas()[static_cast<size_t>(placement.municipality)].code, "4601");
}

TEST(B8_Tables, TheirHashIsTheVintage) {
  ReferenceTables tables = ShippedTables();
  EXPECT_EQ(Geography::Parse(tables)->tables_hash(), Geography::Shipped().tables_hash());
  EXPECT_EQ(Geography::Shipped().tables_hash().size(), 64U);
  const std::string longer = std::string(tables.population) + "0301,2099,1\n";
  tables.population = longer;
  EXPECT_NE(Geography::Parse(tables)->tables_hash(), Geography::Shipped().tables_hash());
}

}  // namespace
}  // namespace flosync
