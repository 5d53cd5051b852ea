// One doctor as known at an instant, and the records behind it, out of a store (R4, R5, R6, E1–E10).
#include "state/register/doctor_history.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/core_harness.h"

namespace flosync {
namespace {

constexpr std::string_view kT = "2024-03-01T10:00:00Z";
const Instant kDeletedAt = At(kT);
const Instant kJustAfter{kDeletedAt.ms + 1};
const Instant kAll = Instant::Max();

class DoctorHistoryTest : public ::testing::Test {
 protected:
  [[nodiscard]] KnownDoctor Doctor(int32_t number, Instant t, Instant known_at = kAll) {
    return ReadDoctor(View(h_.store()), number, t, known_at).value();
  }
  [[nodiscard]] bool InHpr(int32_t number, Instant t, Instant known_at = kAll) {
    const KnownDoctor doctor = Doctor(number, t, known_at);
    const PersonState* person = doctor.reg.FindPerson(doctor.surviving);
    return person && person->InHprAt(t);
  }
  // The doctor periods that hold.
  [[nodiscard]] std::vector<int64_t> Periods(int32_t number, Instant t, Instant known_at = kAll) {
    std::vector<int64_t> ids;
    const KnownDoctor doctor = Doctor(number, t, known_at);
    for (const auto& [id, state] : doctor.reg.doctor_periods()) {
      if (state.Holds()) ids.push_back(id);
    }
    return ids;
  }
  [[nodiscard]] std::vector<HistoryStep> Steps(int32_t number, Instant known_at = kAll) {
    return ReadDoctorHistory(View(h_.store()), number, known_at, std::nullopt, 1000).value().steps;
  }

