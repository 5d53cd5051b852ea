#include <algorithm>
#include <map>
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
#include "tests/support/random_history.h"
#include "tests/support/refusals.h"

// Random histories, fed in random batches and orders with a clock that moves as it likes: after every commit each live
// figure, and now and then a snapshot, is what the rules give when everything is counted anew (R6, R9, and through them
// R2–R17, D1–D16); the open alerts and the deviations of state
// too (R22, R23); what was told of every doctor as well; the self-audit has nothing to say; versions that shrink
// meanwhile change nothing (R24); and records that are refused at first take their place once they are read again,
// known from then.
namespace flosync {
namespace {

constexpr int64_t kHour = 3600 * 1000;
constexpr int64_t kDayMs = 24 * kHour;

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
  explicit Trial(uint64_t seed) : dice_(seed), left_(Shuffled(RandomRecords(dice_), dice_)), old_decoder_(&dice_, 10) {
    harness_.BeginAlerts();
  }

  // What went wrong, empty if nothing did.
  std::string Run() {
    std::reverse(left_.begin(), left_.end());
    for (int32_t commit = 1; !left_.empty() || commit < 30; ++commit) {
      Step();
      std::string wrong = AskFigures();
      if (wrong.empty() && dice_.OneIn(5)) wrong = AskAudit();
      if (wrong.empty() && dice_.OneIn(20)) wrong = AskSnapshot();
      if (!wrong.empty()) return "commit " + std::to_string(commit) + " at " + FormatUtc(Clock()) + ": " + wrong;
      if (dice_.OneIn(30)) harness_.Restart();
      if (dice_.OneIn(10)) ShrinkSomething();
    }
    ReadAgain(SIZE_MAX);
    const std::string wrong = AskFigures();
    return wrong.empty() ? AskAudit() : "with nothing refused: " + wrong;
  }

 private:
  [[nodiscard]] Instant Clock() const { return harness_.core().clock(); }
  [[nodiscard]] FigureMap Plain(Day d, Instant t, Instant known_at) const {
    return CountRecords(read_, FrameOf(d), {d, t, known_at, &old_decoder_.learnt()});
  }
  // Whether what is told now is what all that was taken gives.
  [[nodiscard]] std::string AskFigures() const {
    std::string wrong = FirstDifference(harness_.LiveFigures(), Plain(OsloDay(Clock()), Clock(), Instant::Max()));
    if (wrong.empty()) wrong = FirstDifference(harness_.LiveFigures(), harness_.CountedAnew());
    if (wrong.empty()) wrong = AlertDifference(harness_);
    return wrong.empty() ? DoctorDifference(harness_) : wrong;
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
  // Up to so many of those that were refused.
  void ReadAgain(size_t most) {
    const std::vector<DecodedRecord> again = old_decoder_.SomeRefused(most);
    if (again.empty()) return;
    harness_.Commit({}, RandomNow(), again);
    old_decoder_.Learnt(again, Clock());
  }
  void Step() {
    if (dice_.OneIn(8)) ReadAgain(5);
    std::vector<DecodedRecord> batch;
    const int64_t size = Clock() != Instant::Min() && dice_.OneIn(6) ? 0
                         : dice_.OneIn(4)                            ? dice_.Between(10, 40)
                                                                     : dice_.Between(1, 4);
    while (!left_.empty() && static_cast<int64_t>(batch.size()) < size) {
      batch.push_back(old_decoder_.Read(left_.back()));
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

  Dice dice_;
  std::vector<DecodedRecord> left_;
  OldDecoder old_decoder_;
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
