// Between the types of the state and the messages of the API. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include <google/protobuf/timestamp.pb.h>

#include "domain/day.h"
#include "domain/oslo.h"
#include "domain/position.h"
#include "state/alerts/alert.h"
#include "state/indicators/indicator_row.h"
#include "state/snapshots/snapshot.h"

#include "flosync/store/v1/stored.pb.h"
#include "flosync/v1/alert_service.pb.h"
#include "flosync/v1/common.pb.h"
#include "flosync/v1/doctor_service.pb.h"
#include "flosync/v1/snapshot_service.pb.h"

namespace flosync {

void Convert(Instant in, google::protobuf::Timestamp* out);
// The first millisecond that is not before it, so that "records before it" stays the same; nothing for what is no
// Timestamp (years 1 to 9999 in Oslo, nanoseconds below a second).
[[nodiscard]] std::optional<Instant> ReadInstant(const google::protobuf::Timestamp& in);
[[nodiscard]] v1::Level Convert(Level in);
void Convert(const IndicatorRow& in, v1::IndicatorRow* out);
// The same as of MakeRow.
void Convert(const Area& area, const FigurePlan::Entry& entry, const Figure& figure, v1::IndicatorRow* out);
// The row's place among others: the byte order of keys is canonical order (R21), so pages go on behind one.
[[nodiscard]] std::string KeyOf(const IndicatorRow& row);
void Convert(const Position& in, v1::RecordPosition* out);
void Convert(const SnapshotHeader& in, v1::Snapshot* out);
void Convert(const Period& in, v1::DayPeriod* out);
[[nodiscard]] v1::Sex Convert(Sex in);
[[nodiscard]] v1::AlertStatus StatusOf(const Alert& alert);
[[nodiscard]] v1::AlertSeverity Convert(Severity severity);
void Convert(const Alert& in, v1::Alert* out);

// "2024-03-01"; empty for an open bound.
[[nodiscard]] std::string DayOrOpen(Day d);

}  // namespace flosync
