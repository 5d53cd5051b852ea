#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/snapshots/evaluate.h"
#include "state/snapshots/public_export.h"
#include "tests/support/core_harness.h"

// The public export with suppression: R21.
namespace flosync {
namespace {

const Day kDay(2024, 3, 1);

// So many lists, each with a GP of its own, in each municipality.
class Country {
 public:
  Country& With(const std::string& municipality, int lists) {
    for (int i = 0; i < lists; ++i) {
      ++next_;
      reg_.Know(AList(next_, municipality)).Know(ARegularGp(next_, next_, static_cast<int32_t>(next_)));
    }
    return *this;
  }
  // "0301 gp_turnover all" → row.
  [[nodiscard]] std::map<std::string, IndicatorRow> Public() const {
    const AreaFrame frame = Geography::Shipped().Frame(kDay, 2024).value();
    const FigurePlan plan(Definitions::Shipped().published(), true);
    CellTable cells(&frame, &plan);
    FillCells(reg_.reg(), Perspective::AtDate(kDay, Derivation()), cells);
    std::map<std::string, IndicatorRow> rows;
    for (const IndicatorRow& row : ForPublic(RowsOf(cells, kDay), frame)) {
      rows[CellName(row.area_code, row.measure, row.breakdown)] = row;
    }
    return rows;
  }

 private:
  SmallRegister reg_;
  int64_t next_ = 0;
};

bool Blanked(const IndicatorRow& row) {
  EXPECT_EQ(row.value.empty() && !row.numerator && !row.denominator, row.flags.find("suppressed") != std::string::npos);
  return row.flags.find("suppressed") != std::string::npos;
}

TEST(R21_PublicExport, BlanksAreasWithFewerThanFiveGpsOrLists) {
  // Two small municipalities of Nordland, so that neither can be had by subtraction; both in the smallest group but
  // one.
  const auto rows = Country().With("1804", 9).With("1853", 4).With("1851", 3).With("1860", 5).Public();
  for (const char* name : {"gp_count all.lt40", "list_count staffed", "list_length_mean all", "gp_turnover all"}) {
    EXPECT_TRUE(Blanked(rows.at(std::string("1853 ") + name))) << name;
    EXPECT_TRUE(Blanked(rows.at(std::string("1851 ") + name))) << name;
    EXPECT_FALSE(Blanked(rows.at(std::string("1804 ") + name))) << name;
  }
  EXPECT_EQ(rows.at("1853 list_count staffed").flags, "suppressed");
  EXPECT_EQ(rows.at("1853 list_unstaffed_share all").flags,
            "suppressed");  // not small_base: it speaks of the denominator
}

TEST(R21_PublicExport, NeverBlanksTheNationAndTheTotals) {
  const auto rows = Country().With("1853", 1).Public();
  for (const auto& [name, row] : rows) {
    if (row.level == Level::kNation) {
      EXPECT_FALSE(Blanked(row)) << name;
    }
  }
  for (const char* name : {"gp_count all.all", "list_count all", "persons_listed all", "gp_specialist_share all"}) {
    EXPECT_FALSE(Blanked(rows.at(std::string("1853 ") + name))) << name;
  }
  EXPECT_EQ(rows.at("1853 gp_specialist_share all").flags, "small_base");
}

TEST(R21_PublicExport, BlanksTheNextSmallestSiblingWhereSubtractionWouldTell) {
  // Every municipality of Oslo's group has lists enough but one county has a single small municipality.
  Country country;
  for (const auto& place : Geography::Shipped().MunicipalitiesAt(kDay, 2024)) {
    country.With(place.number, place.number == "1804" ? 12 : place.number == "1853" ? 2 : 7);
  }
  const auto rows = country.Public();
  EXPECT_TRUE(Blanked(rows.at("1853 list_count staffed")));
  int in_county = 0;
  int in_group = 0;
  const AreaFrame frame = Geography::Shipped().Frame(kDay, 2024).value();
  const Placement small = frame.Place("1853");
  for (const auto& place : Geography::Shipped().MunicipalitiesAt(kDay, 2024)) {
    if (!Blanked(rows.at(place.number + " list_count staffed"))) continue;
    in_county += frame.Place(place.number).county == small.county ? 1 : 0;
    in_group += frame.Place(place.number).group == small.group ? 1 : 0;
  }
  EXPECT_GE(in_county, 2);
  EXPECT_GE(in_group, 2);
  EXPECT_FALSE(Blanked(rows.at("1804 list_count staffed"))) << "the next smallest, not the largest";
}

}  // namespace
}  // namespace flosync
