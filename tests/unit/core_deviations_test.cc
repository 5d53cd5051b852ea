#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/core/deviation_report.h"
#include "tests/support/core_harness.h"

// Bad and doubtful records are kept by code and entity (R22, A14).
namespace flosync {
namespace {

DecodedRecord Refused(Inbox& in, Topic topic, std::string entity, std::string_view at) {
  return in.NextRefused(topic, {DeviationCode::kInvalidPeriod, std::move(entity), "Valid.To", "is not after From"},
                        At(at));
}

TEST(R22_Deviations, ARefusedRecordIsOneAndHasNoOtherEffect) {
  CoreHarness h;
  h.Commit({Refused(h.inbox(), Topic::kContract, "contract:1", "2024-01-10T10:00:00Z")});
  EXPECT_TRUE(h.LiveCells().empty());
  const std::vector<Deviation> all = h.Deviations();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].code, DeviationCode::kInvalidPeriod);
  EXPECT_EQ(all[0].entity, "contract:1");
  EXPECT_EQ(all[0].field, "Valid.To");
  EXPECT_EQ(all[0].count, 1);
  EXPECT_EQ(all[0].first, (Position{At("2024-01-10T10:00:00Z"), Topic::kContract, 0, 0, 0}));
  EXPECT_EQ(all[0].last, all[0].first);
}

TEST(R22_Deviations, CountAndRememberTheFirstAndTheLast) {
  CoreHarness h;
  const DecodedRecord first = Refused(h.inbox(), Topic::kContract, "contract:1", "2024-01-10T10:00:00Z");
  h.Commit({first});
  h.Restart();
  h.Commit({Refused(h.inbox(), Topic::kContract, "contract:1", "2024-01-11T10:00:00Z"),
            Refused(h.inbox(), Topic::kContract, "contract:2", "2024-01-11T11:00:00Z"),
            Refused(h.inbox(), Topic::kContract, "contract:1", "2024-01-12T10:00:00Z")});
  h.Commit({first});  // skipped: seen before
  const std::vector<Deviation> all = h.Deviations();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].entity, "contract:1");
  EXPECT_EQ(all[0].count, 3);
  EXPECT_EQ(all[0].first->offset, 0);
  EXPECT_EQ(all[0].first->known_from, At("2024-01-10T10:00:00Z"));
  EXPECT_EQ(all[0].last->offset, 3);
  EXPECT_EQ(all[0].last->known_from, At("2024-01-12T10:00:00Z"));
  EXPECT_EQ(all[1].entity, "contract:2");
  EXPECT_EQ(all[1].count, 1);
}

TEST(R22_Deviations, FirstIsByPositionNotByArrival) {
  CoreHarness h;
  const DecodedRecord early = Refused(h.inbox(), Topic::kContract, "contract:1", "2024-01-10T10:00:00Z");
  const DecodedRecord late = Refused(h.inbox(), Topic::kDoctorPeriod, "contract:1", "2024-01-11T10:00:00Z");
  h.Commit({late});
  h.Commit({early});
  ASSERT_EQ(h.Deviations().size(), 1U);
  EXPECT_EQ(h.Deviations()[0].first->topic, Topic::kContract);
  EXPECT_EQ(h.Deviations()[0].last->topic, Topic::kDoctorPeriod);
}

TEST(R22_Deviations, WithoutEntityAreOfTheRecord) {
  CoreHarness h;
  h.Commit({Refused(h.inbox(), Topic::kPerson, "", "2024-01-10T10:00:00Z"),
            Refused(h.inbox(), Topic::kPerson, "", "2024-01-10T10:00:01Z")});
  ASSERT_EQ(h.Deviations().size(), 2U);
  EXPECT_EQ(h.Deviations()[0].entity, "record:hpr.person/0/0");
  EXPECT_EQ(h.Deviations()[1].entity, "record:hpr.person/0/1");
}

