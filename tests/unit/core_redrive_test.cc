// Refused records that are read again, after the decoder was mended: they take effect where they stood, and are known
// from then (R6, R19, R22). That random histories agree with the plain model meanwhile is in state_property_test.cc.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "state/core/refused_record.h"
#include "state/core/shrinking.h"
#include "state/register/doctor_history.h"
#include "state/register/late_records.h"
#include "state/snapshots/evaluate.h"
#include "state/snapshots/explain.h"
#include "state/snapshots/schedule.h"
#include "state/snapshots/snapshot.h"
#include "state/snapshots/snapshot_maker.h"
#include "state/store/keys.h"
#include "tests/support/core_harness.h"
#include "tests/support/refusals.h"

namespace flosync {
namespace {

using Entries = std::map<std::string, std::string>;

Entries EntriesOf(const CoreHarness& h, Family family) {
  Entries entries;
  const View view(h.store());
  EXPECT_TRUE(view.Each(family, "",
                        [&](std::string_view key, std::string_view value) {
                          entries.emplace(key, value);
                          return true;
                        })
                  .ok());
  return entries;
}

std::vector<RefusedRecord> Kept(const CoreHarness& h) {
  return ReadRefused(View(h.store()), std::nullopt, 1'000'000).value();
}

std::string Statuses(const CoreHarness& h) {
  std::string text;
  for (const Deviation& d : h.Deviations()) {
    text += std::string(DeviationName(d.code)) + " " + d.entity + " " + std::string(StatusName(d.status())) + " " +
            std::to_string(d.count) + "\n";
  }
  return text;
}

std::vector<int64_t> Counts(const RecordCounts& c) {
  return {c.read, c.applied, c.duplicate, c.older, c.conflicting, c.refused, c.ignored, c.skipped};
}

int64_t SumOfOutcomes(const RecordCounts& c) {
  return c.applied + c.duplicate + c.older + c.conflicting + c.refused + c.ignored + c.skipped;
}

DecodedRecord Keyed(DecodedRecord record, uint8_t key) {
  record.key = RecordKey{*record.topic, {key}};
  return record;
}

// A list, its doctor, and a version of her that a decoder may refuse: two times out of order, with what follows.
std::vector<DecodedRecord> SomeRecords() {
  Inbox in;
  return {in.Next(AList(1), At("2024-01-10T10:00:00Z")),
          in.Next(ARegularGp(11, 1, 7), At("2024-01-10T10:00:01Z")),
          in.Next(ADoctor(7, "2024-01-01T00:00:00"), At("2024-01-10T10:00:02Z")),
          in.Next(ASpecialist(7, "2024-01-05T00:00:00"), At("2024-01-11T10:00:00Z")),
          in.Next(WithoutPerson(7), At("2024-01-12T10:00:00Z")),
          in.Next(ADoctor(7, "2024-01-04T00:00:00"), At("2024-01-13T10:00:00Z"))};
}

constexpr std::string_view kEnd = "2024-01-20T10:00:00Z";

TEST(R6_Redrive, ARecordTakenLaterLeavesTheStateOfAFreshRun) {
  const std::vector<DecodedRecord> records = SomeRecords();
  CoreHarness fresh;
  fresh.Commit(records);
  fresh.MoveClock(kEnd);
  for (size_t refused = 0; refused < records.size(); ++refused) {
    CoreHarness h;
    for (size_t i = 0; i < records.size(); ++i) h.Commit({i == refused ? AsRefused(records[i]) : records[i]});
    EXPECT_NE(h.Digest(), fresh.Digest()) << refused;
    EXPECT_EQ(h.core().counts().refused, 1);
    h.Restart();
    ASSERT_EQ(Kept(h).size(), 1U);
    EXPECT_EQ(Kept(h)[0].position.offset, records[refused].offset);
    const CommitResult result = h.Commit({}, At(kEnd), {records[refused]});
    EXPECT_EQ(result.mended, 1);
    EXPECT_EQ(result.still_refused, 0);
    EXPECT_EQ(h.Digest(), fresh.Digest()) << refused;
    EXPECT_EQ(EntriesOf(h, Family::kHeads), EntriesOf(fresh, Family::kHeads)) << refused;
    EXPECT_TRUE(Kept(h).empty());
    EXPECT_EQ(h.core().counts().refused, 0);
    EXPECT_EQ(h.core().counts().read, 6);
    EXPECT_EQ(SumOfOutcomes(h.core().counts()), 6);
    h.Restart();
    EXPECT_EQ(h.Digest(), fresh.Digest()) << refused;
  }
}

TEST(R6_Redrive, CountsAreThoseOfAFreshRunWhereNoOtherRecordSaysTheSame) {
  Inbox in;
  const std::vector<DecodedRecord> records = {
      in.Next(AList(1), At("2024-01-10T10:00:00Z")), in.Next(AList(2), At("2024-01-10T10:00:01Z")),
      in.Next(AList(1, "4601", "2014-01-01"), At("2024-01-10T10:00:02Z")),  // older
      in.NextBatch({Patients(1, 900), Patients(2, 800)}, At("2024-01-10T10:00:03Z")),
      in.Next(ADoctor(7), At("2024-01-10T10:00:04Z"))};
  CoreHarness fresh;
  fresh.Commit(records);
  CoreHarness h;
  h.Commit({records[0], records[1], AsRefused(records[2]), WithRefused(records[3], 1), AsRefused(records[4], false)});
  EXPECT_EQ(h.core().counts().refused, 2) << "a batch counts by the most one of its elements did";
  h.Commit({}, std::nullopt, {records[4], records[2], records[3]});
  EXPECT_EQ(Counts(h.core().counts()), Counts(fresh.core().counts()));
  h.Restart();
  EXPECT_EQ(Counts(h.core().counts()), Counts(fresh.core().counts()));
}

TEST(R6_Redrive, RandomHistoriesEndAsIfNothingHadBeenRefused) {
  for (uint64_t seed = 1000; seed < 1015; ++seed) {
    SCOPED_TRACE(seed);
    Dice dice(seed);
    const std::vector<DecodedRecord> records = Shuffled(RandomRecords(dice), dice);
    OldDecoder decoder(&dice, 4);
    CoreHarness h;
    for (size_t i = 0; i < records.size();) {
      std::vector<DecodedRecord> batch;
      for (int64_t n = dice.Between(1, 12); n > 0 && i < records.size(); --n)
        batch.push_back(decoder.Read(records[i++]));
      h.Commit(std::move(batch));
      if (dice.OneIn(6)) h.Commit({}, std::nullopt, decoder.SomeRefused(3));
      if (dice.OneIn(10)) h.Restart();
    }
    const Instant end{h.core().clock().ms + 1};
    EXPECT_GT(h.core().counts().refused, 0);
    // In parts, some of them with what stays refused.
    for (std::vector<DecodedRecord> again; !(again = decoder.SomeRefused(7)).empty();) {
      h.Commit({}, end, {AsRefused(again[0])});
      h.Commit({}, end, again);
    }
    CoreHarness fresh;
    fresh.Commit(records);
    fresh.MoveClock(FormatUtc(end));
    EXPECT_EQ(EntriesOf(h, Family::kHistory), EntriesOf(fresh, Family::kHistory));
    EXPECT_EQ(EntriesOf(h, Family::kCells), EntriesOf(fresh, Family::kCells));
    EXPECT_EQ(h.Digest(), fresh.Digest());
    EXPECT_EQ(h.core().counts().refused, 0);
    EXPECT_EQ(SumOfOutcomes(h.core().counts()), std::ssize(records));
    EXPECT_TRUE(Kept(h).empty());
    for (const Deviation& d : h.Deviations()) {
      if (d.code != DeviationCode::kMalformedRecord) continue;
      EXPECT_EQ(d.status(), DeviationStatus::kResolved) << d.entity;
    }
  }
}

TEST(R6_Redrive, OnceMoreChangesNothing) {
  const std::vector<DecodedRecord> records = SomeRecords();
  CoreHarness h;
  h.Commit({records[0], AsRefused(records[1]), AsRefused(records[2], false)});
  h.Commit({}, At(kEnd), {records[1]});
  const auto everything = [&h] {
    std::vector<Entries> all;
    for (const Family family :
         {Family::kHistory, Family::kHeads, Family::kIndex, Family::kCells, Family::kDeviations, Family::kAlerts}) {
      all.push_back(EntriesOf(h, family));
    }
    return std::pair(all, Counts(h.core().counts()));
  };
  const auto before = everything();
  const CommitResult result = h.Commit({}, At(kEnd), {records[1], AsRefused(records[2], false), records[0]});
  EXPECT_EQ(result.mended, 0) << "what was taken is not taken again";
  EXPECT_EQ(result.still_refused, 1);
  EXPECT_EQ(everything(), before);
}

// Whenever the process dies, a record is either kept as refused or has taken effect.
TEST(R6_Redrive, PlaceAndEffectAreOneCommit) {
  const std::vector<DecodedRecord> records = SomeRecords();
  CoreHarness h;
  h.Commit({records[0], AsRefused(records[1])});
  const Entries history = EntriesOf(h, Family::kHistory);
  h.Restart();
  EXPECT_EQ(EntriesOf(h, Family::kHistory), history);
  ASSERT_EQ(Kept(h).size(), 1U);
  h.Commit({}, At(kEnd), {records[1]});
  h.Restart();
  EXPECT_EQ(EntriesOf(h, Family::kHistory).size(), history.size() + 1);
  EXPECT_TRUE(Kept(h).empty());
}

TEST(R6_Redrive, OfABatchOnlyWhatWasRefusedIsTaken) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T09:00:00Z");
  h.Tell(AList(2), "2024-01-10T09:00:00Z");
  h.Tell(AList(3), "2024-01-10T09:00:00Z");
  const DecodedRecord batch =
      h.inbox().NextBatch({Patients(1, 100), Patients(2, 200), Patients(3, 300)}, At("2024-01-10T10:00:00Z"));
  h.Commit({WithRefused(WithRefused(batch, 1), 2)});
  EXPECT_EQ(h.Live("NO", "persons_listed").numerator, 100);
  // Half mended, and reading otherwise what was taken the first time: that stands.
  DecodedRecord half = WithRefused(batch, 2);
  half.changes[0].change = Patients(1, 999);
  CommitResult result = h.Commit({}, At("2024-01-11T10:00:00Z"), {half});
  EXPECT_EQ(result.mended, 0);
  EXPECT_EQ(result.still_refused, 1);
  EXPECT_EQ(h.Live("NO", "persons_listed").numerator, 300);
  ASSERT_EQ(Kept(h).size(), 1U);
  EXPECT_EQ(Kept(h)[0].counted_as, CountedAs::kApplied);
  EXPECT_EQ(Statuses(h), "MALFORMED_RECORD patient_count:2 resolved 1\nMALFORMED_RECORD patient_count:3 open 1\n");
  result = h.Commit({}, At("2024-01-12T10:00:00Z"), {batch});
  EXPECT_EQ(result.mended, 1);
  EXPECT_EQ(h.Live("NO", "persons_listed").numerator, 600);
  EXPECT_EQ(h.core().counts().read, 4);
  EXPECT_EQ(h.core().counts().applied, 4);
  EXPECT_TRUE(Kept(h).empty());
  EXPECT_EQ(Statuses(h), "MALFORMED_RECORD patient_count:2 resolved 1\nMALFORMED_RECORD patient_count:3 resolved 1\n");
}

TEST(R6_Redrive, WhatNoRefusalIsKeptOfIsNotTaken) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T09:00:00Z");
  const std::string digest = h.Digest();
  DecodedRecord stranger = h.inbox().Next(AList(2), At("2024-01-10T10:00:00Z"));
  const CommitResult result = h.Commit({}, At("2024-01-10T10:00:00Z"), {stranger});
  EXPECT_EQ(result.mended + result.still_refused, 0);
  EXPECT_EQ(h.Digest(), digest);
  EXPECT_EQ(h.core().counts().read, 1);
  EXPECT_EQ(h.core().partitions().all().at({"flo.contract", 0}).next_offset, 1) << "read in its turn later";
}

