#include "daemon/services/paced_counts.h"

#include <string_view>
#include <utility>

#include "state/alerts/alert.h"
#include "state/core/deviation.h"

namespace flosync {
namespace {

constexpr int kPauseFactor = 9;  // times what a count took, before the next

}  // namespace

absl::StatusOr<PacedCounts::Counts> PacedCounts::At(const View& view, int64_t revision) {
  // Those who ask meanwhile wait for the count under way, rather than count as well.
  const std::lock_guard lock(mutex_);
  const Clock::time_point begun = Clock::now();
  if (revision_ >= 0 && (revision <= revision_ || begun < fresh_until_)) return counts_;
  auto counts = count_(view);
  if (!counts.ok()) return counts.status();
  counts_ = *std::move(counts);
  revision_ = revision;
  const Clock::time_point ended = Clock::now();
  fresh_until_ = ended + kPauseFactor * (ended - begun);
  return counts_;
}

absl::StatusOr<PacedCounts::Counts> CountOpenDeviations(const View& view) {
  PacedCounts::Counts counts;
  absl::Status failed;
  const absl::Status walked = view.Each(Family::kDeviations, "", [&](std::string_view, std::string_view value) {
    const auto deviation = DecodeDeviation(value);
    if (!deviation.ok()) {
      failed = deviation.status();
      return false;
    }
    if (deviation->status() == DeviationStatus::kOpen) ++counts[std::string(DeviationName(deviation->code))];
    return true;
  });
  if (!walked.ok()) return walked;
  if (!failed.ok()) return failed;
  return counts;
}

absl::StatusOr<PacedCounts::Counts> CountOpenAlerts(const View& view) {
  PacedCounts::Counts counts;
  const absl::Status walked = EachAlert(view, 0, [&counts](const Alert& alert) {
    if (!alert.resolved) ++counts[std::string(AlertKindName(alert.kind))];
    return true;
  });
  if (!walked.ok()) return walked;
  return counts;
}

}  // namespace flosync
