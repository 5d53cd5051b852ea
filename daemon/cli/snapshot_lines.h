// Snapshots that were made or withdrawn, as `flosync watch snapshots` writes them.
//
//   2024-03-01 edition 2  10708 rows, 17 changed  by what was known at 2024-04-01 06:00:00 +02:00
//   2024-03-01 edition 2  10708 rows, 17 changed  by what was known at 2024-04-01 06:00:00 +02:00  withdrawn: a bad
//   load
#pragma once

#include <string>
#include <string_view>

#include "client/watch.h"

#include "flosync/v1/snapshot_service.pb.h"

namespace flosync {

struct SnapshotLines {
  using Watch = client::SnapshotWatch;
  static constexpr std::string_view kCsvHeader =
      "reference_date,edition,row_count,changed_rows,known_at,content_hash,withdrawn_at";

  [[nodiscard]] static std::string Csv(const v1::SnapshotUpdate& update);
  [[nodiscard]] static std::string Text(const v1::SnapshotUpdate& update, bool colours);
};

}  // namespace flosync
