#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "state/core/core.h"
#include "state/store/codec.h"
#include "state/store/keys.h"
#include "state/store/sha256.h"
#include "state/store/store.h"
#include "tests/support/core_harness.h"

namespace flosync {
namespace {

TEST(StoreLock, NamesThePidOfTheHolder) {
  const ScratchDirectory directory;
  const auto holder = Store::Open(directory.path());
  ASSERT_TRUE(holder.ok()) << holder.status();
  const auto second = Store::Open(directory.path());
  ASSERT_TRUE(absl::IsFailedPrecondition(second.status())) << second.status();
  EXPECT_NE(second.status().message().find("process " + std::to_string(::getpid())), std::string::npos)
      << second.status();
}

TEST(StoreLock, IsFreeAgainWhenTheHolderIsGone) {
  const ScratchDirectory directory;
  { ASSERT_TRUE(Store::Open(directory.path()).ok()); }
  EXPECT_TRUE(Store::Open(directory.path()).ok());
}

TEST(StoreLock, APidLeftByADeadProcessHoldsNothing) {
  const ScratchDirectory directory;
  std::ofstream(directory.path() + "/flosync.pid") << "4194999999\n";
  ASSERT_TRUE(Store::Open(directory.path()).ok());
  const auto holder = Store::Open(directory.path());
  std::string pid;
  std::getline(std::ifstream(directory.path() + "/flosync.pid") >> std::ws, pid);
  EXPECT_EQ(pid, std::to_string(::getpid()));
}

TEST(Store, ADirectoryThatCannotBeMadeIsRefused) {
  const ScratchDirectory directory;
  std::ofstream(directory.path() + "/file") << "x";
  EXPECT_TRUE(absl::IsFailedPrecondition(Store::Open(directory.path() + "/file/state").status()));
}

TEST(Store, ADirectoryThatIsMadeIsForItsOwnerAlone) {
  const ScratchDirectory directory;
  const std::string path = directory.path() + "/a/state";
  ASSERT_TRUE(Store::Open(path).ok());
  EXPECT_EQ(std::filesystem::status(path).permissions(), std::filesystem::perms::owner_all);
}

uintmax_t LogBytes(const std::string& directory) {
  uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory + "/db")) {
    if (file.path().extension() == ".log") bytes += file.file_size();
  }
  return bytes;
}

TEST(Store, ClosedInGoodOrderItLeavesLittleToReadAgain) {
  constexpr uintmax_t kMebibyte = uintmax_t{1} << 20;
  const ScratchDirectory directory;
  {
    const auto store = Store::Open(directory.path());
    ASSERT_TRUE(store.ok()) << store.status();
    // A full buffer of history, and nothing after it: its file says that the log of that time is needed.
    Batch history(**store);
    history.Put(Family::kHistory, "long ago", std::string(3 * kMebibyte, 'h'));
    ASSERT_TRUE((*store)->Commit(history).ok());
    for (int i = 0; i < 16; ++i) {
      Batch batch(**store);
      batch.Put(Family::kMeta, std::to_string(i), std::string(kMebibyte, static_cast<char>('a' + i)));
      ASSERT_TRUE((*store)->Commit(batch).ok());
    }
  }
  EXPECT_LT(LogBytes(directory.path()), kMebibyte);
  const auto again = Store::Open(directory.path());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(View(**again).Get(Family::kMeta, "15")->value(), std::string(kMebibyte, 'p'));
}

