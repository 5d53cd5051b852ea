// Answers of the API as the CSV of exports, which has one form wherever it is asked for (R21, A1–A13). Pure; any
// thread.
#pragma once

#include <string>

#include "state/indicators/indicator_row.h"

#include "flosync/v1/common.pb.h"
#include "flosync/v1/indicator_service.pb.h"
#include "flosync/v1/snapshot_service.pb.h"

namespace flosync {

// The row as exports have it; a level that this version does not know has no name.
[[nodiscard]] IndicatorRow ToExportRow(const v1::IndicatorRow& row);

// All of a snapshot's rows, after its description: the bytes of its export file.
[[nodiscard]] std::string ExportCsv(const v1::ReadSnapshotResponse& all);
// The columns of exports; figures that are no snapshot's are of no edition.
[[nodiscard]] std::string ExportCsv(const v1::QueryIndicatorsResponse& answer);

}  // namespace flosync
