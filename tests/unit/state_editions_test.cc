#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/snapshots/evaluate.h"
#include "state/snapshots/explain.h"
#include "state/snapshots/schedule.h"
#include "state/snapshots/snapshot.h"
#include "state/snapshots/snapshot_maker.h"
#include "state/store/sha256.h"
#include "tests/support/core_harness.h"

// Corrections and their editions, and what they are explained by: R19, R20, B3, B4, A13, A16.
namespace flosync {
namespace {

std::vector<std::string> MakeDue(CoreHarness& h, std::string_view end, size_t most = SIZE_MAX) {
  std::vector<std::string> names;
  const auto made = MakeDueSnapshots(h.core(), At(end), true, {.most_runs = most});
  for (const MadeEdition& edition : *made) {
    names.push_back(edition.reference_date.ToString() + "." + std::to_string(edition.edition));
  }
  return names;
}

using Names = std::vector<std::string>;

SnapshotHeader HeaderOf(CoreHarness& h, Day d, int32_t edition) {
  return FindSnapshot(View(h.store()), d, edition).value();
}

std::string CsvOf(CoreHarness& h, Day d, int32_t edition) {
  return SnapshotCsv(View(h.store()), HeaderOf(h, d, edition)).value();
}

std::string ValueOf(CoreHarness& h, Day d, int32_t edition, std::string_view area, std::string_view measure,
                    std::string_view breakdown = "all") {
  const auto rows = SnapshotRows(View(h.store()), HeaderOf(h, d, edition));
  for (const IndicatorRow& row : *rows) {
    if (row.area_code == area && row.measure == measure && row.breakdown == breakdown) return row.value;
  }
  return "no such row";
}

const Day kFebruary(2024, 2, 1);
const Day kMarch(2024, 3, 1);

TEST(R19_Editions, ACorrectionThatReachesBackMakesTheNextOne) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T00:00:01Z");
  EXPECT_EQ(MakeDue(h, "2024-02-10T00:00:00Z"), Names{"2024-02-01.1"});
  const std::string first = CsvOf(h, kFebruary, 1);
  // Learnt in February: a specialist since 2010.
  h.Tell(ASpecialist(7, "2020-01-01"), "2024-02-15T00:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-03-10T00:00:00Z"), (Names{"2024-03-01.1", "2024-02-01.2"}));
  EXPECT_EQ(ValueOf(h, kFebruary, 1, "0301", "gp_specialist_share"), "0.0");
  EXPECT_EQ(ValueOf(h, kFebruary, 2, "0301", "gp_specialist_share"), "100.0");
  EXPECT_EQ(CsvOf(h, kFebruary, 1), first);
}

TEST(R19_Editions, OnlyIfARowChanged) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  h.Tell(ASpecialist(8, "2020-01-01"), "2024-01-10T00:00:01Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  h.Tell(ADoctor(8, "2021-01-01"), "2024-02-15T00:00:00Z");                 // on no list
  h.Tell(Patients(1, 900, "2024-02-20"), "2024-02-20T00:00:00Z");           // after February's instant
  h.Tell(AList(1, "4601", "2024-02-01T06:00:00"), "2024-02-21T00:00:00Z");  // UpdatedOn not before t(d)
  EXPECT_EQ(MakeDue(h, "2024-03-10T00:00:00Z"), Names{"2024-03-01.1"});
}

TEST(R19_Editions, NotWhereAnotherDoctorMakesTheSameFigures) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  h.Tell(ARegularGp(11, 1, 7, Since(Day(2024, 1, 10))), "2024-01-10T00:00:01Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  h.Tell(ARegularGp(11, 1, 8, Since(Day(2024, 1, 10)), "2024-02-01"), "2024-02-15T00:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-03-10T00:00:00Z"), Names{"2024-03-01.1"});
}

