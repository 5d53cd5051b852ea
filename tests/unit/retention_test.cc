// Retention (R24): versions superseded long ago shrink to doctor facts, and nothing that is told of anyone changes.
// That it changes nothing in random histories is in state_property_test.cc and services_doctor_property_test.cc too.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/utilities/debug.h>

#include "state/audit/audit.h"
#include "state/core/shrinking.h"
#include "state/register/doctor_history.h"
#include "state/snapshots/snapshot.h"
#include "state/snapshots/snapshot_maker.h"
#include "state/store/codec.h"
#include "state/store/keys.h"
#include "tests/support/core_harness.h"

namespace flosync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kMarker = "verbatim-of-old-version";
const Instant kLimit = At("2024-06-01T00:00:00Z");

int64_t ShrinkAll(CoreHarness& h, Instant limit = kLimit, size_t records_per_step = Shrinking::kRecordsPerStep) {
  Shrinking pass(limit, records_per_step);
  int64_t shrunk = 0;
  for (bool done = false; !done;) {
    const auto step = pass.Next(h.core()).value();
    shrunk += step.shrunk;
    done = step.done;
  }
  return shrunk;
}

// A version of the doctor that says a word no other does.
Person Marked(Person person, const std::string& marker = kMarker) {
  person.approvals[0].type = marker;
  return person;
}

// "number version" of the versions that are shrunk, or that are not.
std::vector<std::string> Versions(CoreHarness& h, bool shrunk) {
  std::vector<std::string> versions;
  const View view(h.store());
  EXPECT_TRUE(view.Each(Family::kHistory, std::string(1, '\x01'),
                        [&](std::string_view key, std::string_view value) {
                          const EntityId entity = ReadHistoryKey(key).entity;
                          const HistoryChange change = DecodeChange(entity, value).value();
                          const auto version = ReadVersionedContent(change);
                          if (version && std::holds_alternative<ShrunkPerson>(change) == shrunk) {
                            versions.push_back(std::to_string(entity.id) + " " + version->version.ToString());
                          }
                          return true;
                        })
                  .ok());
  return versions;
}

// Everything stored but what tells how it was written: history, feed and the store's own numbers.
std::map<std::string, std::string> Told(CoreHarness& h) {
  std::map<std::string, std::string> told;
  const View view(h.store());
  for (const Family family :
       {Family::kHeads, Family::kIndex, Family::kCells, Family::kTimers, Family::kDeviations, Family::kSnapshots}) {
    EXPECT_TRUE(view.Each(family, "",
                          [&](std::string_view key, std::string_view value) {
                            told[std::string(FamilyName(family)) + "/" + std::string(key)] = std::string(value);
                            return true;
                          })
                    .ok());
  }
  return told;
}

// What is said of a doctor on many days, as known at an instant.
std::string Said(CoreHarness& h, int32_t number, Instant known_at) {
  const KnownDoctor doctor = ReadDoctor(View(h.store()), number, kLimit, known_at).value();
  std::ostringstream said;
  said << doctor.surviving;
  if (!doctor.entry) return said.str();
  const PersonState& person = *doctor.reg.FindPerson(doctor.surviving);
  said << " " << FormatPosition(doctor.entry->position) << " " << person.version.ToString();
  for (Day d(2000, 1, 1); d < Day(2030, 1, 1); d = d.Plus(17)) {
    said << static_cast<int>(ExplainSpecialist(doctor.entry->person, d)) << person.facts.AuthorisedAt(d)
         << person.facts.SpecialistAt(d);
  }
  return said.str();
}

