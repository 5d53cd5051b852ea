#include "state/alerts/operational.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "domain/text.h"

namespace flosync {
namespace {

constexpr int64_t kMillisPerMinute = 60'000;
constexpr size_t kFiguresNamed = 5;
// The population of 1 January is published in the course of the winter; from then on its absence is a warning.
constexpr int kPopulationExpectedMonth = 4;

class Gatherer {
 public:
  Gatherer(const OperationalFacts& facts, const AlertThresholds& thresholds) : facts_(facts), limits_(thresholds) {}

  std::vector<Condition> Gather() {
    Sources();
    Snapshots();
    Counts();
    if (facts_.dead_letters_today > limits_.dead_letters_per_day) {
      Add(AlertKind::kDeadLetterGrowing, "source:*", Severity::kWarning,
          Join("more than ", limits_.dead_letters_per_day,
               " records within 24 hours could not be read; see the deviations MALFORMED_RECORD and UNKNOWN_FORMAT"));
    }
    if (facts_.open_deviations > limits_.open_deviations) {
      Add(AlertKind::kDeviationBacklog, "source:*", Severity::kWarning,
          Join("more than ", limits_.open_deviations,
               " deviations are open; work through the oldest of high priority"));
    }
    Population();
    if (facts_.paused_since) {
      Add(AlertKind::kSyncPaused, "source:*", Severity::kWarning,
          Join("paused since ", FormatUtc(*facts_.paused_since), "; figures stand still until it is resumed"));
    }
    if (!facts_.audit_failure.empty()) {
      Add(AlertKind::kStateAuditFailed, "source:*", Severity::kCritical,
          Join(facts_.audit_failure, "; keep the state directory and rebuild the state from the sources"));
    }
    return std::move(out_);
  }

 private:
  void Add(AlertKind kind, std::string subject, Severity severity, std::string text, std::optional<Day> since = {}) {
    out_.push_back({{kind, std::move(subject)}, severity, {}});
    out_.back().detail.text = std::move(text);
    out_.back().detail.since = since;
  }

  void Sources() {
    const auto since = facts_.sync_overdue_since;
    if (!since || facts_.now.ms - since->ms < limits_.source_stale_minutes * kMillisPerMinute) return;
    const std::string text = Join("not read to its end since ", FormatUtc(*since), "; look at `flosync status`");
    for (const std::string& partition : facts_.partitions_behind) {
      Add(AlertKind::kSourceStale, "source:" + partition, Severity::kCritical, text);
    }
    // Nothing is behind that is known of: the source itself is away.
    if (facts_.partitions_behind.empty()) Add(AlertKind::kSourceStale, "source:*", Severity::kCritical, text);
  }

  void Snapshots() {
    if (facts_.missing_snapshot) {
      Add(AlertKind::kSnapshotLate, Join("source:snapshot/", facts_.missing_snapshot->ToString()), Severity::kCritical,
          "due and not made; look at `flosync status` for a source that has not been read past 06:00 of that day");
    }
    if (!facts_.moved_snapshot || facts_.moved.empty()) return;
    std::string text = Join("more than ", limits_.snapshot_change_percent, " percent since the month before:");
    for (size_t i = 0; i < std::min(facts_.moved.size(), kFiguresNamed); ++i) {
      const MovedFigure& figure = facts_.moved[i];
      text +=
          Join(i == 0 ? " " : ", ", figure.measure, " ", figure.breakdown, " ", figure.before, " to ", figure.after);
    }
    if (facts_.moved.size() > kFiguresNamed) text += Join(" and ", facts_.moved.size() - kFiguresNamed, " more");
    Add(AlertKind::kSnapshotImplausible, Join("source:snapshot/", facts_.moved_snapshot->ToString()),
        Severity::kWarning, std::move(text));
  }

  void Counts() {
    const Day stale_from = OsloDay(facts_.now).Plus(-limits_.patient_count_stale_days);
    if (!facts_.lists_known || (facts_.newest_count && *facts_.newest_count >= stale_from)) return;
    Add(AlertKind::kPatientCountStale, "source:flo.patient-count", Severity::kWarning,
        facts_.newest_count ? Join("the newest patient count is more than ", limits_.patient_count_stale_days,
                                   " days old; ask FLO for new ones")
                            : "no list has a patient count; ask FLO for them",
        facts_.newest_count);
  }

  void Population() {
    const Day today = OsloDay(facts_.now);
    if (facts_.population_year == 0 || facts_.population_year >= today.year()) return;
    const bool expected = facts_.population_year < today.year() - 1 || today.month() >= kPopulationExpectedMonth;
    Add(AlertKind::kReferenceTableOutdated, "source:reference/population",
        expected ? Severity::kWarning : Severity::kInfo,
        Join("the newest population is that of ", facts_.population_year, "; load the table of ", today.year()));
  }

  const OperationalFacts& facts_;
  const AlertThresholds& limits_;
  std::vector<Condition> out_;
};

// A displayed value in tenths; nothing for one that is absent.
std::optional<int64_t> Tenths(const std::string& value) {
  std::string digits;
  std::copy_if(value.begin(), value.end(), std::back_inserter(digits), [](char c) { return c != '.'; });
  const auto number = ParseNumber<int64_t>(digits);
  if (!number) return std::nullopt;
  return digits.size() == value.size() ? *number * 10 : *number;
}

int64_t BaseOf(const IndicatorRow& row) { return row.denominator ? *row.denominator : row.numerator.value_or(0); }

}  // namespace

std::vector<Condition> OperationalConditions(const OperationalFacts& facts, const AlertThresholds& thresholds) {
  return Gatherer(facts, thresholds).Gather();
}

std::vector<MovedFigure> MovedFigures(const std::vector<IndicatorRow>& before, const std::vector<IndicatorRow>& after,
                                      int32_t percent) {
  std::map<std::pair<std::string, std::string>, const IndicatorRow*> was;
  for (const IndicatorRow& row : before) {
    if (row.level == Level::kNation) was[{row.measure, row.breakdown}] = &row;
  }
  std::vector<MovedFigure> moved;
  for (const IndicatorRow& row : after) {
    if (row.level != Level::kNation) continue;
    const auto known = was.find({row.measure, row.breakdown});
    if (known == was.end() || BaseOf(*known->second) < kLeastBase) continue;
    const auto old_value = Tenths(known->second->value);
    const auto new_value = Tenths(row.value);
    if (!old_value || !new_value) continue;
    if (std::abs(*new_value - *old_value) * 100 <= std::abs(*old_value) * percent) continue;
    moved.push_back({row.measure, row.breakdown, known->second->value, row.value});
  }
  return moved;
}

}  // namespace flosync