TEST(R19_Editions, HoldTheListOfChangedRows) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  h.Tell(Patients(1, 900, "2024-01-20"), "2024-02-15T00:00:00Z");
  MakeDue(h, "2024-03-10T00:00:00Z");
  const SnapshotHeader header = HeaderOf(h, kFebruary, 2);
  const auto before = SnapshotRows(View(h.store()), HeaderOf(h, kFebruary, 1));
  const auto after = SnapshotRows(View(h.store()), header);
  ASSERT_EQ(before->size(), after->size());
  int32_t changed = 0;
  for (size_t i = 0; i < before->size(); ++i) changed += (*before)[i] == (*after)[i] ? 0 : 1;
  EXPECT_EQ(header.changed_rows, changed);
  // persons_listed all, on_unstaffed and over a year, both shares without GP, both lengths, per 10 000: each in four
  // areas; per 100 in four, its municipality median in the group.
  EXPECT_EQ(changed, 4 * 9 + 1);
  EXPECT_EQ(header.row_count, HeaderOf(h, kFebruary, 1).row_count);
}

TEST(R19_Editions, HaveTheirOwnHashPositionAndKnownAt) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  h.Tell(Patients(1, 900, "2024-01-20"), "2024-02-15T00:00:00Z");
  MakeDue(h, "2024-03-10T00:00:00Z");
  const SnapshotHeader header = HeaderOf(h, kFebruary, 2);
  EXPECT_EQ(header.known_at, At("2024-03-01T05:00:00Z"));
  EXPECT_EQ(header.reference_instant, At("2024-02-01T05:00:00Z"));
  Sha256 sha;
  sha.Add(CsvOf(h, kFebruary, 2));
  EXPECT_EQ(header.content_hash, sha.Hex());
  EXPECT_NE(header.content_hash, HeaderOf(h, kFebruary, 1).content_hash);
  ASSERT_EQ(header.positions.size(), 2U);
  EXPECT_EQ(header.positions[1].topic, "flo.patient-count");
  EXPECT_EQ(header.positions[1].first_offset_not_included, 1);
}

TEST(A13_Files, EveryEditionIsCompleteAndCarriesItsNumber) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  h.Tell(Patients(1, 900, "2024-01-20"), "2024-02-15T00:00:00Z");
  MakeDue(h, "2024-03-10T00:00:00Z");
  const std::string first = CsvOf(h, kFebruary, 1);
  const std::string second = CsvOf(h, kFebruary, 2);
  EXPECT_EQ(std::count(first.begin(), first.end(), '\n'), std::count(second.begin(), second.end(), '\n'));
  EXPECT_NE(second.find("\n2024-02-01,2,gp-statistics/1.0,nation,NO,Norge,persons_listed,all,900,,900,count,\n"),
            std::string::npos);
}

// Every month tells of all months before it, so that dates are counted again that were dropped from memory.
std::string DigestOfMonthsOfCorrections(size_t most_counted_dates, size_t& editions) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  h.Tell(AList(2, "4601"), "2024-01-10T00:00:01Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T00:00:02Z");
  for (int32_t month = 2; month <= 7; ++month) {
    const std::string at = "2024-0" + std::to_string(month);
    h.Tell(Patients(1, 1000 + month, "2024-01-20T00:00:" + std::to_string(10 + month)), at + "-12T00:00:00Z");
    h.Tell(ARegularGp(12, 2, 7, {Day(2024, 1, 1), Day(2024, month, 2)}, at + "-01T00:00:00"), at + "-13T00:00:00Z");
    const std::string version = "2024-01-02T00:00:" + std::to_string(10 + month);
    h.Tell(month % 2 == 0 ? ASpecialist(7, version) : ADoctor(7, version), at + "-14T00:00:00Z");
  }
  const auto made =
      MakeDueSnapshots(h.core(), At("2024-08-10T00:00:00Z"), true, {.most_counted_dates = most_counted_dates});
  editions = made->size();
  return h.Digest();
}

TEST(B3_Editions, AreTheSameHoweverManyDatesStayInMemory) {
  size_t editions = 0;
  const std::string all = DigestOfMonthsOfCorrections(36, editions);
  ASSERT_EQ(editions, 7U + 6U * 7U / 2);
  for (const size_t most : {size_t{0}, size_t{1}, size_t{2}, size_t{5}}) {
    EXPECT_EQ(DigestOfMonthsOfCorrections(most, editions), all) << most << " dates kept";
  }
}