bool Eventually(const std::function<bool()>& holds) {
  for (int tries = 0; tries < 1000; ++tries) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

bool FilesHold(const std::string& directory, const std::string& suffix, const std::string& text) {
  for (const auto& entry : std::filesystem::directory_iterator(directory + "/db")) {
    if (!entry.path().string().ends_with(suffix)) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    if (bytes.str().find(text) != std::string::npos) return true;
  }
  return false;
}

// Every value that the files still have of the history, overwritten ones included.
bool FilesHoldVersion(const std::string& directory, const std::string& text) {
  std::vector<std::string> names;
  rocksdb::DBOptions options;
  EXPECT_TRUE(rocksdb::DB::ListColumnFamilies(options, directory + "/db", &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) {
    // As they stand: opening must not compact anything.
    rocksdb::ColumnFamilyOptions family;
    family.disable_auto_compactions = true;
    families.emplace_back(name, family);
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  // The store itself may be deleting a file that has just been listed.
  EXPECT_TRUE(Eventually(
      [&] { return rocksdb::DB::OpenForReadOnly(options, directory + "/db", families, &handles, &db).ok(); }));
  bool found = false;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    std::vector<rocksdb::KeyVersion> versions;
    EXPECT_TRUE(rocksdb::GetAllKeyVersions(db, handle, "", std::string(64, '\xff'), 1'000'000, &versions).ok());
    for (const auto& version : versions) found = found || version.value.find(text) != std::string::npos;
    EXPECT_TRUE(db->DestroyColumnFamilyHandle(handle).ok());
  }
  delete db;
  return found;
}

TEST(R24_Shrink, ReasonsOfEveryDayAreThoseOfThePerson) {
  std::mt19937 random(24);  // the same persons every time
  const auto below = [&](int n) { return static_cast<int32_t>(random() % static_cast<uint32_t>(n)); };
  const auto period = [&] {
    Period p{Day(2020, 1, 1).Plus(below(60)), Day::Max()};
    if (below(2) == 0) p.to = p.from.Plus(1 + below(20));
    if (below(4) == 0) p.from = Day::Min();
    return p;
  };
  const auto reactions = [&] {
    std::vector<Reaction> all;
    while (below(3) == 0) all.push_back({below(2) == 0 ? "5" : "2", period()});
    return all;
  };
  const auto suspensions = [&] { return below(4) == 0 ? std::vector<Period>{period()} : std::vector<Period>{}; };
  const auto ended = [&] { return std::vector<std::string>{"", "", "", "1", "2", "99"}[below(6)]; };
  for (int i = 0; i < 2000; ++i) {
    Person person;
    person.updated = Wall("2020-02-01T00:00:00");
    if (below(4) == 0) person.death = Day(2020, 1, 1).Plus(below(60));
    person.reactions = reactions();
    while (below(3) != 0) {
      Approval approval{below(5) == 0 ? "3" : "1", period(), ended(), reactions(), suspensions(), {}};
      while (below(2) == 0)
        approval.specialities.push_back({"1", "7426", period(), ended(), reactions(), suspensions()});
      person.approvals.push_back(approval);
    }
    const ShrunkPerson shrunk = Shrink(person);
    EXPECT_EQ(shrunk.version, DescribePerson(person));
    for (int day = -3; day < 90; ++day) {
      const Day d = Day(2020, 1, 1).Plus(day);
      ASSERT_EQ(ExplainSpecialist(PersonRecord(shrunk), d), ExplainSpecialist(person, d)) << i << " " << d.ToString();
    }
    ASSERT_EQ(ExplainSpecialist(PersonRecord(shrunk), Day::Min()), ExplainSpecialist(person, Day::Min())) << i;
    const auto read = DecodeChange({EntityKind::kPerson, 7}, EncodeChange(HistoryChange(shrunk)));
    EXPECT_EQ(std::get<ShrunkPerson>(*read), shrunk);
  }
}

TEST(R24_Shrink, OnlyWhatWasSupersededBeforeTheLimit) {
  CoreHarness h;
  h.Tell(ADoctor(7, "2024-01-01T00:00:00"), "2024-01-01T10:00:00Z");
  h.Tell(ADoctor(7, "2024-02-01T00:00:00"), "2024-02-01T10:00:00Z");
  h.Tell(ADoctor(7, "2023-01-01T00:00:00"), "2024-03-01T10:00:00Z");      // never in force
  h.Tell(ASpecialist(7, "2024-06-01T00:00:00"), "2024-06-01T00:00:00Z");  // supersedes at the limit: too late
  h.Tell(ADoctor(8, "2010-01-01T00:00:00"), "2024-01-01T10:00:01Z");      // old, and the newest
  EXPECT_EQ(ShrinkAll(h), 2);
  EXPECT_THAT(Versions(h, true), ElementsAre("7 2024-01-01T00:00:00", "7 2023-01-01T00:00:00"));
  EXPECT_EQ(ShrinkAll(h, {kLimit.ms + 1}), 1) << "a millisecond on, February has been superseded";
  EXPECT_THAT(Versions(h, false), ElementsAre("7 2024-06-01T00:00:00", "8 2010-01-01T00:00:00"));
  EXPECT_EQ(ShrinkAll(h, Instant::Max()), 0) << "the newest stay";
}

TEST(R24_Shrink, NeverTheNewestWhateverItsRecordsAre) {
  CoreHarness h;
  h.Tell(ADoctor(7, "2024-01-01T00:00:00"), "2024-01-01T10:00:00Z");
  h.Tell(ADoctor(7, "2024-01-01T00:00:00"), "2024-01-02T10:00:00Z");  // the same again
  h.Tell(ASpecialist(8, "2024-01-01T00:00:00"), "2024-01-01T10:00:00Z");
  h.Tell(ADoctor(8, "2024-01-01T00:00:00"), "2024-01-02T10:00:00Z");  // in conflict, and wins
  h.Tell(ADoctor(9, "2024-01-01T00:00:00"), "2024-01-01T10:00:00Z");
  h.Tell(WithoutPerson(9), "2024-01-02T10:00:00Z");  // deleted: may come back with this version
  h.Tell(AnAlias(6, 7), "2024-01-01T10:00:00Z");
  h.Tell(Merge{6, 8}, "2024-01-02T10:00:00Z");
  EXPECT_EQ(ShrinkAll(h), 1);
  EXPECT_THAT(Versions(h, true), ElementsAre("8 2024-01-01T00:00:00"));
  EXPECT_TRUE(std::holds_alternative<Person>(ReadDoctor(View(h.store()), 8, kLimit, Instant::Max())->entry->person));
}

TEST(R24_Shrink, LeavesPersonsWhoHaveNothingVerbatim) {
  CoreHarness h;
  for (const char* day : {"2024-01-01T10:00:00Z", "2024-01-02T10:00:00Z"}) {
    h.Tell(But(ADoctor(7, std::string(day).substr(0, 19)), [](Person& p) { p.approvals.clear(); }), day);
  }
  EXPECT_EQ(ShrinkAll(h), 0);
}

// Tells two cores the same story; one shrinks between its chapters.
TEST(R24_Shrink, ChangesNothingThatIsToldNowOrLater) {
  CoreHarness kept;
  CoreHarness shrunk;
  const auto tell = [&](const RegisterChange& change, std::string_view at) {
    kept.Tell(change, at);
    shrunk.Tell(change, at);
  };
  const auto make_due = [&](std::string_view end) {
    for (CoreHarness* h : {&kept, &shrunk}) ASSERT_TRUE(MakeDueSnapshots(h->core(), At(end), true).ok());
  };
  const auto same = [&](const char* when) {
    SCOPED_TRACE(when);
    EXPECT_EQ(Told(shrunk), Told(kept));
    EXPECT_EQ(shrunk.core().counts().duplicate, kept.core().counts().duplicate);
    EXPECT_EQ(shrunk.core().counts().conflicting, kept.core().counts().conflicting);
    for (const int32_t number : {7, 8, 88}) {
      for (const char* known_at : {"2024-01-10T10:00:00Z", "2024-01-20", "2024-02-03", "2024-03-20", "2024-06-20"}) {
        EXPECT_EQ(Said(shrunk, number, At(known_at)), Said(kept, number, At(known_at))) << number << " " << known_at;
      }
    }
    const View view(shrunk.store());
    EXPECT_TRUE(AuditLive(view, Geography::Shipped(), Definitions::Shipped(), [] { return true; })->ok());
  };
  tell(AList(1), "2024-01-10T10:00:00Z");
  tell(ARegularGp(11, 1, 7), "2024-01-10T10:00:01Z");
  tell(ASpecialist(7, "2024-01-01T00:00:00"), "2024-01-10T10:00:02Z");
  tell(AList(2, "4601"), "2024-01-10T10:00:03Z");
  tell(ARegularGp(12, 2, 88), "2024-01-10T10:00:04Z");
  tell(AnAlias(88, 8, "2024-01-01T00:00:00"), "2024-01-10T10:00:05Z");
  tell(But(ADoctor(8, "2024-01-01T00:00:00"),
           [](Person& p) {
             p.reactions.push_back({"5", Since(Day(2023, 5, 1))});
           }),
       "2024-01-10T10:00:06Z");
  make_due("2024-02-10T00:00:00Z");
  tell(ADoctor(7, "2024-02-01T00:00:00"), "2024-02-12T10:00:00Z");
  tell(ASpecialist(8, "2024-02-01T00:00:00"), "2024-02-12T10:00:01Z");
  tell(ADoctor(88, "2024-02-02T00:00:00"), "2024-02-12T10:00:02Z");
  make_due("2024-03-10T00:00:00Z");
  EXPECT_EQ(ShrinkAll(shrunk), 3) << "the first versions of 7, 8 and 88";
  same("after shrinking");
  shrunk.Restart();
  same("after a restart");
  // What is late, twice or in conflict with a version that is shrunk, also on a partition that lags behind.
  tell(ASpecialist(7, "2024-01-01T00:00:00"), "2024-03-11T10:00:00Z");
  tell(ADoctor(8, "2024-01-01T00:00:00"), "2024-03-11T10:00:01Z");
  kept.Tell(ADoctor(7, "2024-01-15T00:00:00"), "2024-01-15T10:00:00Z", 1);
  shrunk.Tell(ADoctor(7, "2024-01-15T00:00:00"), "2024-01-15T10:00:00Z", 1);
  tell(WithoutPerson(7), "2024-03-12T10:00:00Z");
  tell(ADoctor(7, "2024-02-01T00:00:00"), "2024-03-13T10:00:00Z");  // brings it back
  same("after late records");
  EXPECT_GT(shrunk.core().counts().duplicate, 0);
  EXPECT_GT(shrunk.core().counts().conflicting, 0);
  make_due("2024-06-10T00:00:00Z");
  ShrinkAll(shrunk);
  tell(But(ASpecialist(7, "2024-06-15T00:00:00"), [](Person& p) { p.death = Day(2024, 1, 5); }),
       "2024-06-15T10:00:00Z");
  make_due("2024-07-10T00:00:00Z");  // with corrections of every month
  same("after corrections");
  EXPECT_GE(FindSnapshot(View(shrunk.store()), Day(2024, 2, 1), 2).value().changed_rows, 1);
}

TEST(R24_Shrink, TakesSoManyRecordsAStepAndGoesOnAfterARestart) {
  CoreHarness h;
  CoreHarness at_once;
  for (CoreHarness* each : {&h, &at_once}) {
    for (int32_t number = 1; number <= 20; ++number) {
      each->Tell(ADoctor(number, "2024-01-01T00:00:00"), "2024-01-01T10:00:00Z");
      each->Tell(ADoctor(number, "2024-02-01T00:00:00"), "2024-02-01T10:00:00Z");
    }
  }
  Shrinking cut_off(kLimit, 4);
  EXPECT_EQ(cut_off.Next(h.core())->shrunk, 2) << "four records are those of two persons";
  EXPECT_EQ(cut_off.Next(h.core())->shrunk, 2);
  h.Restart();
  EXPECT_EQ(ShrinkAll(h, kLimit, 3), 16) << "two persons a step: no person is read in part";
  EXPECT_EQ(ShrinkAll(at_once), 20);
  EXPECT_EQ(h.Digest(), at_once.Digest());
}

TEST(R24_Shrink, NothingVerbatimIsLeftInTheStoreOrItsFiles) {
  CoreHarness h;
  h.Tell(Marked(ADoctor(7, "2024-01-01T00:00:00")), "2024-01-01T10:00:00Z");
  h.Tell(Marked(ADoctor(7, "2024-02-01T00:00:00"), "newest"), "2024-02-01T10:00:00Z");
  ASSERT_EQ(ShrinkAll(h), 1);
  for (int family = 0; family < kFamilyCount; ++family) {
    ASSERT_TRUE(View(h.store())
                    .Each(static_cast<Family>(family), "",
                          [&](std::string_view, std::string_view value) {
                            EXPECT_EQ(value.find(kMarker), std::string_view::npos) << family;
                            return true;
                          })
                    .ok());
  }
  EXPECT_TRUE(FilesHold(h.directory(), ".log", kMarker)) << "the write-ahead log still has it";
  std::atomic<bool> stop = false;
  ASSERT_TRUE(h.store().DropOverwritten(Family::kHistory, std::string(1, '\x01'), stop).ok());
  EXPECT_TRUE(Eventually([&] { return !FilesHold(h.directory(), ".log", kMarker); }));
  EXPECT_FALSE(FilesHoldVersion(h.directory(), kMarker));
  EXPECT_TRUE(FilesHoldVersion(h.directory(), "newest"));
}

TEST(R24_Shrink, WhatWasFlushedBeforeItWasShrunkIsLeftInNoFileEither) {
  CoreHarness h;
  h.Tell(Marked(ADoctor(7, "2024-01-01T00:00:00")), "2024-01-01T10:00:00Z");
  h.Tell(ADoctor(7, "2024-02-01T00:00:00"), "2024-02-01T10:00:00Z");
  h.Restart();
  std::atomic<bool> stop = false;
  ASSERT_TRUE(h.store().DropOverwritten(Family::kHistory, std::string(1, '\x01'), stop).ok());
  EXPECT_TRUE(FilesHoldVersion(h.directory(), kMarker)) << "in the lowest file";
  ASSERT_EQ(ShrinkAll(h), 1);
  h.Restart();
  EXPECT_TRUE(FilesHoldVersion(h.directory(), kMarker)) << "overwritten, and still there";
  ASSERT_TRUE(h.store().DropOverwritten(Family::kHistory, std::string(1, '\x01'), stop).ok());
  EXPECT_FALSE(FilesHoldVersion(h.directory(), kMarker));
}

TEST(R24_Shrink, MakesTheFormatOneThatOlderProgramsRefuse) {
  CoreHarness h;
  const auto format = [&] { return **View(h.store()).Get(Family::kMeta, kFormatKey); };
  h.Tell(ADoctor(7, "2024-01-01T00:00:00"), "2024-01-01T10:00:00Z");
  EXPECT_EQ(ShrinkAll(h), 0);
  EXPECT_EQ(format(), "4");
  h.Tell(ADoctor(7, "2024-02-01T00:00:00"), "2024-02-01T10:00:00Z");
  EXPECT_EQ(ShrinkAll(h), 1);
  EXPECT_EQ(format(), "5");
  h.Restart();
  EXPECT_EQ(format(), "5");
}

TEST(R24_SupersededBefore, IsOfTheEarlierOfSyncInstantAndGreatestTimestamp) {
  CoreHarness h;
  EXPECT_EQ(SupersededBefore(h.core(), 10), std::nullopt);
  h.Tell(ADoctor(7), "2024-01-20T10:00:00Z");
  EXPECT_EQ(SupersededBefore(h.core(), 10), At("2024-01-10T10:00:00Z"));
  h.MoveClock("2030-01-01T00:00:00Z");
  EXPECT_EQ(SupersededBefore(h.core(), 10), At("2024-01-10T10:00:00Z")) << "a clock that is wrong shrinks nothing";
  CoreHarness early;
  early.Commit({early.inbox().Next(ADoctor(7), At("2030-01-01T00:00:00Z"))}, At("2024-01-20T10:00:00Z"));
  EXPECT_EQ(SupersededBefore(early.core(), 10), At("2024-01-10T10:00:00Z")) << "nor does a wrong timestamp";
}

}  // namespace
}  // namespace flosync
