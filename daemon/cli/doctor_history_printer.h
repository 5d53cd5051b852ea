// A doctor's history for people and for spreadsheets: a line for each field that a record changed.
#pragma once

#include "daemon/cli/output.h"

#include "flosync/v1/doctor_service.pb.h"

namespace flosync {

enum class HistoryLayout : uint8_t {
  kForPeople,  // what a record's lines share stands in the first only; instants are Oslo time
  kWhole,      // every line is whole; instants are RFC 3339 in UTC
};

// Columns: known_from, record, about, what, version, field, old_value, new_value.
[[nodiscard]] TextTable HistoryTable(const v1::GetDoctorHistoryResponse& answer, HistoryLayout layout);

}  // namespace flosync
