#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/core/deviation_log.h"
#include "state/core/deviation_report.h"
#include "tests/support/core_harness.h"

// How deviations stand: what settles them, what opens them again, what people decide (R22).
namespace flosync {
namespace {

constexpr Topic kContracts = Topic::kContract;

DecodedRecord Bad(CoreHarness& h, std::string entity, std::string_view at, int32_t partition = 0,
                  DeviationCode code = DeviationCode::kInvalidPeriod) {
  return h.inbox().NextRefused(kContracts, {code, std::move(entity), "Valid.To", "is not after From"}, At(at),
                               partition);
}

// A list of another version each time.
DecodedRecord Good(CoreHarness& h, int64_t id, std::string_view at, int32_t partition = 0) {
  return h.inbox().Next(AList(id, "0301", at.substr(0, 19)), At(at), partition);
}

// Under a key that is the number of an entity, or under one that is none.
enum class Key : uint8_t { kNumber, kText };
constexpr std::array kKeys = {Key::kNumber, Key::kText};

DecodedRecord Keyed(DecodedRecord record, Key kind, uint8_t key) {
  record.key = kind == Key::kNumber ? RecordKey::OfNumber(*record.topic, key) : RecordKey{*record.topic, {key}};
  return record;
}

DecodedRecord Doubtful(DecodedRecord record, std::string entity) {
  record.notes.push_back({DeviationCode::kInvalidIdentifier, std::move(entity), "nin", "is no identity number"});
  return record;
}

std::string Statuses(const CoreHarness& h) {
  std::string text;
  for (const Deviation& d : h.Deviations()) {
    text += std::string(DeviationName(d.code)) + " " + d.entity + " " + std::string(StatusName(d.status())) + " " +
            std::to_string(d.count) + "\n";
  }
  return text;
}

TEST(R22_Status, ALaterGoodRecordOfTheEntityResolves) {
  CoreHarness h;
  h.Commit({Bad(h, "contract:1", "2024-01-10T10:00:00Z"), Bad(h, "contract:2", "2024-01-10T10:00:01Z"),
            Bad(h, "contract:1", "2024-01-10T10:00:02Z", 0, DeviationCode::kNegativeNumber)});
  EXPECT_EQ(Statuses(h),
            "INVALID_PERIOD contract:1 open 1\nINVALID_PERIOD contract:2 open 1\nNEGATIVE_NUMBER contract:1 open 1\n");
  h.Restart();
  h.Commit({Good(h, 1, "2024-01-11T10:00:00Z")});
  EXPECT_EQ(Statuses(h),
            "INVALID_PERIOD contract:1 resolved 1\nINVALID_PERIOD contract:2 open 1\n"
            "NEGATIVE_NUMBER contract:1 resolved 1\n");
}

TEST(A14_Status, RecurrenceReopensAndKeepsFirstSeen) {
  CoreHarness h;
  h.Commit({Bad(h, "contract:1", "2024-01-10T10:00:00Z")});
  h.Commit({Good(h, 1, "2024-01-11T10:00:00Z")});
  h.Restart();
  h.Commit({Bad(h, "contract:1", "2024-01-12T10:00:00Z")});
  EXPECT_EQ(Statuses(h), "INVALID_PERIOD contract:1 open 2\n");
  EXPECT_EQ(h.Deviations()[0].first_seen, At("2024-01-10T10:00:00Z"));
  EXPECT_EQ(h.Deviations()[0].last_seen, At("2024-01-12T10:00:00Z"));
  h.Commit({Good(h, 1, "2024-01-13T10:00:00Z")});
  EXPECT_EQ(Statuses(h), "INVALID_PERIOD contract:1 resolved 2\n");
}

TEST(R22_Status, ARecordThatRaisesTheCodeAgainDoesNotResolveIt) {
  CoreHarness h;
  h.Commit({h.inbox().NextRefused(Topic::kPerson, {DeviationCode::kInvalidPeriod, "person:7", "", ""},
                                  At("2024-01-10T10:00:00Z"))});
  h.Commit({Doubtful(h.inbox().Next(ADoctor(7), At("2024-01-11T10:00:00Z")), "person:7")});
  EXPECT_EQ(Statuses(h), "INVALID_IDENTIFIER person:7 open 1\nINVALID_PERIOD person:7 resolved 1\n");
  h.Commit({Doubtful(h.inbox().Next(ADoctor(7), At("2024-01-12T10:00:00Z")), "person:7")});
  EXPECT_EQ(Statuses(h), "INVALID_IDENTIFIER person:7 open 2\nINVALID_PERIOD person:7 resolved 1\n");
}

TEST(E4_Status, AConflictIsResolvedByARecordThatDoesNotConflict) {
  CoreHarness h;
  h.Tell(AList(1, "0301"), "2024-01-10T10:00:00Z");
  h.Tell(AList(1, "4601"), "2024-01-11T10:00:00Z");
  EXPECT_EQ(Statuses(h), "CONFLICTING_VERSION contract:1 open 1\n");
  h.Tell(AList(1, "4601"), "2024-01-12T10:00:00Z");
  EXPECT_EQ(Statuses(h), "CONFLICTING_VERSION contract:1 resolved 1\n");
  // An older version that conflicts with nothing is a good record as well; one that conflicts opens it again.
  h.Tell(AList(1, "5001", "2014-01-01T00:00:00"), "2024-01-13T10:00:00Z");
  EXPECT_EQ(Statuses(h), "CONFLICTING_VERSION contract:1 resolved 1\n");
  h.Tell(AList(1, "5501", "2014-01-01T00:00:00"), "2024-01-14T10:00:00Z");
  EXPECT_EQ(Statuses(h), "CONFLICTING_VERSION contract:1 open 2\n");
}

TEST(E4_Status, WhomSomebodySubstitutesForIsNoContent) {
  CoreHarness h;
  h.Tell(ASubstitute(11, 1, 7), "2024-01-10T10:00:00Z");
  h.Tell(But(ASubstitute(11, 1, 7), [](DoctorPeriod& p) { p.substitute_for = 9; }), "2024-01-11T10:00:00Z");
  EXPECT_EQ(Statuses(h), "");
  h.Tell(But(ASubstitute(11, 1, 7), [](DoctorPeriod& p) { p.percentage = 50; }), "2024-01-12T10:00:00Z");
  EXPECT_EQ(Statuses(h), "CONFLICTING_VERSION doctor_period:11 open 1\n");
}

TEST(R22_Status, ADeletionResolvesAndAMergeDoesNot) {
  CoreHarness h;
  for (const char* entity : {"person:7", "person:8"}) {
    h.Commit({h.inbox().NextRefused(Topic::kPerson, {DeviationCode::kInvalidPeriod, entity, "", ""},
                                    At("2024-01-10T10:00:00Z"))});
  }
  h.Tell(Merge{7, 9}, "2024-01-11T10:00:00Z");
  h.Tell(WithoutPerson(8), "2024-01-11T10:00:00Z");
  EXPECT_EQ(Statuses(h), "INVALID_PERIOD person:7 open 1\nINVALID_PERIOD person:8 resolved 1\n");
  // The merge is the newest record of the person, but what counts is the good one before it.
  h.Commit({h.inbox().Next(ADoctor(7), At("2024-01-10T11:00:00Z"), 1)});
  EXPECT_EQ(Statuses(h), "INVALID_PERIOD person:7 resolved 1\nINVALID_PERIOD person:8 resolved 1\n");
  h.Commit({h.inbox().NextRefused(Topic::kPerson, {DeviationCode::kInvalidPeriod, "person:7", "", ""},
                                  At("2024-01-10T12:00:00Z"), 2)});
  EXPECT_EQ(Statuses(h), "INVALID_PERIOD person:7 open 2\nINVALID_PERIOD person:8 resolved 1\n");
}

TEST(E3_Status, LaterIsByPositionNotByArrival) {
  CoreHarness h;
  h.Commit({Bad(h, "contract:1", "2024-01-10T10:00:00Z", 0)});
  h.Commit({Good(h, 1, "2024-01-09T10:00:00Z", 1)});
  EXPECT_EQ(Statuses(h), "INVALID_PERIOD contract:1 open 1\n");
  h.Commit({Good(h, 1, "2024-01-12T10:00:00Z", 1)});
  EXPECT_EQ(Statuses(h), "INVALID_PERIOD contract:1 resolved 1\n");
  h.Restart();
  h.Commit({Bad(h, "contract:1", "2024-01-11T10:00:00Z", 2)});
  EXPECT_EQ(Statuses(h), "INVALID_PERIOD contract:1 resolved 2\n");
}

TEST(F1_Status, ElementsOfABatchCountInTheirOrder) {
  for (const bool good_last : {false, true}) {
    CoreHarness h;
    DecodedRecord batch = h.inbox().NextBatch({Patients(1, 900)}, At("2024-01-10T10:00:00Z"));
    batch.changes[0].index = good_last ? 1 : 0;
    batch.notes.push_back(
        {DeviationCode::kNegativeNumber, "patient_count:1", "patientCount", "is negative", good_last ? 0 : 1});
    batch.refused = 1;
    h.Commit({batch});
    EXPECT_EQ(h.Deviations()[0].status(), good_last ? DeviationStatus::kResolved : DeviationStatus::kOpen);
  }
}

class StatusByKey : public testing::TestWithParam<Key> {
 protected:
  static DecodedRecord Keyed(DecodedRecord record, uint8_t key) {
    return flosync::Keyed(std::move(record), GetParam(), key);
  }
};
INSTANTIATE_TEST_SUITE_P(Keys, StatusByKey, testing::ValuesIn(kKeys));

TEST_P(StatusByKey, R22_OfARecordIsResolvedByTheSameTopicAndKey) {
  CoreHarness h;
  h.Commit({Keyed(Bad(h, "", "2024-01-10T10:00:00Z"), 1), Bad(h, "", "2024-01-10T10:00:01Z")});
  const auto standing = [&h] {
    std::string text;
    for (const Deviation& d : h.Deviations()) text += std::string(StatusName(d.status())) + " ";
    return text;
  };
  h.Commit({Keyed(Good(h, 1, "2024-01-11T10:00:00Z"), 2)});
  h.Commit({Keyed(h.inbox().Next(ADoctor(1), At("2024-01-11T10:00:00Z")), 1)});
  DecodedRecord partly = Keyed(Good(h, 1, "2024-01-11T11:00:00Z"), 1);
  partly.refused = 1;
  h.Commit({partly});
  h.Commit({Keyed(Good(h, 1, "2024-01-09T10:00:00Z", 1), 1)});
  EXPECT_EQ(standing(), "open open ");
  h.Restart();
  h.Commit({Keyed(Good(h, 1, "2024-01-12T10:00:00Z"), 1)});
  EXPECT_EQ(standing(), "resolved open ");
  // Refused before the good record, read after it.
  h.Restart();
  h.Commit({Keyed(Bad(h, "", "2024-01-11T12:00:00Z", 2), 1), Keyed(Bad(h, "", "2024-01-12T12:00:00Z", 2), 1)});
  EXPECT_EQ(standing(), "resolved open resolved open ");
}

// What tells is the key, not of whom the record is.
TEST_P(StatusByKey, R22_ARecordOfTheEntityUnderAnotherKeyDoesNotResolve) {
  CoreHarness h;
  h.Commit({Keyed(Good(h, 1, "2024-01-12T10:00:00Z"), 2)});
  h.Commit({Good(h, 1, "2024-01-12T11:00:00Z")});
  h.Commit({Keyed(Bad(h, "", "2024-01-11T10:00:00Z", 1), 1), Keyed(Bad(h, "", "2024-01-11T11:00:00Z", 1), 2)});
  EXPECT_EQ(h.Deviations().at(0).status(), DeviationStatus::kOpen);
  EXPECT_EQ(h.Deviations().at(1).status(), DeviationStatus::kResolved);
}

// Records of three partitions, each in its own order, put together by `seed`.
std::vector<DecodedRecord> Interleaved(const std::vector<DecodedRecord>& records, unsigned seed) {
  std::vector<int32_t> turns;
  std::map<int32_t, std::vector<DecodedRecord>> queues;
  for (const DecodedRecord& record : records) {
    turns.push_back(record.partition);
    queues[record.partition].push_back(record);
  }
  std::mt19937 random(seed);
  std::shuffle(turns.begin(), turns.end(), random);
  std::map<int32_t, size_t> next;
  std::vector<DecodedRecord> result;
  for (const int32_t turn : turns) result.push_back(queues[turn][next[turn]++]);
  return result;
}

std::vector<DecodedRecord> RandomRecords(CoreHarness& h, unsigned seed, Key key) {
  std::mt19937 random(seed);
  const auto pick = [&random](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::vector<DecodedRecord> records;
  for (int i = 0; i < 60; ++i) {
    const int32_t partition = pick(3);
    const Instant at{At("2024-01-10T10:00:00Z").ms + i * 1000 - pick(3) * 5000};
    const int64_t id = 1 + pick(2);
    const std::string entity = "contract:" + std::to_string(id);
    const int kind = pick(6);
    DecodedRecord record;
    if (kind == 0) {
      record = h.inbox().NextRefused(kContracts, {DeviationCode::kInvalidPeriod, entity, "", "x"}, at, partition);
    } else if (kind == 1) {
      record = h.inbox().NextRefused(kContracts, {DeviationCode::kMalformedRecord, "", "", "x"}, at, partition);
    } else if (kind == 2) {
      record = h.inbox().Next(WithoutList(id), at, partition);
    } else {
      const std::string year = std::to_string(2015 + pick(3));
      record = h.inbox().Next(AList(id, pick(2) == 0 ? "0301" : "4601", year + "-01-01T00:00:00"), at, partition);
      if (kind == 3) record = Doubtful(std::move(record), entity);
    }
    records.push_back(Keyed(std::move(record), key, static_cast<uint8_t>(1 + pick(3))));
  }
  return records;
}

TEST(R6_Deviations, AreTheSameForEveryBatchInterleavingRestartAndKindOfKey) {
  std::set<std::string> seen;
  for (unsigned seed = 1; seed <= 3; ++seed) {
    std::string expected;
    for (unsigned order = 0; order < 8; ++order) {
      CoreHarness h;
      const std::vector<DecodedRecord> records = Interleaved(RandomRecords(h, seed, kKeys.at(order % 2)), order);
      const size_t batch = order == 0 ? records.size() : order * 3 - 2;
      for (size_t i = 0; i < records.size(); i += batch) {
        const auto begin = records.begin() + static_cast<std::ptrdiff_t>(i);
        h.Commit({begin, begin + static_cast<std::ptrdiff_t>(std::min(batch, records.size() - i))});
        if (order == 2 && i % 5 == 0) h.Restart();
      }
      const std::string csv = DeviationsCsv(h.Deviations(), h.core().reg(), Moment::Live(h.core().clock()));
      if (order == 0) expected = csv;
      EXPECT_EQ(csv, expected) << "seed " << seed << " order " << order;
    }
    seen.insert(expected);
  }
  EXPECT_EQ(seen.size(), 3U);
}

absl::Status Decide(CoreHarness& h, int64_t id, DeviationStatus status) {
  absl::Status refused;
  const DeviationDecision decision{status, "kari", "known", At("2024-02-01T00:00:00Z"), 0};
  const absl::Status committed = h.core().CommitChange(
      [&](Core& /*core*/, const View& view, Batch& batch) { return DecideOnDeviation(view, id, decision, batch); },
      refused);
  EXPECT_TRUE(committed.ok()) << committed;
  return refused;
}

TEST(R22_Decision, HoldsUntilTheDeviationOccursAgain) {
  for (const DeviationStatus status : {DeviationStatus::kResolved, DeviationStatus::kIgnored}) {
    CoreHarness h;
    h.Commit({Bad(h, "contract:1", "2024-01-10T10:00:00Z")});
    const int64_t revision = h.core().revision();
    ASSERT_TRUE(Decide(h, 1, status).ok());
    EXPECT_EQ(h.core().revision(), revision + 1);
    h.Restart();
    EXPECT_EQ(h.core().revision(), revision + 1);
    EXPECT_EQ(h.Deviations()[0].status(), status);
    EXPECT_EQ(h.Deviations()[0].decision->by, "kari");
    h.Commit({Bad(h, "contract:1", "2024-01-11T10:00:00Z")});
    EXPECT_EQ(h.Deviations()[0].status(), DeviationStatus::kOpen);
    EXPECT_EQ(h.Deviations()[0].decision->reason, "known");
    h.Commit({Good(h, 1, "2024-01-12T10:00:00Z")});
    EXPECT_EQ(h.Deviations()[0].status(), DeviationStatus::kResolved);
  }
}

TEST(R22_Decision, OutlivesAHistoryThatIsFoldedAgain) {
  CoreHarness h;
  h.Tell(AList(1, "0301"), "2024-01-10T10:00:00Z");
  h.Tell(AList(1, "4601"), "2024-01-11T10:00:00Z");
  ASSERT_TRUE(Decide(h, 1, DeviationStatus::kIgnored).ok());
  h.Tell(AList(1, "5001", "2014-01-01T00:00:00"), "2024-01-11T09:00:00Z", 1);
  EXPECT_EQ(h.Deviations()[0].status(), DeviationStatus::kIgnored);
  EXPECT_EQ(h.Deviations()[0].id, 1);
}

TEST(R22_Decision, IsRefusedWhereThereIsNothingToDecide) {
  CoreHarness h;
  h.Commit({Bad(h, "contract:1", "2024-01-10T10:00:00Z")});
  h.Commit({Good(h, 1, "2024-01-11T10:00:00Z")});
  const int64_t revision = h.core().revision();
  EXPECT_EQ(Decide(h, 1, DeviationStatus::kIgnored).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Decide(h, 2, DeviationStatus::kIgnored).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(h.core().revision(), revision);
}

TEST(R22_Ids, AreNeverGivenTwice) {
  CoreHarness h;
  h.Tell(AList(1, "0301"), "2024-01-10T10:00:00Z");
  h.Tell(AList(1, "4601"), "2024-01-12T10:00:00Z");
  ASSERT_EQ(h.Deviations()[0].id, 1);
  h.Restart();
  h.Commit({Bad(h, "contract:2", "2024-01-13T10:00:00Z")});
  EXPECT_EQ(h.Deviations()[1].id, 2);
  const View view(h.store());
  EXPECT_EQ((*FindDeviation(view, 2).value()).entity, "contract:2");
  EXPECT_FALSE(FindDeviation(view, 3).value());
}

class StateDeviations : public ::testing::Test {
 protected:
  void Set(bool open, std::string_view at, const std::string& detail = "a") {
    log_.SetState(DeviationCode::kMissingBirthDate, "person:7", open, detail, At(at));
    Write();
  }
  void Write() {
    Batch batch(h_.store());
    const View view(h_.store());
    ASSERT_TRUE(log_.Write(view, h_.core().reg(), batch).ok());
    ASSERT_TRUE(h_.store().Commit(batch).ok());
  }
  CoreHarness h_;
  DeviationLog log_;
};

TEST_F(StateDeviations, R22_StandAsLongAsTheirCondition) {
  Set(false, "2024-01-01T00:00:00Z");
  EXPECT_TRUE(h_.Deviations().empty());
  Set(true, "2024-01-02T00:00:00Z");
  Set(true, "2024-01-03T00:00:00Z", "b");
  Deviation d = h_.Deviations().at(0);
  EXPECT_EQ(d.status(), DeviationStatus::kOpen);
  EXPECT_EQ(d.count, 1);
  EXPECT_EQ(d.detail, "b");
  EXPECT_EQ(d.last_seen, At("2024-01-02T00:00:00Z"));
  EXPECT_FALSE(d.first);
  // A good record of the person is no end of the condition.
  log_.Accepted({EntityKind::kPerson, 7}, {At("2024-02-01T00:00:00Z"), Topic::kPerson, 0, 1, 0});
  Write();
  EXPECT_EQ(h_.Deviations().at(0).status(), DeviationStatus::kOpen);
  Set(false, "2024-03-01T00:00:00Z");
  EXPECT_EQ(h_.Deviations().at(0).status(), DeviationStatus::kResolved);
  h_.Restart();
  Set(true, "2024-04-01T00:00:00Z");
  d = h_.Deviations().at(0);
  EXPECT_EQ(d.status(), DeviationStatus::kOpen);
  EXPECT_EQ(d.count, 2);
  EXPECT_EQ(d.first_seen, At("2024-01-02T00:00:00Z"));
  EXPECT_EQ(d.last_seen, At("2024-04-01T00:00:00Z"));
}

TEST(R22_Priority, IsHighWhereADoctorOrListInForceIsTouched) {
  CoreHarness h;
  h.Tell(AList(1), "2024-01-10T10:00:00Z");
  h.Tell(AList(2), "2024-01-10T10:00:00Z");
  h.Tell(ADoctor(7), "2024-01-10T10:00:00Z");
  h.Tell(AnAlias(6, 7), "2024-01-10T10:00:00Z");
  h.Tell(ARegularGp(11, 1, 6), "2024-01-10T10:00:00Z");
  h.Tell(ASharedListDoctor(12, 2, 8), "2024-01-10T10:00:00Z");
  h.Tell(ASubstitute(13, 2, 9, Until(Day(2023, 1, 1))), "2024-01-10T10:00:00Z");
  const Moment at = Moment::Live(h.core().clock());
  const View view(h.store());
  const auto priority = [&](const std::string& entity, DeviationCode code) {
    Deviation d;
    d.code = code;
    d.entity = entity;
    EXPECT_EQ(ReadPriority(view, d, at).value(), PriorityOf(d, h.core().reg(), at)) << entity;
    return PriorityOf(d, h.core().reg(), at);
  };
  for (const char* entity : {"contract:1", "patient_count:1", "person:7", "person:6", "doctor_period:11"}) {
    EXPECT_EQ(priority(entity, DeviationCode::kConflictingVersion), DeviationPriority::kHigh) << entity;
  }
  for (const char* entity : {"contract:2", "contract:3", "person:8", "person:9", "doctor_period:12", "doctor_period:13",
                             "doctor_period:99", "municipality:0301", "record:flo.contract/0/1"}) {
    EXPECT_EQ(priority(entity, DeviationCode::kConflictingVersion), DeviationPriority::kLow) << entity;
    EXPECT_EQ(priority(entity, DeviationCode::kInvalidPeriod), DeviationPriority::kNormal) << entity;
    EXPECT_EQ(priority(entity, DeviationCode::kMalformedRecord), DeviationPriority::kHigh) << entity;
  }
}

TEST(R22_Codes, HaveNamesOwnersAndRemedies) {
  for (int i = 0; i < kDeviationCodeCount; ++i) {
    const auto code = static_cast<DeviationCode>(i);
    EXPECT_EQ(ParseDeviationCode(DeviationName(code)), code);
    EXPECT_FALSE(DeviationRemedy(code).empty());
    EXPECT_FALSE(OwnerName(OwnerOf(code)).empty());
  }
  EXPECT_FALSE(ParseDeviationCode("NO_SUCH_CODE"));
  EXPECT_EQ(OwnerOf(DeviationCode::kDoctorNotInHpr), DeviationOwner::kHelsedirektoratet);
  EXPECT_EQ(BasePriority(DeviationCode::kUnknownMunicipality), DeviationPriority::kNormal);
  EXPECT_TRUE(IsDeviationOfState(DeviationCode::kCapsExceedPopulation));
  EXPECT_FALSE(IsDeviationOfState(DeviationCode::kMassDeleteRefused));
  EXPECT_FALSE(IsDeviationOfState(DeviationCode::kPersonalDataReceived));
}

}  // namespace
}  // namespace flosync
