#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/snapshots/snapshot.h"
#include "tests/support/core_harness.h"

// A commit is whole, once per offset, and survives a restart.
namespace flosync {
namespace {

int64_t SumOfOutcomes(const RecordCounts& c) {
  return c.applied + c.duplicate + c.older + c.conflicting + c.refused + c.ignored + c.skipped;
}

TEST(E4_Offsets, OneAtOrBelowTheLastReadIsSkipped) {
  CoreHarness h;
  const DecodedRecord first = h.inbox().Next(AList(1), At("2024-01-10T10:00:00Z"));
  DecodedRecord other = first;  // the same offset with something else in it
  other.changes[0].change = AList(2);
  h.Commit({first});
  const std::string digest = h.Digest();
  const CellMap cells = h.LiveCells();
  h.Commit({first, other});
  EXPECT_EQ(h.Digest(), digest);
  EXPECT_EQ(h.LiveCells(), cells);
  EXPECT_EQ(h.core().counts().skipped, 2);
  EXPECT_EQ(h.core().counts().applied, 1);
}

TEST(E4_Offsets, AreThoseOfAPartition) {
  CoreHarness h;
  h.Commit({h.inbox().Next(AList(1), At("2024-01-10T10:00:00Z"), 0),
            h.inbox().Next(AList(2), At("2024-01-10T10:00:00Z"), 1)});
  EXPECT_EQ(h.core().counts().skipped, 0);
  EXPECT_EQ(h.Live("NO", "list_count"), (Cell{2, 0}));
}

TEST(E4_Offsets, AreRememberedOverARestart) {
  CoreHarness h;
  const DecodedRecord first = h.inbox().Next(AList(1), At("2024-01-10T10:00:00Z"));
  h.Commit({first});
  h.Restart();
  h.Commit({first});
  EXPECT_EQ(h.core().counts().skipped, 1);
  EXPECT_EQ(h.core().counts().read, 2);
}

TEST(R22_Counts, SumToTheRecordsRead) {
  CoreHarness h;
  Inbox& in = h.inbox();
  const Instant at = At("2024-01-10T10:00:00Z");
  DecodedRecord ignored = in.NextRefused(Topic::kEvent, {}, at);
  ignored.outcome = RecordOutcome::kIgnored;
  ignored.notes.clear();
  const DecodedRecord applied = in.Next(AList(1, "0301", "2024-01-02"), at);
  h.Commit({applied, in.Next(AList(1, "0301", "2024-01-02"), at), in.Next(AList(1, "0301", "2024-01-01"), at),
            in.Next(AList(1, "4601", "2024-01-02"), at), ignored, applied,
            in.NextRefused(Topic::kContract, {DeviationCode::kMalformedRecord, "", "Id", "is missing"}, at)});
  const RecordCounts& c = h.core().counts();
  EXPECT_EQ(c.read, 7);
  EXPECT_EQ(c.applied, 1);
  EXPECT_EQ(c.duplicate, 1);
  EXPECT_EQ(c.older, 1);
  EXPECT_EQ(c.conflicting, 1);
  EXPECT_EQ(c.refused, 1);
  EXPECT_EQ(c.ignored, 1);
  EXPECT_EQ(c.skipped, 1);
  EXPECT_EQ(SumOfOutcomes(c), c.read);
}

TEST(R22_Counts, ABatchCountsOnceByTheMostOneElementDid) {
  CoreHarness h;
  const Instant at = At("2024-01-10T10:00:00Z");
  h.Commit({h.inbox().NextBatch({Patients(1, 800), Patients(2, 900)}, at)});
  h.Commit({h.inbox().NextBatch({Patients(1, 800), Patients(2, 900)}, at)});
  h.Commit({h.inbox().NextBatch({Patients(1, 800), Patients(2, 950, "2024-01-05")}, at)});
  EXPECT_EQ(h.core().counts().read, 3);
  EXPECT_EQ(h.core().counts().applied, 2);
  EXPECT_EQ(h.core().counts().duplicate, 1);
}

TEST(E3_Position, TheIndexInABatchDecidesBetweenItsElements) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  h.Commit({h.inbox().NextBatch({Patients(1, 800), Patients(1, 801)}, At("2024-01-10T10:00:00Z"))});
  EXPECT_EQ(h.Live("NO", "persons_listed"), (Cell{801, 0}));
  EXPECT_EQ(h.core().counts().applied, 2);
}

TEST(Commit, IsWholeAndStandsAfterARestart) {
  CoreHarness h;
  CommitInput input;
  input.records = {h.inbox().Next(AList(1), At("2024-01-10T10:00:00Z")),
                   h.inbox().Next(ARegularGp(11, 1, 7), At("2024-01-10T10:00:01Z")),
                   h.inbox().Next(ASpecialist(7), At("2024-01-10T10:00:02Z")),
                   h.inbox().Next(Patients(1, 800), At("2024-01-10T10:00:03Z"))};
  input.marks = {{"file", "day1.ndjson:4"}};
  input.complete = true;
  input.now = At("2024-01-10T10:05:00Z");
  const auto committed = h.core().Commit(std::move(input));
  ASSERT_TRUE(committed.ok());
  EXPECT_TRUE(committed->committed);
  EXPECT_EQ(committed->revision, 1);
  const CellMap cells = h.LiveCells();
  const std::string digest = h.Digest();
  EXPECT_EQ(h.StoredCells(), cells);
  h.Restart();
  EXPECT_EQ(h.LiveCells(), cells);
  EXPECT_EQ(h.Digest(), digest);
  EXPECT_EQ(h.core().marks().at("file"), "day1.ndjson:4");
  EXPECT_EQ(h.core().revision(), 1);
  EXPECT_EQ(h.core().clock(), At("2024-01-10T10:05:00Z"));
  EXPECT_EQ(h.core().last_complete(), At("2024-01-10T10:05:00Z"));
  EXPECT_EQ(h.core().counts().read, 4);
  EXPECT_EQ(h.core().partitions().all().size(), 4U);
}

TEST(Commit, OfNothingIsNone) {
  CoreHarness h;
  EXPECT_FALSE(h.Commit({}).committed);
  EXPECT_EQ(h.core().revision(), 0);
}

TEST(Commit, AReaderSeesTheStateOfOneCommit) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  const View before(h.store());
  const std::string digest = StateDigest(before).value();
  h.Tell(AList(2), "2024-01-10T11:00:00Z");
  EXPECT_EQ(StateDigest(before).value(), digest);
  EXPECT_NE(h.Digest(), digest);
}

TEST(Commit, TheClockNeverGoesBack) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  h.Commit({h.inbox().Next(AList(2), At("2024-01-10T10:00:01Z"))}, At("2024-01-09T00:00:00Z"));
  EXPECT_EQ(h.core().clock(), At("2024-01-10T10:00:00Z"));
  EXPECT_EQ(h.Live("NO", "list_count"), (Cell{2, 0}));
}

TEST(B9_EffectiveTimestamp, IsTheGreatestReadInThePartition) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T12:00:00Z");
  h.Tell(WithoutList(1), "2024-01-10T10:00:00Z");  // the broker's clock went back
  const ContractState* list = h.core().reg().FindContract(1);
  ASSERT_EQ(list->presence.absences.size(), 1U);
  EXPECT_EQ(list->presence.absences[0].after, At("2024-01-10T12:00:00Z"));
  EXPECT_EQ(h.core().partitions().greatest(), At("2024-01-10T12:00:00Z"));
}

TEST(Epoch, IsKeptForTheLifeOfTheStore) {
  CoreHarness h;
  h.Restart();
  EXPECT_EQ(h.core().epoch(), "epoch-1");
}

}  // namespace
}  // namespace flosync