// As on a full disk.
TEST(StoreDeathTest, AfterAFailedWriteItIsGivenUpWithoutAnAbort) {
  const ScratchDirectory directory;
  const auto fill = [&directory] {
    auto store = Store::Open(directory.path()).value();
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    absl::Status committed;
    for (int i = 0; i < 100 && committed.ok(); ++i) {
      Batch batch(*store);
      batch.Put(Family::kHistory, std::to_string(i), std::string(100'000, 'x'));
      committed = store->Commit(batch);
    }
    store.reset();
    std::_Exit(committed.ok() ? 1 : 0);
  };
  EXPECT_EXIT(fill(), ::testing::ExitedWithCode(0), "");
}

TEST(StoreDeathTest, ClosedWhileNothingCanBeWrittenItLosesNothing) {
  constexpr int kCommits = 100;
  const ScratchDirectory directory;
  const auto fill = [&directory] {
    auto store = Store::Open(directory.path()).value();
    bool committed = true;
    for (int i = 0; i < kCommits; ++i) {
      Batch batch(*store);
      batch.Put(Family::kHistory, std::to_string(i), std::string(100'000, 'x'));
      committed = store->Commit(batch).ok() && committed;
    }
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    store.reset();
    std::_Exit(committed ? 0 : 1);
  };
  EXPECT_EXIT(fill(), ::testing::ExitedWithCode(0), "");
  const auto store = Store::Open(directory.path());
  ASSERT_TRUE(store.ok()) << store.status();
  const View view(**store);
  for (int i = 0; i < kCommits; ++i) {
    EXPECT_EQ(view.Get(Family::kHistory, std::to_string(i))->value().size(), 100'000) << i;
  }
}

TEST(StoreFormat, OfAnotherFlosyncIsRefused) {
  const ScratchDirectory directory;
  {
    const auto store = Store::Open(directory.path()).value();
    ASSERT_TRUE(Core::Open(store.get(), &Geography::Shipped(), "e").ok());
    Batch batch(*store);
    batch.Put(Family::kMeta, "format", "999");
    ASSERT_TRUE(store->Commit(batch).ok());
  }
  const auto store = Store::Open(directory.path()).value();
  const auto core = Core::Open(store.get(), &Geography::Shipped(), "e");
  EXPECT_TRUE(absl::IsFailedPrecondition(core.status())) << core.status();
  EXPECT_NE(core.status().message().find(directory.path()), std::string::npos);
}

TEST(StoreFormat, DamagedValuesAreDataLoss) {
  const ScratchDirectory directory;
  const auto store = Store::Open(directory.path()).value();
  ASSERT_TRUE(Core::Open(store.get(), &Geography::Shipped(), "e").ok());
  Batch batch(*store);
  batch.Put(Family::kHeads, EntityKey({EntityKind::kContract, 1}), "\xff\xff\xff");
  ASSERT_TRUE(store->Commit(batch).ok());
  EXPECT_TRUE(absl::IsDataLoss(Core::Open(store.get(), &Geography::Shipped(), "e").status()));
}

TEST(Store, ABatchIsSeenWholeAndAViewStandsStill) {
  const ScratchDirectory directory;
  const auto store = Store::Open(directory.path()).value();
  const View before(*store);
  Batch batch(*store);
  batch.Put(Family::kMeta, "a", "1");
  batch.Put(Family::kCells, "b", "2");
  ASSERT_TRUE(store->Commit(batch).ok());
  EXPECT_EQ(before.Get(Family::kMeta, "a").value(), std::nullopt);
  const View after(*store);
  EXPECT_EQ(after.Get(Family::kMeta, "a").value(), "1");
  EXPECT_EQ(after.Get(Family::kCells, "b").value(), "2");
  EXPECT_EQ(after.Get(Family::kFeed, "b").value(), std::nullopt);
}

TEST(Store, WalksByPrefixFromAStartUntilTold) {
  const ScratchDirectory directory;
  const auto store = Store::Open(directory.path()).value();
  Batch batch(*store);
  for (const char* key : {"a1", "a2", "a3", "b1"}) batch.Put(Family::kMeta, key, "");
  ASSERT_TRUE(store->Commit(batch).ok());
  const View view(*store);
  const auto keys = [&view](std::string_view prefix, std::string_view start, size_t most) {
    std::vector<std::string> found;
    EXPECT_TRUE(view.Each(
                        Family::kMeta, prefix,
                        [&](std::string_view key, std::string_view) {
                          found.emplace_back(key);
                          return found.size() < most;
                        },
                        start)
                    .ok());
    return found;
  };
  EXPECT_EQ(keys("a", "", 9), (std::vector<std::string>{"a1", "a2", "a3"}));
  EXPECT_EQ(keys("a", "a2", 9), (std::vector<std::string>{"a2", "a3"}));
  EXPECT_EQ(keys("a", "", 2), (std::vector<std::string>{"a1", "a2"}));
  EXPECT_EQ(keys("c", "", 9), std::vector<std::string>{});
}

TEST(Keys, SortLikeWhatTheyName) {
  const EntityId entity{EntityKind::kPerson, 7};
  const Position p{Instant{10}, Topic::kPerson, 1, 5, 2};
  const std::string key = HistoryKey(entity, p);
  EXPECT_EQ(ReadHistoryKey(key).entity, entity);
  EXPECT_EQ(ReadHistoryKey(key).position, p);
  EXPECT_LT(HistoryKey(entity, {Instant{-5}, Topic::kPerson, 9, 9, 9}), key);
  EXPECT_LT(HistoryKey(entity, {Instant{10}, Topic::kEvent, 9, 9, 9}), key);
  EXPECT_LT(HistoryKey(entity, {Instant{10}, Topic::kPerson, 1, 4, 9}), key);
  EXPECT_LT(key, HistoryKey({EntityKind::kPerson, 8}, {Instant{-5}, Topic::kContract, 0, 0, 0}));
  EXPECT_LT(FeedKey(255, 3), FeedKey(256, 0));
  EXPECT_LT(TimerKey(Instant{-1}, 9), TimerKey(Instant{0}, 1));
}

// What the store keeps of a record is what was read.
TEST(Codec, GivesBackEveryChange) {
  Person person = But(ASpecialist(7, "2024-01-01T10:00:00.123456789"), [](Person& p) {
    p.replaced_by = 8;
    p.death = Day(2024, 2, 1);
    p.sex = Sex::kFemale;
    p.reactions = {{"5", Since(Day(2020, 1, 1))}, {"X", Period{}}};
    p.approvals[0].ended_status = "3";
    p.approvals[0].reactions = {{"1", {Day(2019, 1, 1), Day(2019, 2, 1)}}};
    p.approvals[0].suspensions = {Until(Day(2010, 1, 1))};
    p.approvals[0].specialities[0].ended_status = "99";
    p.approvals[0].specialities[0].reactions = {{"8", Period{}}};
    p.approvals[0].specialities[0].suspensions = {Since(Day(2030, 1, 1))};
  });
  const Person bare = But(ADoctor(9), [](Person& p) {
    p.birth_year.reset();
    p.approvals.clear();
  });
  const DoctorPeriod period = But(ARegularGp(11, 1, 7, {Day(2020, 1, 1), Day(2021, 1, 1)}), [](DoctorPeriod& p) {
    p.substitute_for = 9;
    p.percentage = 0;
  });
  for (const RegisterChange& change :
       std::vector<RegisterChange>{person, bare, AList(1),
                                   But(AList(1, ""),
                                       [](Contract& c) {
                                         c.list_cap.reset();
                                         c.status = "2";
                                         c.fixed_salary = true;
                                       }),
                                   But(AList(1), [](Contract& c) { c.list_cap = 0; }), period, ARegularGp(12, 1, 7),
                                   Patients(1, 0), WithoutList(1), WithoutPerson(7), Merge{7, 8}}) {
    const auto decoded = DecodeChange(EntityOf(change), EncodeChange(ToHistory(change)));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_TRUE(*decoded == ToHistory(change)) << FormatEntity(EntityOf(change)) << " " << change.index();
  }
}

TEST(A16_Sha256, IsTheStandardOne) {
  Sha256 sha;
  sha.Add("ab");
  sha.Add("c");
  EXPECT_EQ(sha.Hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace flosync
