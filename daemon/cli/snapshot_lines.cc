#include "daemon/cli/snapshot_lines.h"

#include "daemon/cli/output.h"
#include "domain/text.h"

namespace flosync {

std::string SnapshotLines::Text(const v1::SnapshotUpdate& update, bool colours) {
  const v1::Snapshot& snapshot = update.new_snapshot();
  const std::string changed = snapshot.edition() > 1 ? Join(", ", snapshot.changed_rows(), " changed") : "";
  const std::string known = "by what was known at " + FormatOslo(ToInstant(snapshot.known_at()));
  const std::string withdrawn =
      snapshot.has_withdrawal()
          ? "  " + Paint("withdrawn: " + OneLine(snapshot.withdrawal().reason()), Colour::kBad, colours)
          : "";
  return Join(Paint(OneLine(snapshot.reference_date()), Colour::kBold, colours), " edition ", snapshot.edition(), "  ",
              snapshot.row_count(), " rows", changed, "  ", Paint(known, Colour::kDim, colours), withdrawn);
}

std::string SnapshotLines::Csv(const v1::SnapshotUpdate& update) {
  const v1::Snapshot& snapshot = update.new_snapshot();
  return Join(snapshot.reference_date(), ",", snapshot.edition(), ",", snapshot.row_count(), ",",
              snapshot.changed_rows(), ",", FormatUtc(ToInstant(snapshot.known_at())), ",", snapshot.content_hash(),
              ",", snapshot.has_withdrawal() ? FormatUtc(ToInstant(snapshot.withdrawal().withdrawn_at())) : "");
}

}  // namespace flosync