TEST(R6_Redrive, ARecordThatIsIgnoredNowIsRefusedNoMore) {
  CoreHarness h;
  DecodedRecord event = h.inbox().NextOn(Topic::kEvent, Merge{7, 8}, At("2024-01-10T10:00:00Z"));
  h.Commit({AsRefused(event, false)});
  event.changes.clear();
  event.outcome = RecordOutcome::kIgnored;
  EXPECT_EQ(h.Commit({}, At(kEnd), {event}).mended, 1);
  EXPECT_EQ(h.core().counts().ignored, 1);
  EXPECT_EQ(h.core().counts().refused, 0);
  EXPECT_EQ(Statuses(h), "MALFORMED_RECORD record:hpr.event/0/0 resolved 1\n");
}

TEST(R22_Redrive, DeviationsThatTheRecordRaisedAreSettledUnlessTheyOccurredLater) {
  CoreHarness h;
  const DecodedRecord first = h.inbox().Next(AList(1), At("2024-01-10T10:00:00Z"));
  const DecodedRecord second = h.inbox().Next(AList(1, "4601", "2016-01-01"), At("2024-01-11T10:00:00Z"));
  const DecodedRecord nameless = h.inbox().Next(AList(2), At("2024-01-12T10:00:00Z"));
  h.Commit({AsRefused(first), AsRefused(second), AsRefused(nameless, false)});
  EXPECT_EQ(Statuses(h), "MALFORMED_RECORD contract:1 open 2\nMALFORMED_RECORD record:flo.contract/0/2 open 1\n");
  h.Commit({}, At(kEnd), {first});
  EXPECT_EQ(Statuses(h), "MALFORMED_RECORD contract:1 open 2\nMALFORMED_RECORD record:flo.contract/0/2 open 1\n")
      << "the later one stands";
  h.Restart();
  h.Commit({}, At(kEnd), {nameless, second});
  const std::string settled =
      "MALFORMED_RECORD contract:1 resolved 2\nMALFORMED_RECORD record:flo.contract/0/2 resolved 1\n";
  EXPECT_EQ(Statuses(h), settled);
  // A refusal from before, of a partition that is read behind, is settled by what followed it.
  h.Restart();
  h.Commit({AsRefused(h.inbox().Next(AList(1, "0301", "2017-01-01"), At("2024-01-09T10:00:00Z"), 1))});
  EXPECT_EQ(Statuses(h),
            "MALFORMED_RECORD contract:1 resolved 3\nMALFORMED_RECORD record:flo.contract/0/2 resolved 1\n");
  h.Commit({AsRefused(h.inbox().Next(AList(1, "0301", "2017-01-02"), At("2024-01-21T10:00:00Z"), 1))});
  EXPECT_EQ(Statuses(h), "MALFORMED_RECORD contract:1 open 4\nMALFORMED_RECORD record:flo.contract/0/2 resolved 1\n");
}

