#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/snapshots/evaluate.h"
#include "state/snapshots/schedule.h"
#include "state/snapshots/snapshot.h"
#include "state/snapshots/snapshot_maker.h"
#include "state/store/sha256.h"
#include "tests/support/core_harness.h"

// First-of-month snapshots: R18, B1, B2, B4, B5, B6, A16.
namespace flosync {
namespace {

using Days = std::vector<Day>;

std::string CsvOf(CoreHarness& h, Day d) {
  const View view(h.store());
  return SnapshotCsv(view, FindSnapshot(view, d, 1).value()).value();
}

// The row of a snapshot, without what every row of it shares.
IndicatorRow RowOf(CoreHarness& h, Day d, std::string_view area, std::string_view measure,
                   std::string_view breakdown = "all") {
  const View view(h.store());
  IndicatorRow found;
  EXPECT_TRUE(EachSnapshotRow(view, FindSnapshot(view, d, 1).value(), [&](const IndicatorRow& row) {
                const bool it = row.area_code == area && row.measure == measure && row.breakdown == breakdown;
                if (it) found = row;
                return !it;
              }).ok());
  return found;
}

Days MakeDue(CoreHarness& h, std::string_view end, bool input_ended = true, size_t most = SIZE_MAX) {
  Days first_editions;
  const auto made = MakeDueSnapshots(h.core(), At(end), input_ended, {.most_runs = most});
  for (const MadeEdition& edition : *made) {
    if (edition.edition == 1) first_editions.push_back(edition.reference_date);
  }
  return first_editions;
}

TEST(R18_Snapshot, HoldsWhatWasKnownBeforeItsInstant) {
  CoreHarness h;
  h.Tell(AList(1), "2024-02-01T04:59:59.999Z");
  h.Tell(AList(2), "2024-02-01T05:00:00Z");  // at t(d) itself: known too late
  EXPECT_EQ(MakeDue(h, "2024-02-10T00:00:00Z"), Days{Day(2024, 2, 1)});
  EXPECT_EQ(RowOf(h, Day(2024, 2, 1), "NO", "list_count").numerator, 1);
  EXPECT_EQ(h.Live("NO", "list_count"), (Cell{2, 0}));
}

TEST(R18_Snapshot, ARecordKnownOnlyLaterIsNotInItWhateverItsVersion) {
  CoreHarness h;
  h.Tell(AList(1, "0301", "2020-01-01"), "2024-01-10T00:00:00Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T00:00:00Z");
  h.Tell(ASpecialist(7, "2020-01-01"), "2024-02-05T00:00:00Z");
  h.Tell(AList(1, "4601", "2021-01-01"), "2024-02-05T00:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-02-10T00:00:00Z"), Days{Day(2024, 2, 1)});
  EXPECT_EQ(RowOf(h, Day(2024, 2, 1), "0301", "gp_specialist_share").numerator, 0);
  EXPECT_EQ(RowOf(h, Day(2024, 2, 1), "0301", "gp_specialist_share").denominator, 1);
  EXPECT_EQ(RowOf(h, Day(2024, 2, 1), "4601", "list_count").numerator, 0);
}

TEST(B5_Snapshot, SelectsVersionsAndDeletionsAtItsInstant) {
  CoreHarness h;  // t(2024-03-01) is 05:00Z, 06:00 in Oslo
  h.Tell(AList(1, "0301", "2020-01-01"), "2024-02-10T00:00:00Z");
  h.Tell(AList(1, "4601", "2024-03-01T06:00:00"), "2024-02-10T00:00:01Z");
  h.Tell(Patients(1, 800, "2024-03-01T05:59:59.999999999"), "2024-02-10T00:00:02Z");
  h.Tell(AList(2), "2024-02-10T00:00:03Z");
  h.Tell(WithoutList(2), "2024-03-01T04:59:59.999Z");
  EXPECT_EQ(MakeDue(h, "2024-03-01T05:00:00Z"), Days{Day(2024, 3, 1)});
  EXPECT_EQ(RowOf(h, Day(2024, 3, 1), "NO", "list_count").numerator, 1);
  EXPECT_EQ(RowOf(h, Day(2024, 3, 1), "0301", "persons_listed").numerator, 800);
}

TEST(R18_Snapshot, IsMadeOnceAndNeverChanges) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T00:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-02-10T00:00:00Z"), Days{Day(2024, 2, 1)});
  const std::string csv = CsvOf(h, Day(2024, 2, 1));
  h.Tell(WithoutDoctorPeriod(11), "2024-02-15T00:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-02-20T00:00:00Z"), Days{});
  EXPECT_EQ(CsvOf(h, Day(2024, 2, 1)), csv);
  h.Restart();
  EXPECT_EQ(MakeDue(h, "2024-03-20T00:00:00Z"), Days{Day(2024, 3, 1)});
  EXPECT_EQ(CsvOf(h, Day(2024, 2, 1)), csv);
  EXPECT_EQ(RowOf(h, Day(2024, 2, 1), "NO", "list_count", "staffed").numerator, 1);
  EXPECT_EQ(RowOf(h, Day(2024, 3, 1), "NO", "list_count", "staffed").numerator, 0);
}

