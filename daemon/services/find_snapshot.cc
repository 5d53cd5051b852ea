#include "daemon/services/find_snapshot.h"

#include <algorithm>
#include <optional>

#include "daemon/services/errors.h"
#include "domain/text.h"

namespace flosync {

namespace {

grpc::Status NoSnapshot(const Geography& geography, std::optional<Day> day, int32_t edition) {
  const Day last = geography.last_reference_date();
  if (day && (*day < kFirstStructureDate || *day > last)) {
    return DateOutOfRange(Join("snapshots are made of ", kFirstStructureDate.ToString(), " to ", last.ToString(),
                               "; ask for a date between"),
                          kFirstStructureDate, last);
  }
  return NotFound("SNAPSHOT_NOT_FOUND", "there is no such snapshot; list the snapshots to see which there are",
                  {{"reference_date", day ? day->ToString() : ""}, {"edition", std::to_string(edition)}});
}

grpc::Status AllWithdrawn(Day day) {
  return Refusal(grpc::StatusCode::FAILED_PRECONDITION, "SNAPSHOT_WITHDRAWN",
                 Join("every edition of snapshot ", day.ToString(),
                      " is withdrawn; read one by its number, or wait for the next edition"),
                 {{"reference_date", day.ToString()}});
}

}  // namespace

grpc::Status FindAskedSnapshot(const View& view, const Geography& geography, const std::string& reference_date,
                               int32_t edition, SnapshotHeader& header) {
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
  auto found = std::find_if(all->rbegin(), all->rend(), fits);
  if (found == all->rend()) return NoSnapshot(geography, day, edition);
  if (edition == 0) {
    // An older month in the place of the one withdrawn would go unnoticed.
    const Day asked = found->reference_date;
    found = std::find_if(found, all->rend(),
                         [asked](const SnapshotHeader& one) { return one.reference_date != asked || !one.withdrawal; });
    if (found == all->rend() || found->reference_date != asked) return AllWithdrawn(asked);
  }
  header = std::move(*found);
  return grpc::Status::OK;
}

}  // namespace flosync