TEST(B3_Editions, CorrectionsAreLookedForAtEachRunAndNotAfterTheLast) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  h.Tell(AList(2), "2024-02-15T00:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-03-01T04:59:59.999Z"), Names{});
  EXPECT_EQ(MakeDue(h, "2024-03-01T05:00:00Z"), (Names{"2024-03-01.1", "2024-02-01.2"}));
  h.Tell(AList(3), "2024-03-15T00:00:00Z");
  // A correction that is taken back before the next run makes no edition.
  h.Tell(ARegularGp(11, 1, 7), "2024-03-16T00:00:00Z");
  h.Tell(WithoutDoctorPeriod(11), "2024-03-17T00:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-04-05T00:00:00Z"), (Names{"2024-04-01.1", "2024-02-01.3", "2024-03-01.2"}));
  EXPECT_EQ(ValueOf(h, kFebruary, 3, "NO", "list_count"), "3");
  EXPECT_EQ(ValueOf(h, kMarch, 2, "NO", "list_count"), "3");
  EXPECT_EQ(ValueOf(h, kMarch, 2, "NO", "list_count", "staffed"), "0");
}

TEST(B3_Editions, AreTheSameWhateverTheRunsInBetween) {
  const auto history = [](CoreHarness& h, bool stop_in_between) {
    h.Tell(AList(1), "2024-01-10T00:00:00Z");
    h.Tell(ARegularGp(11, 1, 7), "2024-01-12T00:00:00Z");
    if (stop_in_between) MakeDue(h, "2024-02-10T00:00:00Z");
    h.Tell(ASpecialist(7, "2020-01-01"), "2024-02-15T00:00:00Z");
    h.Tell(WithoutList(1), "2024-02-20T00:00:00Z");
    if (stop_in_between) MakeDue(h, "2024-03-10T00:00:00Z");
    if (stop_in_between) h.Restart();
    h.Tell(ADoctor(7, "2024-03-15"), "2024-03-15T00:00:00Z");
    MakeDue(h, "2024-04-10T00:00:00Z");
    return h.Digest();
  };
  CoreHarness once;
  CoreHarness often;
  EXPECT_EQ(history(once, false), history(often, true));
}

TEST(B3_Editions, DailyChecksAreAParameter) {
  constexpr const char* kDaily = R"(
id = "daily-check/1.0"
published = true
measures = ["list_count"]
[parameters]
correction_check = "daily"
)";
  const auto definitions = Definitions::Parse({{"daily.toml", kDaily}});
  ASSERT_TRUE(definitions.ok()) << definitions.status();
  ScratchDirectory directory;
  auto store = Store::Open(directory.path()).value();
  auto core = Core::Open(store.get(), &Geography::Shipped(), "epoch-1", &*definitions).value();
  Inbox inbox;
  const auto tell = [&](RegisterChange change, std::string_view at) {
    CommitInput input;
    input.records.push_back(inbox.Next(std::move(change), At(at)));
    ASSERT_TRUE(core->Commit(std::move(input)).ok());
  };
  tell(AList(1), "2024-01-10T00:00:00Z");
  tell(AList(2), "2024-02-05T00:00:00Z");
  tell(AList(3), "2024-02-06T12:00:00Z");
  const auto made = MakeDueSnapshots(*core, At("2024-02-10T00:00:00Z"), true);
  ASSERT_TRUE(made.ok());
  ASSERT_EQ(made->size(), 3U);
  EXPECT_EQ((*made)[2].edition, 3);
  const auto header = FindSnapshot(View(*store), kFebruary, 3);
  EXPECT_EQ(header->known_at, At("2024-02-07T05:00:00Z"));
  EXPECT_EQ(header->definitions, std::vector<std::string>{"daily-check/1.0"});
}

