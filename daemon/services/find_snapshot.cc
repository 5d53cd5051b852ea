#include "daemon/services/find_snapshot.h"

#include <algorithm>
#include <optional>

#include "daemon/services/errors.h"

namespace flosync {

grpc::Status FindAskedSnapshot(const View& view, const std::string& reference_date, int32_t edition,
                               SnapshotHeader& header) {
  if (edition < 0) return InvalidField("edition", "must not be negative");
  std::optional<Day> day;
  if (!reference_date.empty()) {
    day = ParseDay(reference_date);
    if (!day) return InvalidField("reference_date", "is not a date of the form yyyy-MM-dd");
  }
  auto all = ListSnapshots(view);
  if (!all.ok()) return FromStatus(all.status());
  // By date and edition: the last that fits is the latest.
  const auto fits = [&](const SnapshotHeader& one) {
    return (!day || one.reference_date == *day) && (edition == 0 || one.edition == edition);
  };
  const auto found = std::find_if(all->rbegin(), all->rend(), fits);
  if (found == all->rend()) {
    return NotFound("SNAPSHOT_NOT_FOUND", "there is no such snapshot; list the snapshots to see which there are");
  }
  header = std::move(*found);
  return grpc::Status::OK;
}

}  // namespace flosync