TEST(R22_Redrive, WhatIsStillWrongIsNotCountedAgainAndWhatIsWrongOtherwiseIsNoted) {
  CoreHarness h;
  const DecodedRecord record = h.inbox().Next(AList(1), At("2024-01-10T10:00:00Z"));
  h.Commit({AsRefused(record, false)});
  h.Commit({}, At(kEnd), {AsRefused(record, false)});
  EXPECT_EQ(Statuses(h), "MALFORMED_RECORD record:flo.contract/0/0 open 1\n");
  DecodedRecord otherwise = AsRefused(record);
  otherwise.notes[0].code = DeviationCode::kInvalidPeriod;
  h.Commit({}, At(kEnd), {otherwise});
  EXPECT_EQ(Statuses(h), "INVALID_PERIOD contract:1 open 1\nMALFORMED_RECORD record:flo.contract/0/0 resolved 1\n");
  EXPECT_EQ(h.core().counts().refused, 1);
  DecodedRecord doubtful = record;
  doubtful.notes.push_back({DeviationCode::kInvalidIdentifier, "contract:1", "nin", "is no identity number"});
  h.Commit({}, At(kEnd), {doubtful});
  EXPECT_EQ(Statuses(h),
            "INVALID_IDENTIFIER contract:1 open 1\nINVALID_PERIOD contract:1 resolved 1\n"
            "MALFORMED_RECORD record:flo.contract/0/0 resolved 1\n");
}