TEST(A14_Deviations, OfALineThatIsNoRecordNameFileAndLine) {
  CoreHarness h;
  DecodedRecord line;
  line.outcome = RecordOutcome::kUnreadable;
  line.line = "day1.ndjson:7";
  line.notes.push_back({DeviationCode::kMalformedRecord, "", "", "is no JSON object"});
  h.Commit({line});
  h.Commit({line});  // read again after a restart of the source: the same finding
  ASSERT_EQ(h.Deviations().size(), 1U);
  EXPECT_EQ(h.Deviations()[0].entity, "line:day1.ndjson:7");
  EXPECT_EQ(h.Deviations()[0].count, 1);
  EXPECT_FALSE(h.Deviations()[0].first);
  EXPECT_EQ(h.core().counts().refused, 2);
}

TEST(E4_Conflicts, AreDeviationsOfTheEntity) {
  CoreHarness h;
  h.Tell(AList(1, "0301", "2024-01-01"), "2024-01-10T10:00:00Z");
  h.Tell(AList(1, "4601", "2024-01-01"), "2024-01-10T11:00:00Z");
  h.Tell(AList(1, "4601", "2024-01-01"), "2024-01-10T12:00:00Z");  // the same again is none
  h.Tell(AList(1, "0301", "2024-01-01"), "2024-01-10T13:00:00Z");
  const std::vector<Deviation> all = h.Deviations();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].code, DeviationCode::kConflictingVersion);
  EXPECT_EQ(all[0].entity, "contract:1");
  EXPECT_EQ(all[0].count, 2);
  EXPECT_EQ(all[0].first->known_from, At("2024-01-10T11:00:00Z"));
  EXPECT_EQ(all[0].last->known_from, At("2024-01-10T13:00:00Z"));
}

TEST(E4_Conflicts, AreTheSameHoweverTheRecordsAreRead) {
  // Two partitions: A of 10:00, B of 11:00, A of 12:00 under one version. In position order that is two conflicts.
  for (const bool b_last : {false, true}) {
    CoreHarness h;
    const DecodedRecord a1 = h.inbox().Next(AList(1, "0301", "2024-01-01"), At("2024-01-10T10:00:00Z"), 0);
    const DecodedRecord b = h.inbox().Next(AList(1, "4601", "2024-01-01"), At("2024-01-10T11:00:00Z"), 1);
    const DecodedRecord a2 = h.inbox().Next(AList(1, "0301", "2024-01-01"), At("2024-01-10T12:00:00Z"), 0);
    for (const DecodedRecord& record : b_last ? std::vector{a1, a2, b} : std::vector{a1, b, a2}) h.Commit({record});
    ASSERT_EQ(h.Deviations().size(), 1U);
    EXPECT_EQ(h.Deviations()[0].count, 2) << b_last;
    EXPECT_EQ(h.Deviations()[0].first->known_from, At("2024-01-10T11:00:00Z")) << b_last;
  }
}

TEST(A14_Deviations, AreExportedByCodeAndEntity) {
  CoreHarness h;
  h.Commit({Refused(h.inbox(), Topic::kContract, "contract:1", "2024-01-10T10:00:00Z")});
  h.Commit({Refused(h.inbox(), Topic::kContract, "contract:1", "2024-01-11T10:00:00.5Z")});
  h.Tell(ADoctor(7), "2024-01-12T10:00:00Z");
  h.Tell(ASpecialist(7), "2024-01-12T10:00:01Z");
  const std::string csv = DeviationsCsv(h.Deviations(), h.core().reg(), Moment::Live(h.core().clock()));
  const std::vector<std::string> begins = {
      "code,priority,entity,topic,partition,offset,first_seen,last_seen,count,status,detail\n",
      "CONFLICTING_VERSION,low,person:7,hpr.person,0,1,2024-01-12T10:00:01.000Z,2024-01-12T10:00:01.000Z,1,open,",
      "INVALID_PERIOD,normal,contract:1,flo.contract,0,0,2024-01-10T10:00:00.000Z,2024-01-11T10:00:00.500Z,2,open,"};
  size_t at = 0;
  for (const std::string& begin : begins) {
    at = csv.find(begin, at);
    ASSERT_NE(at, std::string::npos) << begin << "\nnot in\n" << csv;
  }
}

}  // namespace
}  // namespace flosync
