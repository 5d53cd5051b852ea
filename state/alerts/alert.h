// An alert as it is kept (R23): opened once, updated as its condition changes, acknowledged by a person, resolved when
// the condition ends. Values; the readers take a View and may run on any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "domain/oslo.h"
#include "domain/position.h"
#include "state/alerts/condition.h"
#include "state/store/store.h"

namespace flosync {

struct Acknowledgement {
  std::string who;
  std::string note;
  Instant at;
  bool operator==(const Acknowledgement&) const = default;
};

struct Alert {
  int64_t id = 0;  // from 1, in the order opened; never used again
  AlertKind kind = AlertKind::kListUnstaffed;
  std::string subject;  // A14
  Severity severity = Severity::kInfo;
  ConditionDetail detail;
  Instant opened;
  Instant changed;                  // when severity or detail last changed, or it was acknowledged or resolved
  std::optional<Instant> resolved;  // nothing: open
  std::optional<Acknowledgement> acknowledgement;
  bool operator==(const Alert&) const = default;
};

// The numbers are stored.
enum class AlertStep : uint8_t { kOpened = 1, kUpdated = 2, kAcknowledged = 3, kResolved = 4 };

// A change of one alert as the feed holds it, by revision and index.
struct AlertChange {
  AlertStep step = AlertStep::kOpened;
  std::optional<Alert> before;  // nothing: opened
  Alert after;
  std::optional<Position> cause;  // the record; nothing = the clock or a person
  Instant at;                     // the sync instant
};

[[nodiscard]] std::string EncodeAlert(const Alert& alert);
// DATA_LOSS for bytes that are no alert.
[[nodiscard]] absl::StatusOr<Alert> DecodeAlert(std::string_view bytes);
[[nodiscard]] std::string EncodeAlertChange(const AlertChange& change);
[[nodiscard]] absl::StatusOr<AlertChange> DecodeAlertChange(std::string_view bytes);

// NOT_FOUND if there is none, or no longer.
[[nodiscard]] absl::StatusOr<Alert> ReadAlert(const View& view, int64_t id);
// Calls `visit` with every alert kept whose number is above `after_id`, by number; false from it ends the reading.
[[nodiscard]] absl::Status EachAlert(const View& view, int64_t after_id,
                                     const std::function<bool(const Alert&)>& visit);

}  // namespace flosync
