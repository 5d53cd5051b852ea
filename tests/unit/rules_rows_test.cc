#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/indicators/indicator_row.h"
#include "state/indicators/measures/all.h"
#include "state/snapshots/evaluate.h"
#include "state/snapshots/schedule.h"
#include "tests/support/core_harness.h"

// From an exact cell to the row that is published: R17, R21, A3–A9.
namespace flosync {
namespace {

const Area kOslo{Level::kMunicipality, "0301", "Oslo - Oslove"};
const Day kDay(2024, 3, 1);

FigurePlan::Entry EntryOf(const Measure& measure, int breakdown) {
  const FigurePlan plan(Definitions::Shipped().published(), true);
  for (const FigurePlan::Entry& entry : plan.entries()) {
    if (entry.measure == &measure && entry.breakdown == breakdown) return entry;
  }
  return {};
}

IndicatorRow RowOf(const Area& area, const Measure& measure, int breakdown, const Cell& cell) {
  const FigurePlan::Entry entry = EntryOf(measure, breakdown);
  return MakeRow(area, entry, ShowFigure(entry.kind(), cell, nullptr, kDay));
}

TEST(A7_Rounding, IsHalfAwayFromZero) {
  EXPECT_EQ(OneDecimal(1, 100, 3), "33.3");
  EXPECT_EQ(OneDecimal(2, 100, 3), "66.7");
  EXPECT_EQ(OneDecimal(1, 100, 2000), "0.1");       // 0.05 exactly
  EXPECT_EQ(OneDecimal(49, 1, 1000), "0.0");        // 0.049
  EXPECT_EQ(OneDecimal(5, 100, 2000), "0.3");       // 0.25, where a double and half to even say 0.2
  EXPECT_EQ(OneDecimal(45, 100, 2000), "2.3");      // 2.25
  EXPECT_EQ(OneDecimal(1999, 100, 2000), "100.0");  // 99.95
  EXPECT_EQ(OneDecimal(3194, 100, 4997), "63.9");   // the published share of 2021
  EXPECT_EQ(OneDecimal(1005, 1, 100), "10.1");      // 10.05, which a double holds as 10.04999…
}

TEST(A7_Rounding, OfNegativeFiguresToo) {
  EXPECT_EQ(OneDecimal(-1, 100, 3), "-33.3");
  EXPECT_EQ(OneDecimal(-5, 100, 2000), "-0.3");
  EXPECT_EQ(OneDecimal(-1, 100, 2000), "-0.1");
  EXPECT_EQ(OneDecimal(-49, 1, 1000), "0.0");  // never "-0.0"
  EXPECT_EQ(OneDecimal(0, 100, 7), "0.0");
}

TEST(A7_Rounding, HoldsForLargeFigures) {
  EXPECT_EQ(OneDecimal(5301951, 10000, 5301952), "10000.0");
  EXPECT_EQ(OneDecimal(9000000000000000, 10000, 9000000000000001), "10000.0");
}

TEST(A7_Columns, OfACountHaveNoDenominator) {
  const IndicatorRow row = RowOf(kOslo, ListCountMeasure(), 0, {12, 0});
  EXPECT_EQ(row.numerator, 12);
  EXPECT_EQ(row.denominator, std::nullopt);
  EXPECT_EQ(row.value, "12");
  EXPECT_EQ(row.unit, "count");
  EXPECT_EQ(row.flags, "");
}

TEST(A7_Columns, OfAPercentAreBothIntegersAndOneDecimal) {
  const IndicatorRow row = RowOf(kOslo, GpSpecialistShareMeasure(), 1, {3, 7});
  EXPECT_EQ(row.definition, "nki-gp-specialist/3.0");
  EXPECT_EQ(row.breakdown, "all");
  EXPECT_EQ(row.numerator, 3);
  EXPECT_EQ(row.denominator, 7);
  EXPECT_EQ(row.value, "42.9");
  EXPECT_EQ(row.unit, "percent");
}

TEST(A7_Columns, OfGpsPer10000) {
  // 5 224 GPs, 5 522 413 patients: 9.4596…
  const IndicatorRow row = RowOf(kOslo, GpsPer10000ListedMeasure(), 0, {5224, 5522413});
  EXPECT_EQ(row.value, "9.5");
  EXPECT_EQ(row.unit, "per_10000");
}

TEST(A7_Columns, WithDenominator0TheValueIsAbsentAndTheIntegersAreWritten) {
  const IndicatorRow row = RowOf(kOslo, ListUnstaffedShareMeasure(), 0, {0, 0});
  EXPECT_EQ(row.numerator, 0);
  EXPECT_EQ(row.denominator, 0);
  EXPECT_EQ(row.value, "");
  // GPs but no known patient.
  EXPECT_EQ(RowOf(kOslo, GpsPer10000ListedMeasure(), 0, {3, 0}).value, "");
  EXPECT_EQ(RowOf(kOslo, GpsPer10000ListedMeasure(), 0, {3, 0}).numerator, 3);
}

TEST(A9_Flags, SmallBaseIffADenominatorIsPresentAndBelow5) {
  EXPECT_EQ(RowOf(kOslo, ListUnstaffedShareMeasure(), 0, {0, 0}).flags, "small_base");
  EXPECT_EQ(RowOf(kOslo, ListUnstaffedShareMeasure(), 0, {1, 4}).flags, "small_base");
  EXPECT_EQ(RowOf(kOslo, ListUnstaffedShareMeasure(), 0, {1, 5}).flags, "");
  EXPECT_EQ(RowOf(kOslo, ListCountMeasure(), 0, {1, 0}).flags, "");
}

TEST(A4_Csv, QuotesOnlyWhereNeeded) {
  const auto quoted = [](std::string_view field) {
    std::string out;
    AppendCsvField(field, out);
    return out;
  };
  EXPECT_EQ(quoted("Oslo - Oslove"), "Oslo - Oslove");
  EXPECT_EQ(quoted(""), "");
  EXPECT_EQ(quoted("a,b"), "\"a,b\"");
  EXPECT_EQ(quoted("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(quoted("a\nb"), "\"a\nb\"");
  EXPECT_EQ(quoted("a\rb"), "\"a\rb\"");
  EXPECT_EQ(quoted("a;b 'c'"), "a;b 'c'");
}

TEST(R21_Rows, HaveTheColumnsInOrder) {
  EXPECT_EQ(
      kExportHeader,
      "reference_date,edition,definition,level,area_code,area_name,measure,breakdown,numerator,denominator,value,unit,"
      "flags");
  std::string line;
  AppendCsv("2024-03-01", "1", RowOf(kOslo, GpSpecialistShareMeasure(), 1, {1, 3}), line);
  EXPECT_EQ(
      line,
      "2024-03-01,1,nki-gp-specialist/3.0,municipality,0301,Oslo - Oslove,gp_specialist_share,all,1,3,33.3,percent,"
      "small_base\n");
  line.clear();
  AppendCsv("2024-03-01", "1", RowOf({Level::kNation, "NO", "Norge"}, ListCountMeasure(), 3, {0, 0}), line);
  EXPECT_EQ(line, "2024-03-01,1,gp-statistics/1.0,nation,NO,Norge,list_count,unstaffed_over_1y,0,,0,count,\n");
}

std::vector<IndicatorRow> RowsOfNothing(Day d) {
  const AreaFrame frame = Geography::Shipped().Frame(d, d.year()).value();
  static const FigurePlan plan(Definitions::Shipped().published(), true);
  CellTable cells(&frame, &plan);
  FillCells(Register(), Perspective::AtDate(d, Derivation()), cells);
  return RowsOf(cells, d);
}

TEST(R21_Rows, StandInCanonicalOrder) {
  const std::vector<IndicatorRow> rows = RowsOfNothing(Day(2024, 3, 1));
  const auto key = [](const IndicatorRow& r) { return std::tie(r.level, r.area_code, r.measure, r.breakdown); };
  for (size_t i = 1; i < rows.size(); ++i) {
    ASSERT_LT(key(rows[i - 1]), key(rows[i]))
        << rows[i].area_code << " " << rows[i].measure << " " << rows[i].breakdown;
  }
}

TEST(A1_Dense, ARowForEveryBreakdownOfEveryAreaAlsoWithoutLists) {
  const std::vector<IndicatorRow> rows = RowsOfNothing(Day(2024, 3, 1));
  // 60 breakdowns everywhere, municipality_all_specialists above municipalities, municipality_median in groups.
  EXPECT_EQ(rows.size(), 16U * 61U + 5U * 62U + 357U * 60U);
  for (const IndicatorRow& row : rows) {
    EXPECT_EQ(row.numerator.value_or(0), 0);
    if (row.measure == "locum_days") {
      EXPECT_EQ(row.denominator, 100);
      EXPECT_EQ(row.value, "0.0");
    } else {
      EXPECT_EQ(row.denominator.value_or(0), 0);
      EXPECT_EQ(row.value, row.denominator ? "" : "0");
    }
  }
}

TEST(A5_Breakdowns, AreAsRuled) {
  const std::vector<IndicatorRow> rows = RowsOfNothing(Day(2024, 3, 1));
  std::map<std::string, std::set<std::string>> breakdowns;
  for (const IndicatorRow& row : rows) breakdowns[row.measure].insert(row.breakdown);
  EXPECT_EQ(breakdowns["gp_specialist_share"], (std::set<std::string>{"all", "lt40", "40_60", "gt60"}));
  EXPECT_EQ(breakdowns["list_count"], (std::set<std::string>{"all", "staffed", "unstaffed", "unstaffed_over_1y"}));
  EXPECT_EQ(breakdowns["persons_listed"], (std::set<std::string>{"all", "on_unstaffed", "on_unstaffed_over_1y"}));
  EXPECT_EQ(breakdowns["gps_per_10000_listed"], std::set<std::string>{"all"});
  EXPECT_EQ(breakdowns["list_unstaffed_share"], std::set<std::string>{"all"});
  std::set<std::string> gp_count;
  for (const std::string sex : {"all", "male", "female"}) {
    for (const std::string age : {"all", "lt40", "40_60", "gt60", "ge67"}) gp_count.insert(sex + "." + age);
  }
  EXPECT_EQ(breakdowns["gp_count"], gp_count);
}

TEST(A10_Definitions, NameWhatAFigureIsPublishedUnder) {
  for (const IndicatorRow& row : RowsOfNothing(Day(2017, 1, 1))) {
    const bool duration = row.measure.starts_with("contract_duration_");
    EXPECT_EQ(row.definition, row.measure == "gp_specialist_share" ? "nki-gp-specialist/3.0"
                              : duration                           ? "nki-gp-agreement-duration/1.0"
                                                                   : "gp-statistics/1.0");
  }
}

using Days = std::vector<Day>;

Days Due(Instant first, Instant end) { return DueRuns(first, end, Derivation(), Geography::Shipped()); }

TEST(B2_DueDates, AreTheFirstOfMonthsAfterTheFirstRecordUpToTheEnd) {
  // t(2024-02-01) is 05:00Z on that day.
  EXPECT_EQ(Due(At("2024-01-15T00:00:00Z"), At("2024-03-01T05:00:00Z")), (Days{Day(2024, 2, 1), Day(2024, 3, 1)}));
  EXPECT_EQ(Due(At("2024-01-15T00:00:00Z"), At("2024-03-01T04:59:59.999Z")), Days{Day(2024, 2, 1)});
  EXPECT_EQ(Due(At("2024-02-01T04:59:59.999Z"), At("2024-02-01T05:00:00Z")), Days{Day(2024, 2, 1)});
  EXPECT_EQ(Due(At("2024-02-01T05:00:00Z"), At("2024-02-29T00:00:00Z")), Days{});
  // In summer t(d) is 04:00Z.
  EXPECT_EQ(Due(At("2024-06-15T00:00:00Z"), At("2024-07-01T04:00:00Z")), Days{Day(2024, 7, 1)});
  EXPECT_EQ(Due(At("2024-06-15T00:00:00Z"), At("2024-07-01T03:59:59.999Z")), Days{});
  EXPECT_EQ(Due(At("2023-11-30T12:00:00Z"), At("2024-02-10T00:00:00Z")),
            (Days{Day(2023, 12, 1), Day(2024, 1, 1), Day(2024, 2, 1)}));
}

// A record stamped by a clock that is wrong, or a date mistyped: hours of work must not follow from it.
TEST(B2_DueDates, BeginWithTheTablesAndEndSomeYearsAfterThem) {
  const Day last = Geography::Shipped().last_reference_date();
  EXPECT_EQ(last, Geography::Shipped().last_structure_date().PlusMonths(12 * kMostYearsPastTables));
  const Days due = Due(At("0001-01-01T00:00:00Z"), At("9999-12-31T00:00:00Z"));
  EXPECT_EQ(due.front(), kFirstStructureDate);
  EXPECT_EQ(due.back(), Day(last.year(), 12, 1));
  EXPECT_EQ(due.size(), static_cast<size_t>((last.year() - 2014) * 12));
  EXPECT_EQ(Due(At("2040-01-01T00:00:00Z"), At("9999-12-31T00:00:00Z")), Days{});
  EXPECT_EQ(Due(At("0001-01-01T00:00:00Z"), At("2015-01-01T04:59:59.999Z")), Days{});
  // A year past the tables is as it was.
  EXPECT_EQ(Due(At("2027-11-15T00:00:00Z"), At("2028-01-15T00:00:00Z")), (Days{Day(2027, 12, 1), Day(2028, 1, 1)}));
  Derivation daily;
  daily.correction_check = CorrectionCheck::kDaily;
  EXPECT_EQ(DueRuns(At("2036-12-30T00:00:00Z"), At("9999-12-31T00:00:00Z"), daily, Geography::Shipped()),
            (Days{Day(2036, 12, 30), Day(2036, 12, 31)}));
}

TEST(B2_DueDates, TheNextOneIsStrictlyLater) {
  EXPECT_EQ(NextSnapshotInstant(At("2024-02-01T04:59:59.999Z")), At("2024-02-01T05:00:00Z"));
  EXPECT_EQ(NextSnapshotInstant(At("2024-02-01T05:00:00Z")), At("2024-03-01T05:00:00Z"));
  EXPECT_EQ(NextSnapshotInstant(At("2023-12-31T23:30:00Z")), At("2024-01-01T05:00:00Z"));
}

}  // namespace
}  // namespace flosync
