#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/core/deviation_report.h"
#include "tests/support/core_harness.h"

// Same records in, same state out, whatever the batching, the interleaving of partitions and restarts (R6, B1).
namespace flosync {
namespace {

Instant Minute(int64_t n) { return {At("2024-10-26T20:00:00Z").ms + n * 60000}; }

// A day of every kind of record, over the autumn change: late, equal, older and conflicting versions, deletions and
// returns, merges by record and by event, a cycle that opens, persons in two partitions.
std::vector<DecodedRecord> ADayOfRecords() {
  Inbox in;
  std::vector<DecodedRecord> r;
  const auto send = [&](RegisterChange change, int32_t partition = 0) {
    r.push_back(in.Next(std::move(change), Minute(static_cast<int64_t>(r.size()) * 10), partition));
  };
  for (const int64_t id : {1, 2, 3, 4}) {
    send(AList(id, id % 2 == 0 ? "4601" : "0301"));
    send(Patients(id, static_cast<int32_t>(700 + id)));
    send(ARegularGp(10 + id, id, static_cast<int32_t>(20 + id)));
    send(ASpecialist(static_cast<int32_t>(20 + id)), static_cast<int32_t>(id % 2));
  }
  send(AnAlias(21, 22, "2024-05-01"));
  send(AnAlias(22, 21, "2024-05-01"), 1);
  send(ADoctor(23, "2024-05-01"));
  send(ASpecialist(23, "2024-05-01"), 1);  // conflict
  send(ADoctor(23, "2024-04-01"), 1);      // older
  send(Merge{24, 23});
  send(WithoutPerson(22), 1);  // the cycle opens
  send(AList(3, "1507", "2024-10-27T02:30:00"));
  send(Patients(1, 900, "2024-10-27T02:10:00"));
  send(Patients(1, 850, "2024-10-27T01:10:00"));
  send(WithoutList(2));
  send(WithoutDoctorPeriod(13));
  send(AList(2, "4601", "2024-10-01"));
  send(ARegularGp(13, 1, 24));
  send(Patients(2, 702));
  send(AList(4, "9999", "2024-10-02"));
  send(WithoutPatients(3));
  send(ASpecialist(22, "2024-10-20"), 1);
  send(ADoctor(21, "2024-10-21"));
  send(WithoutPerson(21));
  return r;
}

struct Outcome {
  std::string digest;
  CellMap live;
  CellMap stored;
  std::string deviations;
  bool operator==(const Outcome&) const = default;
};

// Commits the records in batches, each with the record time as its clock, and ends at one moment.
Outcome EndOf(const std::vector<DecodedRecord>& records, size_t batch, bool restarts = false) {
  CoreHarness h;
  for (size_t begin = 0; begin < records.size(); begin += batch) {
    const auto first = records.begin() + static_cast<std::ptrdiff_t>(begin);
    h.Commit({first, first + static_cast<std::ptrdiff_t>(std::min(batch, records.size() - begin))});
    if (restarts) h.Restart();
  }
  h.MoveClock("2024-10-27T23:30:00Z");
  return {h.Digest(), h.LiveCells(), h.StoredCells(),
          DeviationsCsv(h.Deviations(), h.core().reg(), Moment::Live(h.core().clock()))};
}

TEST(R6_Batching, EveryCommitSizeEndsInTheSameState) {
  const std::vector<DecodedRecord> records = ADayOfRecords();
  const Outcome one_by_one = EndOf(records, 1);
  EXPECT_EQ(one_by_one.live, one_by_one.stored);
  for (const size_t batch : {size_t{2}, size_t{7}, records.size()})
    EXPECT_EQ(EndOf(records, batch), one_by_one) << batch;
}

TEST(R6_Restarts, BetweenCommitsChangeNothing) {
  const std::vector<DecodedRecord> records = ADayOfRecords();
  EXPECT_EQ(EndOf(records, 7, true), EndOf(records, 7));
  EXPECT_EQ(EndOf(records, 1, true), EndOf(records, records.size()));
}

// Any order that keeps each partition's own.
std::vector<DecodedRecord> Interleaved(const std::vector<DecodedRecord>& records, bool last_partition_first) {
  std::vector<DecodedRecord> out = records;
  std::stable_sort(out.begin(), out.end(), [&](const DecodedRecord& a, const DecodedRecord& b) {
    const auto key = [](const DecodedRecord& r) { return std::pair(*r.topic, r.partition); };
    return last_partition_first ? key(b) < key(a) : key(a) < key(b);
  });
  return out;
}

TEST(R6_Interleaving, OfPartitionsChangesNothing) {
  const std::vector<DecodedRecord> records = ADayOfRecords();
  const Outcome as_sent = EndOf(records, 5);
  for (const bool last_first : {false, true}) {
    for (const size_t batch : {size_t{1}, size_t{5}, records.size()}) {
      EXPECT_EQ(EndOf(Interleaved(records, last_first), batch), as_sent) << last_first << " " << batch;
    }
  }
}

TEST(R6_Interleaving, OfEventsAndPersonsChangesNothing) {
  // PersonDeleted and HprNumbersMerged come on another topic than the states they concern.
  Inbox in;
  const std::vector<DecodedRecord> sent = {
      in.Next(AList(1), Minute(0)),
      in.Next(ARegularGp(11, 1, 21), Minute(0)),
      in.Next(ASpecialist(21, "2024-01-01"), Minute(1)),
      in.NextOn(Topic::kEvent, WithoutPerson(21), Minute(2)),
      in.Next(ADoctor(21, "2024-01-02"), Minute(3)),
      in.NextOn(Topic::kEvent, Merge{21, 22}, Minute(4)),
      in.Next(ASpecialist(22, "2024-01-01"), Minute(5)),
      in.Next(AnAlias(21, 23, "2024-01-03"), Minute(6)),
      in.Next(ADoctor(21, "2024-01-04"), Minute(7)),
      in.NextOn(Topic::kEvent, WithoutPerson(21), Minute(7)),  // equal timestamp: hpr.event before hpr.person
  };
  const Outcome as_sent = EndOf(sent, 1);
  for (const size_t batch : {size_t{1}, size_t{3}, sent.size()}) {
    EXPECT_EQ(EndOf(Interleaved(sent, true), batch), as_sent) << batch;
    EXPECT_EQ(EndOf(Interleaved(sent, false), batch), as_sent) << batch;
  }
  // The deletion of minute 7 stands before the state of minute 7 (E3), which is newer and brings 21 back: alias of 22.
  EXPECT_EQ(as_sent.live.at("0301 gp_specialist_share all"), (Cell{1, 1}));
}

TEST(R6_Interleaving, EqualVersionsGoByPositionNotByArrival) {
  for (const bool first_partition_first : {true, false}) {
    CoreHarness h;
    h.Tell(AList(1), "2024-01-10T09:00:00Z");
    h.Tell(ARegularGp(11, 1, 7), "2024-01-10T09:00:00Z");
    const DecodedRecord earlier = h.inbox().Next(ASpecialist(7), At("2024-01-10T10:00:00Z"), 0);
    const DecodedRecord later = h.inbox().Next(ADoctor(7), At("2024-01-10T11:00:00Z"), 1);
    h.Commit({first_partition_first ? earlier : later});
    h.Commit({first_partition_first ? later : earlier});
    EXPECT_EQ(h.Live("NO", "gp_specialist_share"), (Cell{0, 1})) << first_partition_first;
    ASSERT_EQ(h.Deviations().size(), 1U);
    EXPECT_EQ(h.Deviations()[0].first->known_from, At("2024-01-10T11:00:00Z"));
  }
}

TEST(R6_Interleaving, ALateDeletionFallsBehindTheStateThatFollowsIt) {
  // The deletion of 10:00 is read after the state of 11:00 that brings the list back.
  CoreHarness h;
  h.Tell(AList(1, "0301", "2024-01-01"), "2024-01-10T09:00:00Z", 0);
  h.Tell(AList(1, "0301", "2024-01-02"), "2024-01-10T11:00:00Z", 0);
  h.Tell(WithoutList(1), "2024-01-10T10:00:00Z", 1);
  EXPECT_EQ(h.core().reg().FindContract(1)->presence.absences,
            (std::vector<Absence>{{At("2024-01-10T10:00:00Z"), At("2024-01-10T11:00:00Z")}}));
  h.MoveClock("2024-01-10T12:00:00Z");
  EXPECT_EQ(h.Live("NO", "list_count"), (Cell{1, 0}));
}

}  // namespace
}  // namespace flosync
