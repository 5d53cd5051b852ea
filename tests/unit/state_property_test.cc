#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "state/audit/audit.h"
#include "state/core/shrinking.h"
#include "state/snapshots/evaluate.h"
#include "state/snapshots/schedule.h"
#include "tests/support/alert_check.h"
#include "tests/support/core_harness.h"
#include "tests/support/doctor_check.h"
#include "tests/support/plain_model.h"

// Random histories, fed in random batches and orders with a clock that moves as it likes: after every commit each live
// figure, and now and then a snapshot, is what the rules give when everything is counted anew (R6, R9, and through them
// R2–R17, D1–D16); the open alerts and the deviations of state
// too (R22, R23); what was told of every doctor as well; the self-audit has nothing to say; and versions that shrink
// meanwhile change nothing (R24).
namespace flosync {
namespace {

constexpr int32_t kLists = 12;
constexpr int32_t kDoctors = 15;
constexpr int32_t kNumbers = kDoctors + 3;  // the last three are in HPR never
constexpr int64_t kHour = 3600 * 1000;
constexpr int64_t kDayMs = 24 * kHour;

// Draws everything; the same seed gives the same history.
class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  int64_t Between(int64_t low, int64_t high) {
    const auto span = static_cast<uint64_t>(high - low + 1);
    return low + static_cast<int64_t>(engine_() % span);
  }
  bool OneIn(int64_t n) { return Between(1, n) == 1; }
  template <typename T, size_t N>
  const T& Of(const std::array<T, N>& values) {
    return values[static_cast<size_t>(Between(0, static_cast<int64_t>(N) - 1))];
  }

 private:
  std::mt19937_64 engine_;
};

// Where a history begins: before the reforms and clock changes of its months.
constexpr std::array<const char*, 7> kBeginnings = {
    "2019-10-20T00:00:00Z", "2023-10-20T00:00:00Z", "2023-12-01T00:00:00Z", "2024-01-20T00:00:00Z",
    "2024-10-24T00:00:00Z", "2017-12-10T00:00:00Z", "2024-03-29T00:00:00Z"};
// Valid, ended, divided, not yet valid, never valid.
constexpr std::array<const char*, 16> kMunicipalities = {"0301", "0301", "4601", "1507", "1850", "5012",
                                                         "3049", "0626", "3312", "3414", "9999", "",
                                                         "1534", "1838", "2100", "5054"};

// Makes the records of one history. Versions and days come from small pools, so that they collide.
class RandomHistory {
 public:
  explicit RandomHistory(uint64_t seed)
      : dice_(seed), alias_one_in_(dice_.OneIn(2) ? 2 : 6), now_(At(dice_.Of(kBeginnings))), today_(OsloDay(now_)) {
    for (int32_t id = 1; id <= kLists; ++id) {
      Send(RandomContract(id));
      if (!dice_.OneIn(5)) Send(RandomCount(id));
    }
    for (int32_t number = 1; number <= kDoctors; ++number) Send(RandomPerson(number));
    for (int64_t id = 1; id <= kLists + 6; ++id) Send(RandomPeriod(id));
    const int64_t more = dice_.Between(40, 70);
    for (int64_t i = 0; i < more; ++i) {
      now_.ms += RandomStep();
      today_ = OsloDay(now_);
      SendSomething();
    }
  }
  [[nodiscard]] std::vector<DecodedRecord> TakeRecords() { return std::move(records_); }
  [[nodiscard]] Dice& dice() { return dice_; }