// A definition published after a snapshot was made, or taken back, once crashed its corrections or mixed up their rows.
TEST(B3_Editions, AreOfTheDefinitionsTheSnapshotWasMadeWith) {
  constexpr const char* kMore = R"(
id = "more/1.0"
published = true
measures = ["gp_count"]
)";
  const auto more = Definitions::Parse({{"more.toml", kMore}}, &Definitions::Shipped());
  ASSERT_TRUE(more.ok()) << more.status();
  ScratchDirectory directory;
  auto store = Store::Open(directory.path()).value();
  Inbox inbox;
  const auto tell = [&](const Definitions& definitions, RegisterChange change, std::string_view at,
                        std::string_view end) {
    auto core = Core::Open(store.get(), &Geography::Shipped(), "epoch-1", &definitions).value();
    CommitInput input;
    input.records.push_back(inbox.Next(std::move(change), At(at)));
    EXPECT_TRUE(core->Commit(std::move(input)).ok());
    return MakeDueSnapshots(*core, At(end), true).status();
  };
  ASSERT_TRUE(tell(Definitions::Shipped(), AList(1), "2024-01-10T00:00:00Z", "2024-02-05T00:00:00Z").ok());
  ASSERT_TRUE(tell(*more, AList(2), "2024-02-10T00:00:00Z", "2024-03-05T00:00:00Z").ok());
  const auto first = FindSnapshot(View(*store), kFebruary, 1).value();
  const auto second = FindSnapshot(View(*store), kFebruary, 2).value();
  EXPECT_EQ(second.definitions, first.definitions);
  EXPECT_EQ(second.row_count, first.row_count);
  const std::string csv = SnapshotCsv(View(*store), second).value();
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), first.row_count + 1);
  EXPECT_GT(FindSnapshot(View(*store), kMarch, 1)->row_count, first.row_count);
  // March holds a definition that is not loaded any more: said, not guessed.
  const absl::Status without = tell(Definitions::Shipped(), AList(3), "2024-03-10T00:00:00Z", "2024-04-05T00:00:00Z");
  EXPECT_TRUE(absl::IsFailedPrecondition(without)) << without;
  EXPECT_NE(without.message().find("more/1.0"), std::string_view::npos);
}

TEST(B4_Editions, WhatNeedNotBeEvaluatedWouldNotHaveChanged) {
  CoreHarness h;
  h.Tell(AList(1), "2023-01-10T00:00:00Z");
  h.Tell(ARegularGp(11, 1, 7, {Day(2023, 1, 1), Day(2024, 1, 1)}), "2023-01-11T00:00:00Z");
  h.Tell(ASpecialist(7, "2020-01-01"), "2023-02-15T00:00:00Z");
  h.Tell(Patients(1, 100, "2023-02-15"), "2023-03-15T00:00:00Z");
  h.Tell(ASubstitute(12, 1, 9, {Day(2023, 4, 1), Day(2023, 8, 1)}), "2023-09-15T00:00:00Z");
  h.Tell(AList(1, "4601", "2023-05-15"), "2023-10-15T00:00:00Z");
  h.Tell(ARegularGp(11, 1, 7, {Day(2023, 2, 15), Day(2024, 1, 1)}, "2023-11-01"), "2023-11-15T00:00:00Z");
  MakeDue(h, "2024-03-10T00:00:00Z");
  const View view(h.store());
  const auto latest = LatestEditions(view);
  ASSERT_EQ(latest->size(), 14U);
  for (const SnapshotHeader& header : *latest) {
    const auto rows = EvaluateAt(
        view, Geography::Shipped(),
        {header.reference_date, At("2024-03-01T05:00:00Z"), std::nullopt, Definitions::Shipped().published()});
    EXPECT_EQ(*rows, *SnapshotRows(view, header)) << header.reference_date.ToString();
  }
}

TEST(B4_Reach, AnotherValidityOfAContractReachesEveryDate) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  h.Tell(But(AList(1, "0301", "2024-02-15"), [](Contract& c) { c.period.to = Day(2024, 1, 15); }),
         "2024-02-15T00:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-03-10T00:00:00Z"), (Names{"2024-03-01.1", "2024-02-01.2"}));
}