TEST(A16_ContentHash, IsTheSha256OfTheCsv) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  const View view(h.store());
  const SnapshotHeader header = FindSnapshot(view, Day(2024, 2, 1), 1).value();
  const std::string csv = SnapshotCsv(view, header).value();
  Sha256 sha;
  sha.Add(csv);
  EXPECT_EQ(header.content_hash, sha.Hex());
  EXPECT_EQ(header.row_count, std::count(csv.begin(), csv.end(), '\n') - 1);
  EXPECT_EQ(csv.substr(0, kExportHeader.size() + 1), std::string(kExportHeader) + "\n");
  EXPECT_NE(csv.find("\n2024-02-01,1,gp-statistics/1.0,nation,NO,Norge,list_count,all,1,,1,count,\n"),
            std::string::npos);
}

TEST(R18_Snapshot, NamesItsSources) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");           // flo.contract/0/0
  h.Tell(AList(2), "2024-01-31T00:00:00Z");           // 1
  h.Tell(AList(3), "2024-02-01T06:00:00Z");           // 2, not before t(2024-02-01)
  h.Tell(AList(3), "2024-03-05T00:00:00Z");           // 3, nor before t(2024-03-01)
  h.Tell(ASpecialist(7), "2024-01-20T00:00:00Z", 2);  // hpr.person/2/0, nothing after it
  h.Tell(Patients(1, 5), "2024-02-02T00:00:00Z");     // flo.patient-count/0/0
  EXPECT_EQ(MakeDue(h, "2024-03-10T00:00:00Z"), (Days{Day(2024, 2, 1), Day(2024, 3, 1)}));
  const auto positions = [&h](Day d) {
    std::map<std::string, int64_t> out;
    const SnapshotHeader header = FindSnapshot(View(h.store()), d, 1).value();
    for (const SourcePosition& p : header.positions) {
      out[p.topic + "/" + std::to_string(p.partition)] = p.first_offset_not_included;
    }
    return out;
  };
  EXPECT_EQ(positions(Day(2024, 2, 1)), (std::map<std::string, int64_t>{{"flo.contract/0", 2}, {"hpr.person/2", 1}}));
  EXPECT_EQ(positions(Day(2024, 3, 1)),
            (std::map<std::string, int64_t>{{"flo.contract/0", 3}, {"flo.patient-count/0", 1}, {"hpr.person/2", 1}}));
}

TEST(R18_Snapshot, NamesDefinitionsGeographyAndVintage) {
  CoreHarness h;
  h.Tell(AList(1), "2024-05-10T00:00:00Z");
  MakeDue(h, "2024-06-01T04:00:00Z");
  const SnapshotHeader header = FindSnapshot(View(h.store()), Day(2024, 6, 1), 1).value();
  EXPECT_EQ(header.edition, 1);
  EXPECT_EQ(header.reference_instant, At("2024-06-01T04:00:00Z"));
  EXPECT_EQ(header.known_at, header.reference_instant);
  EXPECT_EQ(header.structure_date, Day(2024, 6, 1));
  EXPECT_EQ(header.population_year, 2024);
  EXPECT_EQ(header.reference_tables_hash, Geography::Shipped().tables_hash());
  EXPECT_EQ(header.definitions,
            (std::vector<std::string>{"gp-statistics/1.0", "nki-gp-agreement-duration/1.0", "nki-gp-specialist/3.0"}));
}

TEST(B1_ReadPast, ASnapshotWaitsForEveryPartition) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  h.Tell(ASpecialist(7), "2024-01-11T00:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-02-10T00:00:00Z", false), Days{});
  h.Tell(AList(2), "2024-02-01T05:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-02-10T00:00:00Z", false), Days{});
  h.Tell(ASpecialist(8), "2024-02-01T05:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-02-10T00:00:00Z", false), Days{Day(2024, 2, 1)});
}

TEST(B1_ReadPast, AnEndReachedAtOrAfterTheInstantWillDo) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  const auto report = [&h](std::string_view checked_at, bool at_end) {
    CommitInput input;
    input.partitions.push_back({"flo.contract", 0, 1, 1, at_end, At(checked_at)});
    ASSERT_TRUE(h.core().Commit(std::move(input)).ok());
  };
  report("2024-02-01T04:59:59.999Z", true);
  EXPECT_EQ(MakeDue(h, "2024-02-10T00:00:00Z", false), Days{});
  report("2024-02-01T05:00:00Z", false);
  EXPECT_EQ(MakeDue(h, "2024-02-10T00:00:00Z", false), Days{});
  report("2024-02-01T05:00:00Z", true);
  EXPECT_EQ(MakeDue(h, "2024-02-10T00:00:00Z", false), Days{Day(2024, 2, 1)});
}