 private:
  int64_t RandomStep() {
    switch (dice_.Between(0, 5)) {
      case 0:
        return 0;
      case 1:
        return dice_.Between(1, 3);
      case 2:
        return dice_.Between(1, 40) * 60 * 1000;
      default:
        return dice_.Between(1, 60) * kHour;
    }
  }
  Day RandomDay() {
    return today_.Plus(static_cast<int32_t>(dice_.OneIn(3) ? dice_.Between(-4, 4) : dice_.Between(-500, 120)));
  }
  Period RandomPeriodOfDays() {
    Period p{RandomDay(), Day::Max()};
    if (dice_.OneIn(2)) p.to = p.from.Plus(static_cast<int32_t>(dice_.Between(1, 400)));
    return p;
  }
  Period MaybeOpen() {
    Period p = RandomPeriodOfDays();
    if (dice_.OneIn(4)) p.from = Day::Min();
    return p;
  }
  // Mostly one of a few wall-clock times around now, the hours of the clock changes among them.
  WallTime RandomVersion() {
    constexpr std::array<const char*, 8> kOdd = {"2019-10-27T02:30:00", "2023-10-29T02:15:00", "2024-10-27T02:45:00.5",
                                                 "2024-10-27T02:10:00", "2024-03-31T02:30:00", "2024-03-31T02:30:00.25",
                                                 "2020-01-01T00:00:00", "2024-01-01T00:00:00"};
    if (dice_.OneIn(5)) return Wall(dice_.Of(kOdd));
    const WallTime wall = ToOslo(now_);
    const int64_t hours = dice_.OneIn(3) ? dice_.Between(-3, 3) : dice_.Between(-60, 10) * 24;
    return {(wall.seconds / 7200 + hours) * 7200, dice_.OneIn(4) ? 500000001 : 0};
  }
  std::vector<Reaction> RandomReactions() {
    constexpr std::array<const char*, 5> kTypes = {"1", "5", "8", "2", "15"};
    std::vector<Reaction> reactions;
    while (dice_.OneIn(6)) reactions.push_back({dice_.Of(kTypes), MaybeOpen()});
    return reactions;
  }
  std::vector<Period> RandomSuspensions() {
    std::vector<Period> suspensions;
    while (dice_.OneIn(8)) suspensions.push_back(MaybeOpen());
    return suspensions;
  }
  std::string RandomEnd() {
    constexpr std::array<const char*, 4> kEnds = {"1", "2", "3", "99"};
    return dice_.OneIn(6) ? dice_.Of(kEnds) : "";
  }
  Approval RandomApproval() {
    constexpr std::array<const char*, 6> kTypes = {"1", "1", "1", "4", "3", "99"};
    Approval a{dice_.Of(kTypes), MaybeOpen(), RandomEnd(), RandomReactions(), RandomSuspensions(), {}};
    while (dice_.OneIn(2) && a.specialities.size() < 3) {
      a.specialities.push_back({dice_.OneIn(5) ? "2" : "1", dice_.OneIn(5) ? "" : "7426", MaybeOpen(), RandomEnd(),
                                RandomReactions(), RandomSuspensions()});
    }
    return a;
  }
  Person RandomPerson(int32_t number) {
    Person p;
    p.hpr_number = number;
    p.updated = RandomVersion();
    if (dice_.OneIn(alias_one_in_))
      p.replaced_by = static_cast<int32_t>(dice_.Between(1, dice_.OneIn(2) ? 4 : kNumbers));
    if (!dice_.OneIn(8)) p.birth_year = static_cast<int16_t>(today_.year() - dice_.Between(38, 69));
    if (dice_.OneIn(10)) p.death = RandomDay();
    p.sex = static_cast<Sex>(dice_.Between(0, 2));
    while (dice_.OneIn(2) || (p.approvals.empty() && !dice_.OneIn(6))) p.approvals.push_back(RandomApproval());
    p.reactions = RandomReactions();
    return p;
  }
  Contract RandomContract(int64_t id) {
    Contract c;
    c.id = id;
    c.updated = RandomVersion();
    c.period = RandomPeriodOfDays();
    c.municipality = dice_.Of(kMunicipalities);
    c.fixed_salary = dice_.OneIn(4);
    if (!dice_.OneIn(5)) c.list_cap = static_cast<int32_t>(dice_.Between(0, 6) * 250);
    return c;
  }
  DoctorPeriod RandomPeriod(int64_t id) {
    DoctorPeriod p;
    p.id = id;
    p.contract_id = dice_.OneIn(4) ? dice_.Between(1, kLists + 1) : (id - 1) % kLists + 1;
    p.hpr_number = static_cast<int32_t>(dice_.Between(1, kNumbers));
    p.updated = RandomVersion();
    p.period = RandomPeriodOfDays();
    p.relationship = dice_.OneIn(5) ? "LPVI" : "LPFL";
    return p;
  }
  PatientCount RandomCount(int64_t contract) {
    return {contract, static_cast<int32_t>(dice_.Between(0, 5) * 250), RandomVersion()};
  }

