// What may be wrong with a list, a doctor or a municipality, or with flosync's own work: the kinds of alerts (R23) and
// of deviations of state (R22, A14), and one that holds.
//
// Values; equality is equality of all that people are told. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "domain/day.h"
#include "domain/deviation.h"

namespace flosync {

// The numbers are stored: never changed or reused.
enum class AlertKind : uint8_t {
  kListBecomingUnstaffed = 1,
  kListUnstaffed = 2,
  kListUncovered = 3,
  kMunicipalityWithoutGp = 4,
  kGpAuthorisationLost = 5,
  kGpDeceased = 6,
  kGpAuthorisationEnding = 7,
  kSpecialityEnded = 8,
  kSpecialityEnding = 9,
  kNoFreePlaces = 10,
  kSourceStale = 11,
  kSnapshotLate = 12,
  kSnapshotImplausible = 13,
  kPatientCountStale = 14,
  kDeadLetterGrowing = 15,
  kReferenceTableOutdated = 16,
  kSyncPaused = 17,
  kDeviationBacklog = 18,
  kStateAuditFailed = 19,
};
inline constexpr int kAlertKindCount = 19;

// "LIST_UNSTAFFED" and so on.
[[nodiscard]] std::string_view AlertKindName(AlertKind kind);
// About flosync's own work: observed by the daemon, not derived from the register.
[[nodiscard]] constexpr bool IsOperational(AlertKind kind) { return kind >= AlertKind::kSourceStale; }

// The numbers are stored.
enum class Severity : uint8_t { kInfo = 1, kWarning = 2, kCritical = 3 };
// "info", "warning", "critical".
[[nodiscard]] std::string_view SeverityName(Severity severity);

// Deviations that are not of one record but of what the records together say (A14).
enum class StateDeviation : uint8_t {
  kUnknownMunicipality = 1,
  kAmbiguousMunicipality = 2,
  kMissingBirthDate = 3,
  kDoctorNotInHpr = 4,
  kDoctorPeriodWithoutContract = 5,
  kMergeCycle = 6,
  kMergedNumberInUse = 7,
  kCapsExceedPopulation = 8,
};
inline constexpr int kStateDeviationCount = 8;
[[nodiscard]] DeviationCode CodeOf(StateDeviation code);
// What was assumed.
[[nodiscard]] std::string_view StateDeviationDetail(StateDeviation code);

// What is known beyond kind and subject. What does not belong to the kind is left empty.
struct ConditionDetail {
  std::vector<std::string> municipalities;  // today's numbers, ascending
  std::vector<int64_t> contracts;           // the lists that raise it, ascending
  std::vector<int32_t> doctors;     // HPR numbers, surviving, ascending; kept apart so that they can be left out
  std::optional<int64_t> patients;  // on the lists, as far as counted
  std::optional<Day> since;         // when it began, or will begin
  std::optional<bool> covered;      // by a substitute today
  int32_t passed_days = 0;          // the escalation last passed: 0, 30, 90 or 365 days
  std::string text;                 // of operational alerts: what was observed
  bool operator==(const ConditionDetail&) const = default;
};

using ConditionCode = std::variant<AlertKind, StateDeviation>;

// One condition holds at most once for a subject, whatever raises it.
struct ConditionKey {
  ConditionCode code;
  std::string subject;  // A14: "contract:900101", "person:999000011", "municipality:0301", "source:…"
  auto operator<=>(const ConditionKey&) const = default;
};

struct Condition {
  ConditionKey key;
  Severity severity = Severity::kInfo;  // of alerts
  ConditionDetail detail;
  bool operator==(const Condition&) const = default;
};

// Takes in what another unit says of the same condition: the graver severity, the earlier day, lists and doctors of
// both. The result does not depend on the order.
void Unite(Condition& into, const Condition& more);

// Sorted by key, those of one key united.
void SortAndUnite(std::vector<Condition>& conditions);

}  // namespace flosync