  CoreHarness h_;
};

using Ids = std::vector<int64_t>;

TEST_F(DoctorHistoryTest, R6_KExactlyAtARecordsTimestampExcludesIt) {
  h_.Tell(ADoctor(7, "2024-01-01T00:00:00"), "2024-01-10T10:00:00Z");
  h_.Tell(ASpecialist(7, "2024-02-28T00:00:00"), kT);
  EXPECT_FALSE(Doctor(7, kJustAfter, kDeletedAt).reg.FindPerson(7)->facts.SpecialistAt(Day(2024, 3, 1)));
  EXPECT_EQ(Doctor(7, kJustAfter, kDeletedAt).entry->position.known_from, At("2024-01-10T10:00:00Z"));
  EXPECT_TRUE(Doctor(7, kJustAfter, kJustAfter).reg.FindPerson(7)->facts.SpecialistAt(Day(2024, 3, 1)));
  EXPECT_EQ(Doctor(7, kJustAfter, kJustAfter).entry->position.known_from, kDeletedAt);
  EXPECT_FALSE(Doctor(7, kJustAfter, At("2024-01-10T10:00:00Z")).entry.has_value());
}

TEST_F(DoctorHistoryTest, E1_DeletedPersonIsPresentAtTAndAbsentAMillisecondLater) {
  h_.Tell(ASpecialist(7), "2024-01-10T10:00:00Z");
  h_.Tell(WithoutPerson(7), kT);
  EXPECT_TRUE(InHpr(7, kDeletedAt));
  EXPECT_FALSE(InHpr(7, kJustAfter));
  EXPECT_TRUE(InHpr(7, kJustAfter, kDeletedAt)) << "not yet known to be deleted";
}

TEST_F(DoctorHistoryTest, E1_DeletedDoctorPeriodHasNeverExistedOnceKnown) {
  h_.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:00Z");
  h_.Tell(WithoutDoctorPeriod(11), kT);
  EXPECT_EQ(Periods(7, At("2024-02-01"), kDeletedAt), Ids{11});
  EXPECT_EQ(Periods(7, At("2024-02-01"), kJustAfter), Ids{}) << "for any day";
}

TEST_F(DoctorHistoryTest, E2_ReturnEndsTheAbsenceAsOfItsOwnTimestamp) {
  h_.Tell(ASpecialist(7), "2024-01-10T10:00:00Z");
  h_.Tell(WithoutPerson(7), kT);
  h_.Tell(ASpecialist(7, "2024-03-02T00:00:00"), "2024-03-02T10:00:00Z");
  const Instant returned = At("2024-03-02T10:00:00Z");
  EXPECT_FALSE(InHpr(7, returned));
  EXPECT_TRUE(InHpr(7, {returned.ms + 1}));
  EXPECT_FALSE(InHpr(7, {returned.ms + 1}, returned)) << "K at the return excludes it";
  const auto steps = Steps(7);
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_FALSE(steps[0].returned);
  EXPECT_FALSE(steps[1].returned);
  EXPECT_TRUE(steps[2].returned);
}

TEST_F(DoctorHistoryTest, E2_AnOlderStateDoesNotBringBack) {
  h_.Tell(ASpecialist(7, "2024-01-01T00:00:00"), "2024-01-10T10:00:00Z");
  h_.Tell(WithoutPerson(7), kT);
  h_.Tell(ASpecialist(7, "2023-01-01T00:00:00"), "2024-03-02T10:00:00Z");
  EXPECT_FALSE(InHpr(7, At("2024-03-03")));
  EXPECT_EQ(Steps(7).back().effect, Effect::kOlder);
  EXPECT_FALSE(Steps(7).back().returned);
}

TEST_F(DoctorHistoryTest, E7_AnAliasIsGoneWhereTheOldEntryIsDeleted) {
  h_.Tell(AnAlias(6, 7), "2024-01-10T10:00:00Z");
  h_.Tell(ASpecialist(7), "2024-01-10T10:00:01Z");
  h_.Tell(ARegularGp(11, 1, 6), "2024-01-10T10:00:02Z");
  h_.Tell(WithoutPerson(6), kT);
  EXPECT_EQ(Doctor(6, kDeletedAt).surviving, 7);
  EXPECT_EQ(Periods(7, kDeletedAt), Ids{11});
  EXPECT_EQ(Doctor(6, kJustAfter).surviving, 6);
  EXPECT_EQ(Periods(7, kJustAfter), Ids{});
  EXPECT_EQ(Periods(6, kJustAfter), Ids{11});
}

TEST_F(DoctorHistoryTest, E7_AnAliasHoldsForAllDaysButOnlyOnceItIsKnown) {
  h_.Tell(ADoctor(6), "2024-01-10T10:00:00Z");
  h_.Tell(ARegularGp(11, 1, 6), "2024-01-10T10:00:01Z");
  h_.Tell(AnAlias(6, 7, "2024-02-01T00:00:00"), kT);
  EXPECT_EQ(Periods(7, At("2023-01-01"), kDeletedAt), Ids{});
  EXPECT_EQ(Periods(7, At("2023-01-01"), kJustAfter), Ids{11});
}

TEST_F(DoctorHistoryTest, E8_NumbersOnACycleStandForThemselves) {
  h_.Tell(AnAlias(6, 7), "2024-01-10T10:00:00Z");
  h_.Tell(AnAlias(7, 6), "2024-01-10T10:00:01Z");
  h_.Tell(AnAlias(5, 6), "2024-01-10T10:00:02Z");
  for (const int32_t number : {5, 6, 7}) h_.Tell(ARegularGp(10 + number, 1, number), "2024-01-10T10:00:03Z");
  EXPECT_EQ(Doctor(5, kAll).surviving, 6);
  EXPECT_EQ(Periods(6, At("2024-03-01")), (Ids{15, 16})) << "an alias leading into a cycle stands";
  EXPECT_EQ(Periods(7, At("2024-03-01")), Ids{17});
}

TEST_F(DoctorHistoryTest, E9_TheSurvivingNumbersRecordAloneDecides) {
  h_.Tell(But(ASpecialist(6), [](Person& p) { p.replaced_by = 7; }), "2024-01-10T10:00:00Z");
  h_.Tell(ARegularGp(11, 1, 6), "2024-01-10T10:00:01Z");
  EXPECT_FALSE(InHpr(6, At("2024-02-01"))) << "7 is unknown";
  EXPECT_FALSE(Doctor(6, At("2024-02-01")).entry.has_value());
  h_.Tell(ADoctor(7), kT);
  EXPECT_TRUE(InHpr(6, kJustAfter));
  EXPECT_EQ(std::get<Person>(Doctor(6, kJustAfter).entry->person).hpr_number, 7);
  EXPECT_FALSE(InHpr(6, kJustAfter, kDeletedAt));
}

TEST_F(DoctorHistoryTest, E10_MergeEventHoldsUntilTheNumberNamesAnotherItself) {
  h_.Tell(ADoctor(6), "2024-01-10T10:00:00Z");
  h_.Tell(Merge{6, 7}, "2024-01-11T10:00:00Z");
  h_.Tell(AnAlias(6, 8, "2024-02-01T00:00:00"), kT);
  EXPECT_EQ(Doctor(6, kJustAfter, At("2024-01-11T10:00:00Z")).surviving, 6);
  EXPECT_EQ(Doctor(6, kJustAfter, kDeletedAt).surviving, 7);
  EXPECT_EQ(Doctor(6, kJustAfter, kJustAfter).surviving, 8);
}

TEST_F(DoctorHistoryTest, R6_APeriodThatOnceNamedTheNumberIsFoundForThatTime) {
  h_.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:00Z");
  h_.Tell(ARegularGp(11, 1, 8, Since(Day(2015, 1, 1)), "2024-02-01T00:00:00"), kT);
  h_.Restart();
  EXPECT_EQ(Periods(7, kJustAfter, kDeletedAt), Ids{11});
  EXPECT_EQ(Periods(8, kJustAfter, kDeletedAt), Ids{});
  EXPECT_EQ(Periods(7, kJustAfter), Ids{});
  EXPECT_EQ(Periods(8, kJustAfter), Ids{11});
  EXPECT_EQ(Steps(7).size(), 2U) << "both records tell of the period that was 7's";
  EXPECT_EQ(Steps(8, kDeletedAt).size(), 0U);
}

TEST_F(DoctorHistoryTest, R6_ALateRecordTakesItsPlaceForEveryLaterK) {
  h_.Tell(ADoctor(7, "2024-02-28T00:00:00"), kT);
  // Another partition, read later, whose record stood before.
  h_.Tell(ASpecialist(7, "2024-01-01T00:00:00"), "2024-01-10T10:00:00Z", 1);
  EXPECT_TRUE(Doctor(7, kJustAfter, kDeletedAt).reg.FindPerson(7)->facts.SpecialistAt(Day(2024, 3, 1)));
  const auto steps = Steps(7);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].record.position.partition, 1);
  EXPECT_EQ(steps[1].effect, Effect::kApplied) << "in the order of position it came after";
}