  void Send(RegisterChange change) {
    Instant at = now_;
    if (dice_.OneIn(12)) at.ms -= dice_.Between(0, 3) * kHour;  // broker timestamps may go back (B9)
    const auto partition = static_cast<int32_t>(dice_.Between(0, 1));
    const auto* deletion = std::get_if<Deletion>(&change);
    if (deletion && deletion->entity.kind == EntityKind::kPerson && dice_.OneIn(2)) {
      records_.push_back(inbox_.NextOn(Topic::kEvent, std::move(change), at, partition));
    } else {
      records_.push_back(inbox_.Next(std::move(change), at, partition));
    }
  }
  void SendSomething() {
    const int64_t list = dice_.Between(1, kLists);
    const auto number = static_cast<int32_t>(dice_.Between(1, kDoctors));
    const int64_t period = dice_.Between(1, kLists + 6);
    switch (dice_.Between(0, 11)) {
      case 0:
        return Send(WithoutPerson(number));
      case 1:
        return dice_.OneIn(2) ? Send(WithoutList(list)) : Send(WithoutPatients(list));
      case 2:
        return Send(WithoutDoctorPeriod(period));
      case 3:
        return Send(Merge{number, static_cast<int32_t>(dice_.Between(1, kNumbers))});
      case 4:
      case 5:
        return Send(RandomContract(list));
      case 6:
        return Send(RandomCount(list));
      case 7:
        return SendAgain();
      case 8:
      case 9:
        return Send(RandomPeriod(period));
      default:
        return Send(RandomPerson(number));
    }
  }
  // What was sent before, as it was or with the same version and something else in it.
  void SendAgain() {
    RegisterChange change =
        records_[static_cast<size_t>(dice_.Between(0, static_cast<int64_t>(records_.size()) - 1))].changes[0].change;
    if (dice_.OneIn(3)) {
      if (auto* contract = std::get_if<Contract>(&change)) contract->municipality = "4601";
      if (auto* count = std::get_if<PatientCount>(&change)) count->patients += 100;
      if (auto* person = std::get_if<Person>(&change)) person->approvals.clear();
      if (auto* period = std::get_if<DoctorPeriod>(&change)) period->hpr_number = 1;
    }
    Send(std::move(change));
  }

  Dice dice_;
  int64_t alias_one_in_;  // how rarely a person is replaced by another: some histories are full of chains and cycles
  Instant now_;
  Day today_;
  Inbox inbox_;
  std::vector<DecodedRecord> records_;
};

// The order of reading: each partition's own order, partitions up to `lag` records behind each other.
std::vector<DecodedRecord> Shuffled(std::vector<DecodedRecord> sent, Dice& dice) {
  const int64_t lag = dice.OneIn(3) ? 1 : dice.Between(2, 30);
  std::vector<DecodedRecord> read;
  while (!sent.empty()) {
    auto pick = sent.begin() + std::min<int64_t>(dice.Between(0, lag - 1), static_cast<int64_t>(sent.size()) - 1);
    const auto key = std::pair(*pick->topic, pick->partition);
    pick = std::find_if(sent.begin(), sent.end(),
                        [&](const DecodedRecord& r) { return std::pair(*r.topic, r.partition) == key; });
    read.push_back(std::move(*pick));
    sent.erase(pick);
  }
  return read;
}

const AreaFrame& FrameOf(Day d) {
  static std::map<std::pair<Day, int>, AreaFrame> frames;
  const auto key = std::pair(d, d.year());
  const auto it = frames.find(key);
  return it != frames.end() ? it->second
                            : frames.emplace(key, Geography::Shipped().Frame(d, d.year()).value()).first->second;
}

// The first difference, in words; empty if there is none.
std::string FirstDifference(const FigureMap& have, const FigureMap& want) {
  for (const auto& [name, figure] : want) {
    const auto it = have.find(name);
    const Figure is = it == have.end() ? Figure{} : it->second;
    if (!(is == figure)) {
      return name + ": " + ::testing::PrintToString(is) + " instead of " + ::testing::PrintToString(figure);
    }
  }
  for (const auto& [name, figure] : have) {
    if (!want.contains(name)) return name + ": " + ::testing::PrintToString(figure) + " instead of nothing";
  }
  return "";
}

// Figures as the live ones are: without empty ones and those that look back over a window.
FigureMap FiguresOf(const std::vector<IndicatorRow>& rows) {
  FigureMap figures;
  for (const IndicatorRow& row : rows) {
    const Figure figure{row.numerator, row.denominator, row.value};
    if (IsEmpty(figure) || FindMeasure(row.measure)->windowed()) continue;
    figures[CellName(row.area_code, row.measure, row.breakdown)] = figure;
  }
  return figures;
}

// Feeds a history to a core and asks after every commit.
class Trial {
 public:
  explicit Trial(uint64_t seed)
      : history_(seed), dice_(history_.dice()), left_(Shuffled(history_.TakeRecords(), dice_)) {
    harness_.BeginAlerts();
  }

  // What went wrong, empty if nothing did.
  std::string Run() {
    std::reverse(left_.begin(), left_.end());
    for (int32_t commit = 1; !left_.empty() || commit < 30; ++commit) {
      Step();
      std::string wrong = FirstDifference(harness_.LiveFigures(), Plain(OsloDay(Clock()), Clock(), Instant::Max()));
      if (wrong.empty()) wrong = FirstDifference(harness_.LiveFigures(), harness_.CountedAnew());
      if (wrong.empty()) wrong = AlertDifference(harness_);
      if (wrong.empty()) wrong = DoctorDifference(harness_);
      if (wrong.empty() && dice_.OneIn(5)) wrong = AskAudit();
      if (wrong.empty() && dice_.OneIn(20)) wrong = AskSnapshot();
      if (!wrong.empty()) return "commit " + std::to_string(commit) + " at " + FormatUtc(Clock()) + ": " + wrong;
      if (dice_.OneIn(30)) harness_.Restart();
      if (dice_.OneIn(10)) ShrinkSomething();
    }
    return AskAudit();
  }

