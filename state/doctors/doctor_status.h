// What FLO keeps current of a doctor, under the number that FLO has: it is told to the world when it changes.
//
// Derived by one pure function from the register; the answer for today. Readers take a View and may run on any thread.
//
//   DerivedStatus d = DeriveDoctorStatus(reg, 999000011, Moment::Live(now));
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "domain/day.h"
#include "domain/oslo.h"
#include "domain/position.h"
#include "state/indicators/list_facts.h"
#include "state/register/register.h"
#include "state/store/store.h"

namespace flosync {

// A contract that a doctor is on today.
struct CurrentContract {
  int64_t contract_id = 0;
  std::string relationship;  // verbatim, e.g. "LPFL"
  auto operator<=>(const CurrentContract&) const = default;
};

struct DoctorStatus {
  int32_t hpr_number = 0;   // as doctor periods name it
  int32_t surviving = 0;    // the number it leads to (R5); what follows but the contracts is of that one
  bool in_hpr = false;      // has an entry that is not deleted
  bool specialist = false;  // approved specialist in general practice today (R11)
  bool authorised = false;
  std::optional<Day> death;
  std::vector<Period> specialist_periods;
  std::vector<Period> authorised_periods;
  std::vector<CurrentContract> contracts;  // by id, then relationship, each once
  bool operator==(const DoctorStatus&) const = default;
};

struct DerivedStatus {
  std::optional<DoctorStatus> status;  // nothing: no doctor period that holds names the number
  // The first instant after the moment at which the answer may be another without any record.
  Instant next_change = Instant::Max();
};

[[nodiscard]] DerivedStatus DeriveDoctorStatus(const Register& reg, int32_t hpr_number, const Moment& at);

// A change as the feed holds it. One of the two states is there.
struct DoctorChange {
  std::optional<DoctorStatus> before;  // nothing: FLO names the number from here on
  std::optional<DoctorStatus> after;   // nothing: it does no more
  std::optional<Position> cause;       // the record; nothing = the clock
};

[[nodiscard]] std::string EncodeDoctorStatus(const DoctorStatus& status);
// Both DATA_LOSS for bytes that are none.
[[nodiscard]] absl::StatusOr<DoctorStatus> DecodeDoctorStatus(std::string_view bytes);
[[nodiscard]] std::string EncodeDoctorChange(const DoctorChange& change);
[[nodiscard]] absl::StatusOr<DoctorChange> DecodeDoctorChange(std::string_view bytes);

// Calls `visit` with what was last told of every number above `after`, by number; false from it ends the reading.
[[nodiscard]] absl::Status EachDoctorStatus(const View& view, int32_t after,
                                            const std::function<bool(const DoctorStatus&)>& visit);

}  // namespace flosync