TEST_F(DoctorHistoryTest, R3_EveryRecordSaysWhatItDid) {
  h_.Tell(ADoctor(7, "2024-01-01T00:00:00"), "2024-01-10T10:00:00Z");
  h_.Tell(ADoctor(7, "2024-01-01T00:00:00"), "2024-01-10T10:00:01Z");
  h_.Tell(ASpecialist(7, "2024-01-01T00:00:00"), "2024-01-10T10:00:02Z");
  h_.Tell(ADoctor(7, "2023-01-01T00:00:00"), "2024-01-10T10:00:03Z");
  h_.Tell(ASpecialist(7, "2023-01-01T00:00:00"), "2024-01-10T10:00:04Z");
  std::vector<Effect> effects;
  for (const HistoryStep& step : Steps(7)) effects.push_back(step.effect);
  EXPECT_EQ(effects, (std::vector<Effect>{Effect::kApplied, Effect::kDuplicate, Effect::kConflicting, Effect::kOlder,
                                          Effect::kConflicting}));
  EXPECT_EQ(std::get<Person>(*Steps(7).back().person_after).updated, Wall("2024-01-01T00:00:00"));
  EXPECT_EQ(Doctor(7, kAll).entry->position.offset, 2) << "an older version in conflict with itself is not in force";
}

TEST_F(DoctorHistoryTest, HistoryComesInPagesWithoutGapOrRepeat) {
  h_.Tell(AnAlias(6, 7), "2024-01-10T10:00:00Z");
  h_.Tell(AnAlias(5, 6), "2024-01-10T10:00:00Z");
  for (int i = 0; i < 5; ++i) h_.Tell(ARegularGp(11 + i, 1, 5 + i % 3), "2024-01-10T10:00:01Z");
  h_.Tell(ADoctor(7), "2024-01-10T10:00:02Z");
  h_.Tell(ADoctor(8), "2024-01-10T10:00:02Z");  // somebody else
  const auto whole = Steps(7);
  ASSERT_EQ(whole.size(), 8U);
  std::vector<HistoryStep> paged;
  std::optional<Position> after;
  bool more = true;
  while (more) {
    auto page = ReadDoctorHistory(View(h_.store()), 7, kAll, after, 3).value();
    EXPECT_LE(page.steps.size(), 3U);
    for (HistoryStep& step : page.steps) paged.push_back(std::move(step));
    after = paged.back().record.position;
    more = page.more;
  }
  ASSERT_EQ(paged.size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(paged[i].record.position, whole[i].record.position);
}

TEST_F(DoctorHistoryTest, QuestionsAreBounded) {
  for (int i = 0; i < 5; ++i) h_.Tell(ADoctor(7), "2024-01-10T10:00:00Z");
  h_.Tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:00Z");
  const View view(h_.store());
  EXPECT_EQ(ReadDoctor(view, 7, kAll, kAll, 4).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(ReadDoctor(view, 7, kAll, kAll, 12).ok());
  EXPECT_EQ(ReadDoctorHistory(view, 7, kAll, std::nullopt, 10, 6).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(ReadDoctorHistory(view, 7, kAll, std::nullopt, 10, 7).ok());
}

}  // namespace
}  // namespace flosync