 private:
  [[nodiscard]] Instant Clock() const { return harness_.core().clock(); }
  [[nodiscard]] FigureMap Plain(Day d, Instant t, Instant known_at) const {
    return CountRecords(read_, FrameOf(d), {d, t, known_at});
  }
  // The self-audit, which reads the store alone.
  std::string AskAudit() {
    const auto report =
        AuditLive(View(harness_.store()), Geography::Shipped(), Definitions::Shipped(), [] { return true; }).value();
    if (report.ok()) return "";
    if (report.figures.empty()) return "head of " + FormatEntity(report.heads[0].entity) + ": " + report.heads[0].what;
    const FigureDifference& first = report.figures[0];
    return "audit: " + Describe(first.name) + ": " + ::testing::PrintToString(first.stored) + " instead of " +
           ::testing::PrintToString(first.recomputed);
  }

  // Retention (R24): no check after it may see any of it.
  void ShrinkSomething() {
    Shrinking pass({Clock().ms - dice_.Between(0, 20) * kDayMs}, static_cast<size_t>(dice_.Between(1, 20)));
    while (!pass.Next(harness_.core()).value().done) {
    }
  }
  void Step() {
    std::vector<DecodedRecord> batch;
    const int64_t size = Clock() != Instant::Min() && dice_.OneIn(6) ? 0
                         : dice_.OneIn(4)                            ? dice_.Between(10, 40)
                                                                     : dice_.Between(1, 4);
    while (!left_.empty() && static_cast<int64_t>(batch.size()) < size) {
      batch.push_back(left_.back());
      read_.push_back(left_.back());
      left_.pop_back();
    }
    if (!batch.empty() && dice_.OneIn(8)) batch.push_back(batch.front());  // delivered twice
    harness_.Commit(std::move(batch), RandomNow());
  }
  // Record time, or the clock a step on, or one behind the records.
  std::optional<Instant> RandomNow() {
    if (Clock() == Instant::Min() || (!left_.empty() && dice_.OneIn(2))) return std::nullopt;
    switch (dice_.Between(0, 4)) {
      case 0:
        return Instant{Clock().ms + dice_.Between(0, 2)};
      case 1:
        return Instant{Clock().ms + dice_.Between(1, 50) * 60 * 1000};
      case 2:
        return StartOfDay(OsloDay(Clock()).Plus(1));
      case 3:
        return Instant{Clock().ms + dice_.Between(1, 72) * kHour};
      default:
        return Instant{Clock().ms + dice_.Between(1, left_.empty() ? 40 : 6) * kDayMs};
    }
  }
  // A first of month around the clock, as known at a random instant.
  std::string AskSnapshot() {
    const Day today = OsloDay(Clock());
    const Day d = Day(today.year(), today.month(), 1).PlusMonths(static_cast<int>(dice_.Between(-3, 1)));
    const Instant t = ReferenceInstant(d);
    const Instant known_at = dice_.OneIn(2) ? t : Instant{Clock().ms - dice_.Between(0, 20) * kDayMs};
    EvaluationRequest request{d, known_at, std::nullopt, Definitions::Shipped().published()};
    const auto rows = EvaluateAt(View(harness_.store()), Geography::Shipped(), request).value();
    const std::string wrong = FirstDifference(FiguresOf(rows), Plain(d, t, known_at));
    return wrong.empty() ? "" : "snapshot " + d.ToString() + " known at " + FormatUtc(known_at) + ": " + wrong;
  }

  RandomHistory history_;
  Dice& dice_;
  std::vector<DecodedRecord> left_;
  std::vector<DecodedRecord> read_;
  CoreHarness harness_;
};

class PlainModel : public ::testing::TestWithParam<uint64_t> {};

TEST_P(PlainModel, R6_AgreesCellByCell) {
  constexpr uint64_t kSeedsEach = 10;
  for (uint64_t seed = GetParam() * kSeedsEach; seed < (GetParam() + 1) * kSeedsEach; ++seed) {
    EXPECT_EQ(Trial(seed).Run(), "") << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(RandomHistories, PlainModel, ::testing::Range(uint64_t{0}, uint64_t{15}));

}  // namespace
}  // namespace flosync