TEST(R22_Redrive, ARowOfTheRecordStandsAsLongAsOneElementRaisesIt) {
  CoreHarness h;
  const DecodedRecord batch =
      h.inbox().NextBatch({Patients(1, 100), Patients(2, 200), Patients(3, 300)}, At("2024-01-10T10:00:00Z"));
  const auto nameless = [](DecodedRecord record) {
    for (DeviationNote& note : record.notes) note.entity.clear();
    return record;
  };
  for (const int32_t last : {1, 2}) {
    CoreHarness each;
    each.Commit({nameless(WithRefused(WithRefused(batch, 1), 2))});
    each.Commit({}, At(kEnd), {nameless(WithRefused(batch, last))});
    EXPECT_EQ(Statuses(each), "MALFORMED_RECORD record:flo.patient-count/0/0 open 2\n") << last;
    each.Commit({}, At(kEnd), {batch});
    EXPECT_EQ(Statuses(each), "MALFORMED_RECORD record:flo.patient-count/0/0 resolved 2\n") << last;
  }
}

TEST(R22_Redrive, AGoodRecordOfTheSameKeySettlesThoseBeforeItAndNoneBehindIt) {
  CoreHarness h;
  const auto list = [&h](int64_t id, std::string_view at) { return Keyed(h.inbox().Next(AList(id), At(at)), 1); };
  const DecodedRecord first = list(1, "2024-01-10T10:00:00Z");
  const DecodedRecord second = list(2, "2024-01-11T10:00:00Z");
  const DecodedRecord good = list(3, "2024-01-12T10:00:00Z");
  const DecodedRecord behind = list(4, "2024-01-13T10:00:00Z");
  h.Commit({AsRefused(first, false), AsRefused(second, false)});
  h.Commit({}, At(kEnd), {second});
  EXPECT_EQ(
      Statuses(h),
      "MALFORMED_RECORD record:flo.contract/0/0 resolved 1\nMALFORMED_RECORD record:flo.contract/0/1 resolved 1\n");
  h.Commit({good});
  h.Restart();
  // Good, but before the last good one: that one still is the last.
  h.Commit({}, At(kEnd), {first});
  h.Commit({AsRefused(behind, false)});
  const auto rows = h.Deviations();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[2].entity, "record:flo.contract/0/3");
  EXPECT_EQ(rows[2].status(), DeviationStatus::kOpen);
  const auto last_good = View(h.store()).Get(Family::kIndex, GoodRecordKey(*good.key, 0));
  KeyReader reader(**last_good);
  EXPECT_EQ(reader.Number64(), At("2024-01-12T10:00:00Z").ms);
}