TEST(B2_Due, EveryFirstOfMonthBetweenTheFirstRecordAndTheEnd) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-15T00:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-04-01T03:59:59.999Z", true, 1), Days{Day(2024, 2, 1)});
  EXPECT_EQ(MakeDue(h, "2024-04-01T03:59:59.999Z"), Days{Day(2024, 3, 1)});
  EXPECT_EQ(MakeDue(h, "2024-04-01T04:00:00Z"), Days{Day(2024, 4, 1)});
}

TEST(B2_Due, RefusedRecordsCountToo) {
  CoreHarness h;
  h.Commit({h.inbox().NextRefused(Topic::kContract, {DeviationCode::kMalformedRecord, "", "", ""},
                                  At("2024-01-15T00:00:00Z"))});
  EXPECT_EQ(MakeDue(h, "2024-02-10T00:00:00Z"), Days{Day(2024, 2, 1)});
}

TEST(B2_Due, WithoutRecordsThereIsNone) {
  CoreHarness h;
  EXPECT_EQ(MakeDue(h, "2024-02-10T00:00:00Z"), Days{});
}

TEST(B4_Floor, ARecordReadAfterASnapshotIsKnownFromItsInstant) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  h.Restart();
  h.Tell(ASpecialist(7), "2024-01-20T00:00:00Z");  // the first of its partition
  EXPECT_EQ(h.core().reg().FindPerson(7)->last.known_from, At("2024-02-01T05:00:00Z"));
}

TEST(A1_Dense, ASnapshotHasARowForEveryAreaOfItsDate) {
  CoreHarness h;
  h.Tell(AList(1), "2023-11-10T00:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-01-10T00:00:00Z"), (Days{Day(2023, 12, 1), Day(2024, 1, 1)}));
  const View view(h.store());
  EXPECT_EQ(FindSnapshot(view, Day(2023, 12, 1), 1)->row_count, 12 * 61 + 5 * 62 + 356 * 60);
  EXPECT_EQ(FindSnapshot(view, Day(2024, 1, 1), 1)->row_count, 16 * 61 + 5 * 62 + 357 * 60);
}

TEST(A9_Flags, AreWrittenWithTheSnapshot) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  EXPECT_EQ(RowOf(h, Day(2024, 2, 1), "0301", "list_unstaffed_share").flags, "small_base");
  EXPECT_EQ(RowOf(h, Day(2024, 2, 1), "0301", "list_unstaffed_share").value, "100.0");
  EXPECT_EQ(RowOf(h, Day(2024, 2, 1), "4601", "list_unstaffed_share").value, "");
  EXPECT_EQ(RowOf(h, Day(2024, 2, 1), "4601", "list_unstaffed_share").denominator, 0);
  EXPECT_EQ(RowOf(h, Day(2024, 2, 1), "4601", "list_count").denominator, std::nullopt);
}

TEST(R20_KnownAt, AskedForLaterTheFiguresAreThoseKnownThen) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-02-15T00:00:00Z");
  const View view(h.store());
  const auto staffed = [&](std::string_view known_at) {
    int64_t count = -1;
    const auto rows = EvaluateAt(view, Geography::Shipped(),
                                 {Day(2024, 2, 1), At(known_at), std::nullopt, Definitions::Shipped().published()});
    for (const IndicatorRow& row : *rows) {
      if (row.area_code == "NO" && row.measure == "list_count" && row.breakdown == "staffed") count = *row.numerator;
    }
    return count;
  };
  EXPECT_EQ(staffed("2024-02-15T00:00:00Z"), 0);
  EXPECT_EQ(staffed("2024-02-15T00:00:00.001Z"), 1);
}

TEST(R20_StructureDate, TheAreasAreThoseAskedFor) {
  CoreHarness h;
  h.Tell(AList(1, "3025"), "2024-01-10T00:00:00Z");  // Asker: 3025 until 2023, 3203 since
  const View view(h.store());
  const auto lists = [&](std::optional<Day> structure_date, std::string_view area) {
    std::string count = "no such row";
    const auto rows = EvaluateAt(view, Geography::Shipped(),
                                 {Day(2024, 2, 1), Instant::Max(), structure_date, Definitions::Shipped().published()});
    for (const IndicatorRow& row : *rows) {
      if (row.area_code == area && row.measure == "list_count" && row.breakdown == "all") count = row.value;
    }
    return count;
  };
  EXPECT_EQ(lists(std::nullopt, "3203"), "1");
  EXPECT_EQ(lists(std::nullopt, "3025"), "no such row");
  EXPECT_EQ(lists(Day(2023, 6, 1), "3025"), "1");
  EXPECT_EQ(lists(Day(2023, 6, 1), "3203"), "no such row");
}

TEST(R18_Snapshot, OneThatIsNotThereIsNotFound) {
  CoreHarness h;
  const auto missing = FindSnapshot(View(h.store()), Day(2024, 2, 1), 1);
  EXPECT_TRUE(absl::IsNotFound(missing.status()));
  EXPECT_NE(missing.status().message().find("2024-02-01"), std::string::npos);
  EXPECT_TRUE(ListSnapshots(View(h.store()))->empty());
}

}  // namespace
}  // namespace flosync