TEST(B4_Reach, AnotherFirstVersionReachesTheDatesBeforeIt) {
  // Both versions are later than February's instant, so the earlier one holds there.
  CoreHarness h;
  h.Tell(AList(1, "0301", "2024-03-05"), "2024-01-10T00:00:00Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  h.Tell(AList(1, "4601", "2024-02-20"), "2024-02-21T00:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-03-10T00:00:00Z"), (Names{"2024-03-01.1", "2024-02-01.2"}));
}

FigureAddress Figure(std::string measure, std::string breakdown = "all", std::string area = "NO") {
  const Definition* definition =
      Definitions::Shipped().Find(measure == "gp_specialist_share"           ? "nki-gp-specialist/3.0"
                                  : measure.starts_with("contract_duration") ? "nki-gp-agreement-duration/1.0"
                                                                             : "gp-statistics/1.0");
  return {definition, area == "NO" ? Level::kNation : Level::kMunicipality, std::move(area), std::move(measure),
          std::move(breakdown)};
}

TEST(R20_Explain, NamesWhoIsBehindAFigure) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  h.Tell(AList(2), "2024-01-10T00:00:01Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T00:00:02Z");
  h.Tell(ARegularGp(12, 2, 8), "2024-01-10T00:00:03Z");
  h.Tell(ARegularGp(13, 2, 7), "2024-01-10T00:00:04Z");
  h.Tell(ASpecialist(7, "2020-01-01"), "2024-01-11T00:00:00Z");
  h.Tell(Patients(1, 800, "2024-01-20"), "2024-01-20T00:00:00Z");
  h.Tell(Patients(2, 1000, "2024-01-20"), "2024-01-20T00:00:01Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  const View view(h.store());
  const auto explain = [&](const FigureAddress& figure) {
    return ExplainFigure(view, Geography::Shipped(), figure, HeaderOf(h, kFebruary, 1)).value();
  };
  // Agreements: doctor 7 counts twice. Unique doctors: once.
  const Explanation share = explain(Figure("gp_specialist_share"));
  ASSERT_EQ(share.contributors.size(), 2U);
  EXPECT_EQ(share.contributors[0].id, "person:7");
  EXPECT_EQ(share.contributors[0].numerator, 2);
  EXPECT_EQ(share.contributors[0].denominator, 2);
  EXPECT_EQ(share.contributors[1].denominator, 1);
  EXPECT_EQ(explain(Figure("gp_count", "all.all")).contributors[0].numerator, 1);
  const Explanation median = explain(Figure("list_length_median"));
  ASSERT_EQ(median.contributors.size(), 2U);
  EXPECT_EQ(median.contributors[0].id, "contract:1");
  EXPECT_EQ(median.contributors[0].observed, std::vector<std::string>{"800.0"});
  EXPECT_EQ(median.row.value, "900.0");
  EXPECT_EQ(explain(Figure("municipality_all_specialists")).contributors.size(), 0U);
  const auto missing = ExplainFigure(view, Geography::Shipped(), Figure("gp_count", "none"), HeaderOf(h, kFebruary, 1));
  EXPECT_TRUE(absl::IsNotFound(missing.status()));
}

TEST(R20_Explain, ContributorsAddUpToEveryFigure) {
  CoreHarness h;
  h.Tell(AList(1), "2023-01-10T00:00:00Z");
  h.Tell(AList(2, "1853"), "2023-01-10T00:00:01Z");
  h.Tell(ARegularGp(11, 1, 7), "2023-01-10T00:00:02Z");
  h.Tell(ARegularGp(12, 2, 7), "2023-01-10T00:00:03Z");
  h.Tell(ARegularGp(13, 2, 8, {Day(2023, 3, 1), Day::Max()}), "2023-01-10T00:00:04Z");
  h.Tell(ASubstitute(14, 2, 9, {Day(2023, 11, 1), Day(2024, 1, 15)}), "2023-01-10T00:00:05Z");
  h.Tell(ASpecialist(7, "2020-01-01"), "2023-01-11T00:00:00Z");
  h.Tell(Patients(2, 700, "2023-01-20"), "2023-01-20T00:00:00Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  const View view(h.store());
  const SnapshotHeader header = HeaderOf(h, kFebruary, 1);
  int explained_rows = 0;
  const auto rows = SnapshotRows(view, header);
  for (const IndicatorRow& row : *rows) {
    if (row.area_code != "NO" && row.area_code != "1853") continue;
    const auto explained =
        ExplainFigure(view, Geography::Shipped(), Figure(row.measure, row.breakdown, row.area_code), header);
    ASSERT_TRUE(explained.ok()) << explained.status();
    EXPECT_EQ(explained->row, row);
    int64_t numerator = 0;
    int64_t denominator = 0;
    for (const Contributor& c : explained->contributors) {
      numerator += c.numerator;
      denominator += c.denominator + static_cast<int64_t>(c.observed.size());
    }
    if (row.numerator) {
      EXPECT_EQ(numerator, *row.numerator) << row.measure << " " << row.breakdown;
    }
    if (row.denominator && row.measure != "locum_days") {
      EXPECT_EQ(denominator, *row.denominator) << row.measure << " " << row.breakdown;
    }
    ++explained_rows;
  }
  EXPECT_EQ(explained_rows, 61 + 60);
}

TEST(R20_Explain, TellsWhoEnteredLeftAndChangedByWhichRecord) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  h.Tell(ARegularGp(11, 1, 7), "2024-01-10T00:00:02Z");
  h.Tell(ARegularGp(12, 1, 8), "2024-01-10T00:00:03Z");
  h.Tell(ADoctor(7, "2020-01-01"), "2024-01-11T00:00:00Z");
  MakeDue(h, "2024-02-10T00:00:00Z");
  h.Tell(ASpecialist(7, "2021-01-01"), "2024-02-11T00:00:00Z");  // hpr.person/0/1
  h.Tell(ADoctor(8, "2020-01-01"), "2024-02-12T00:00:00Z");      // was not in HPR, is no specialist: no change
  h.Tell(WithoutDoctorPeriod(12), "2024-02-13T00:00:00Z");       // flo.gp-on-contract/0/2
  h.Tell(ARegularGp(13, 1, 9), "2024-02-14T00:00:00Z");          // flo.gp-on-contract/0/3
  MakeDue(h, "2024-03-10T00:00:00Z");
  const auto change = ExplainChange(View(h.store()), Geography::Shipped(), Figure("gp_specialist_share"),
                                    HeaderOf(h, kFebruary, 1), HeaderOf(h, kFebruary, 2));
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(change->before.value, "0.0");
  EXPECT_EQ(change->after.value, "50.0");
  ASSERT_EQ(change->changes.size(), 3U);
  EXPECT_EQ(change->changes[0].after->id, "person:7");
  ASSERT_EQ(change->changes[0].records.size(), 1U);
  EXPECT_EQ(FormatPosition(change->changes[0].records[0].position), "hpr.person/0/1");
  EXPECT_EQ(change->changes[1].before->id, "person:8");
  EXPECT_FALSE(change->changes[1].after);
  ASSERT_EQ(change->changes[1].records.size(), 2U);
  EXPECT_EQ(FormatPosition(change->changes[1].records[1].position), "flo.gp-on-contract/0/2");
  EXPECT_EQ(change->changes[2].after->id, "person:9");
  EXPECT_FALSE(change->changes[2].before);
  EXPECT_EQ(change->changes[2].records[0].entity, "doctor_period:13");
}

TEST(R20_Explain, WithoutARecordItWasTheClock) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T00:00:00Z");
  h.Tell(ARegularGp(11, 1, 7, {Day(2020, 1, 1), Day(2024, 2, 15)}), "2024-01-10T00:00:02Z");
  h.Tell(AList(2), "2024-03-10T00:00:02Z");
  MakeDue(h, "2024-03-10T00:00:00Z");
  const auto change = ExplainChange(View(h.store()), Geography::Shipped(), Figure("list_count", "staffed"),
                                    HeaderOf(h, kFebruary, 1), HeaderOf(h, kMarch, 1));
  ASSERT_EQ(change->changes.size(), 1U);
  EXPECT_EQ(change->changes[0].before->id, "contract:1");
  EXPECT_TRUE(change->changes[0].records.empty());
}

}  // namespace
}  // namespace flosync