// What was asked as known at an instant before the record was learnt is answered as it was.
TEST(R6_Redrive, WhatWasKnownBeforeStaysWhatItWas) {
  const std::vector<DecodedRecord> records = SomeRecords();
  const Instant learnt = At("2024-01-20T10:00:00Z");
  const auto answers = [](const CoreHarness& h, std::string_view known_at) {
    const View view(h.store());
    const auto rows = EvaluateAt(view, Geography::Shipped(),
                                 {Day(2024, 1, 12), At(known_at), std::nullopt, Definitions::Shipped().published()});
    return std::pair(rows.value(), ReadDoctor(view, 7, At("2024-01-12T05:00:00Z"), At(known_at))->entry.has_value());
  };
  CoreHarness without;
  CoreHarness with;
  for (CoreHarness* h : {&without, &with}) {
    h->Commit({records[0], AsRefused(records[1]), AsRefused(records[2]), AsRefused(records[3])});
  }
  with.Commit({}, learnt, {records[1], records[2], records[3]});
  CoreHarness fresh;
  fresh.Commit({records[0], records[1], records[2], records[3]});
  for (const std::string_view k : {"2024-01-11T00:00:00Z", "2024-01-15T00:00:00Z", "2024-01-20T10:00:00Z"}) {
    EXPECT_EQ(answers(with, k), answers(without, k)) << k;
    EXPECT_NE(answers(with, k), answers(fresh, k)) << k;
  }
  EXPECT_EQ(answers(with, "2024-01-20T10:00:00.001Z"), answers(fresh, "2024-01-20T10:00:00.001Z"));
}

