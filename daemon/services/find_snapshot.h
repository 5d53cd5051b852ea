// The snapshot that a request names.
#pragma once

#include <string>

#include <grpcpp/support/status.h>

#include "state/geography/geography.h"
#include "state/snapshots/snapshot.h"

namespace flosync {

// An empty date is the latest one, edition 0 the latest edition of the date that is not withdrawn. INVALID_ARGUMENT for
// what is no date or edition, OUT_OF_RANGE with reason DATE_OUT_OF_RANGE for a date of which no snapshot can be by
// these tables, NOT_FOUND with reason SNAPSHOT_NOT_FOUND, FAILED_PRECONDITION with reason SNAPSHOT_WITHDRAWN where no
// edition of the date stands.
[[nodiscard]] grpc::Status FindAskedSnapshot(const View& view, const Geography& geography,
                                             const std::string& reference_date, int32_t edition,
                                             SnapshotHeader& header);

}  // namespace flosync
