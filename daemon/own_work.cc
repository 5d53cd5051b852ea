#include "daemon/own_work.h"

#include <algorithm>

#include "domain/text.h"
#include "state/core/deviation_log.h"
#include "state/snapshots/schedule.h"
#include "state/snapshots/snapshot.h"

namespace flosync {
namespace {

constexpr int64_t kMillisPerMinute = 60'000;
constexpr int64_t kMillisPerDay = int64_t{24} * 60 * kMillisPerMinute;

void ObserveSources(const Core& core, const SyncFacts& sync, OperationalFacts& facts) {
  if (sync.input_ended || (core.last_complete() && *core.last_complete() >= sync.sync_due)) return;
  facts.sync_overdue_since = sync.sync_due;
  for (const auto& [key, state] : core.partitions().all()) {
    if (!state.at_end) facts.partitions_behind.push_back(Join(key.first, "/", key.second));
  }
}

absl::StatusOr<std::vector<IndicatorRow>> NationalRows(const View& view, const SnapshotHeader& header) {
  std::vector<IndicatorRow> rows;
  // The nation comes first (A3).
  const absl::Status read = EachSnapshotRow(view, header, [&rows](const IndicatorRow& row) {
    if (row.level != Level::kNation) return false;
    rows.push_back(row);
    return true;
  });
  if (!read.ok()) return read;
  return rows;
}

// The latest edition of a date; nothing if there is none.
const SnapshotHeader* LatestOf(const std::vector<SnapshotHeader>& headers, Day d) {
  const auto it = std::find_if(headers.rbegin(), headers.rend(),
                               [d](const SnapshotHeader& header) { return header.reference_date == d; });
  return it == headers.rend() ? nullptr : &*it;
}

absl::Status ObserveSnapshots(const Core& core, const View& view, const AlertThresholds& thresholds,
                              OperationalFacts& facts) {
  auto headers = ListSnapshots(view);
  if (!headers.ok()) return headers.status();
  if (const auto first = core.partitions().first()) {
    auto due = DueRuns(*first, {facts.now.ms - thresholds.snapshot_late_minutes * kMillisPerMinute},
                       core.definitions().derivation(), core.geography());
    std::erase_if(due, [](Day d) { return !FirstOfMonth(d); });
    if (!due.empty() && !LatestOf(*headers, due.back())) facts.missing_snapshot = due.back();
  }
  // What is withdrawn is not published, so it cannot mislead.
  std::erase_if(*headers, [](const SnapshotHeader& header) { return header.withdrawal.has_value(); });
  if (headers->empty()) return absl::OkStatus();
  const Day latest = headers->back().reference_date;
  const SnapshotHeader* before = LatestOf(*headers, latest.PlusMonths(-1));
  if (!before) return absl::OkStatus();
  const auto old_rows = NationalRows(view, *before);
  if (!old_rows.ok()) return old_rows.status();
  const auto new_rows = NationalRows(view, *LatestOf(*headers, latest));
  if (!new_rows.ok()) return new_rows.status();
  facts.moved_snapshot = latest;
  facts.moved = MovedFigures(*old_rows, *new_rows, thresholds.snapshot_change_percent);
  return absl::OkStatus();
}

void ObserveCounts(const Core& core, OperationalFacts& facts) {
  for (const auto& [id, contract] : core.reg().contracts()) {
    if (!contract.versions.empty()) facts.lists_known = true;
    const PatientCountState* count = core.reg().FindPatientCount(id);
    if (!count || count->versions.empty()) continue;
    const Day counted = count->versions.back().counted.day();
    facts.newest_count = std::max(facts.newest_count.value_or(counted), counted);
  }
}

bool IsDeadLetter(DeviationCode code) {
  return code == DeviationCode::kMalformedRecord || code == DeviationCode::kUnknownFormat;
}

absl::Status ObserveDeviations(const View& view, OperationalFacts& facts) {
  const auto deviations = ReadDeviations(view);
  if (!deviations.ok()) return deviations.status();
  for (const Deviation& deviation : *deviations) {
    if (deviation.status() == DeviationStatus::kOpen) ++facts.open_deviations;
    if (IsDeadLetter(deviation.code) && deviation.last &&
        deviation.last->known_from.ms > facts.now.ms - kMillisPerDay) {
      ++facts.dead_letters_today;
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<OperationalFacts> ObserveOwnWorkOf(const Core& core, const Store& store, const SyncFacts& sync,
                                                  const AlertThresholds& thresholds) {
  OperationalFacts facts;
  facts.now = sync.now;
  ObserveSources(core, sync, facts);
  // While the first load is under way the register says nothing of counts, and every snapshot is late.
  if (core.last_complete()) {
    const View view(store);
    if (absl::Status seen = ObserveSnapshots(core, view, thresholds, facts); !seen.ok()) return seen;
    if (absl::Status seen = ObserveDeviations(view, facts); !seen.ok()) return seen;
    ObserveCounts(core, facts);
  }
  facts.population_year = core.geography().last_population_year();
  return facts;
}

}  // namespace flosync