TEST(R6_Redrive, TheHistoryOfADoctorSaysWhenARecordWasLearnt) {
  const std::vector<DecodedRecord> records = SomeRecords();
  CoreHarness h;
  h.Commit({records[2], AsRefused(records[3]), records[4]});
  h.Commit({}, At(kEnd), {records[3]});
  const auto steps = [&h](std::string_view known_at) {
    return ReadDoctorHistory(View(h.store()), 7, At(known_at), std::nullopt, 100).value().steps;
  };
  EXPECT_EQ(steps("2024-01-20T10:00:00Z").size(), 2U);
  const std::vector<HistoryStep> all = steps("2024-02-01T10:00:00Z");
  ASSERT_EQ(all.size(), 3U);
  EXPECT_FALSE(all[0].learnt_at);
  EXPECT_EQ(all[1].learnt_at, At(kEnd));
  EXPECT_EQ(all[1].record.position.known_from, At("2024-01-11T10:00:00Z"));
  EXPECT_FALSE(all[2].learnt_at);
}

// Versions are superseded when that is known, not when it was said.
TEST(R24_Redrive, WhatIsLearntLateShrinksNothingBeforeThat) {
  CoreHarness h;
  const DecodedRecord first = h.inbox().Next(ASpecialist(7, "2024-01-01"), At("2024-01-01T10:00:00Z"));
  const DecodedRecord second = h.inbox().Next(ADoctor(7, "2024-02-01"), At("2024-02-01T10:00:00Z"));
  h.Commit({first, AsRefused(second)});
  h.Commit({}, At("2024-08-01T10:00:00Z"), {second});
  const auto shrink = [&h](std::string_view limit) {
    Shrinking pass(At(limit));
    const auto step = pass.Next(h.core()).value();
    EXPECT_TRUE(step.done);
    return step.shrunk;
  };
  EXPECT_EQ(shrink("2024-06-01T00:00:00Z"), 0);
  EXPECT_EQ(shrink("2024-08-01T10:00:00Z"), 0);
  EXPECT_EQ(shrink("2024-08-01T10:00:00.001Z"), 1);
}

using Names = std::vector<std::string>;

Names MakeDue(CoreHarness& h, std::string_view end) {
  Names names;
  const auto made = MakeDueSnapshots(h.core(), At(end), true);
  for (const MadeEdition& edition : *made) {
    names.push_back(edition.reference_date.ToString() + "." + std::to_string(edition.edition));
  }
  return names;
}

TEST(R19_Redrive, TheNextRunMakesNewEditionsOfWhatHasChanged) {
  CoreHarness h;
  h.Tell(AList(1), "2023-12-10T10:00:00Z");
  h.Tell(ADoctor(7, "2020-01-01"), "2023-12-10T10:00:01Z");
  const DecodedRecord period =
      h.inbox().Next(ARegularGp(11, 1, 7, Since(Day(2024, 1, 15))), At("2024-01-20T10:00:00Z"));
  h.Commit({AsRefused(period)});
  h.Tell(Patients(1, 900, "2024-02-20"), "2024-02-20T10:00:00Z");
  EXPECT_EQ(MakeDue(h, "2024-03-10T00:00:00Z"), (Names{"2024-01-01.1", "2024-02-01.1", "2024-03-01.1"}));
  const std::string closed = SnapshotCsv(View(h.store()), *FindSnapshot(View(h.store()), Day(2024, 2, 1), 1)).value();
  // The clock was set back to February: what is closed stays closed all the same (B4).
  h.Commit({}, At("2024-02-21T10:00:00Z"), {period});
  const EntityId entity{EntityKind::kDoctorPeriod, 11};
  const Position place{At("2024-01-20T10:00:00Z"), Topic::kDoctorPeriod, 0, 0, 0};
  EXPECT_EQ(LateRecords::Load(View(h.store()), "")->KnownFrom(entity, place), At("2024-03-01T05:00:00Z"));
  EXPECT_EQ(MakeDue(h, "2024-03-10T00:00:00Z"), Names{});
  EXPECT_EQ(MakeDue(h, "2024-04-10T00:00:00Z"), (Names{"2024-04-01.1", "2024-02-01.2", "2024-03-01.2"}));
  const View view(h.store());
  EXPECT_EQ(SnapshotCsv(view, *FindSnapshot(view, Day(2024, 2, 1), 1)).value(), closed);
  const auto change =
      ExplainChange(view, Geography::Shipped(),
                    {Definitions::Shipped().Find("gp-statistics/1.0"), Level::kNation, "NO", "list_count", "staffed"},
                    *FindSnapshot(view, Day(2024, 2, 1), 1), *FindSnapshot(view, Day(2024, 2, 1), 2));
  ASSERT_TRUE(change.ok()) << change.status();
  ASSERT_EQ(change->changes.size(), 1U);
  ASSERT_EQ(change->changes[0].records.size(), 1U) << "the record that was learnt in between";
  EXPECT_EQ(change->changes[0].records[0].position, place);
}

// Corrections are counted list by list along the walk through what became known; evaluating the whole register as it
// was known at the same instant must give the same rows, and every row that has changed since its first edition.
TEST(R19_Redrive, EditionsOfRandomHistoriesAreThoseOfAPlainEvaluation) {
  size_t later_editions = 0;
  for (uint64_t seed = 2000; seed < 2006; ++seed) {
    Dice dice(seed);
    const std::vector<DecodedRecord> records = Shuffled(RandomRecords(dice), dice);
    OldDecoder decoder(&dice, 3);
    CoreHarness h;
    Instant now = Instant::Min();
    for (size_t i = 0; i < records.size(); i += 8) {
      std::vector<DecodedRecord> batch;
      for (size_t j = i; j < std::min(i + 8, records.size()); ++j) batch.push_back(decoder.Read(records[j]));
      h.Commit(std::move(batch));
      now = std::max(now, h.core().clock());
      if (dice.OneIn(5)) h.Commit({}, std::nullopt, decoder.SomeRefused(6));
      if (dice.OneIn(5)) (void)MakeDueSnapshots(h.core(), now, true).value();
    }
    // The rest month by month.
    for (int month = 0; month < 4; ++month) {
      now.ms += int64_t{31} * 24 * 3600 * 1000;
      h.Commit({}, now, decoder.SomeRefused(month == 3 ? SIZE_MAX : 3));
      (void)MakeDueSnapshots(h.core(), now, true).value();
    }
    const View view(h.store());
    const auto editions = ListSnapshots(view);
    for (const SnapshotHeader& header : *editions) {
      later_editions += header.edition > 1 ? 1 : 0;
      const auto rows =
          EvaluateAt(view, Geography::Shipped(),
                     {header.reference_date, header.known_at, std::nullopt, Definitions::Shipped().published()});
      EXPECT_EQ(*rows, *SnapshotRows(view, header))
          << seed << " " << header.reference_date.ToString() << " edition " << header.edition;
    }
    // And none is missing: the latest of each date is what is known at the last run.
    const Instant last_run = h.core().partitions().floor();
    const auto latest_editions = LatestEditions(view);
    for (const SnapshotHeader& header : *latest_editions) {
      const auto rows = EvaluateAt(view, Geography::Shipped(),
                                   {header.reference_date, last_run, std::nullopt, Definitions::Shipped().published()});
      const auto latest = SnapshotRows(view, header).value();
      ASSERT_EQ(rows->size(), latest.size());
      EXPECT_TRUE(std::ranges::equal(*rows, latest, [](const auto& a, const auto& b) { return !Corrected(a, b); }))
          << seed << " " << header.reference_date.ToString();
    }
  }
  EXPECT_GT(later_editions, 10U);
}

}  // namespace
}  // namespace flosync
