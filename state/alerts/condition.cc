#include "state/alerts/condition.h"

#include <algorithm>

namespace flosync {
namespace {

constexpr std::array<std::string_view, kAlertKindCount> kAlertKindNames = {
    "LIST_BECOMING_UNSTAFFED",  "LIST_UNSTAFFED",        "LIST_UNCOVERED",
    "MUNICIPALITY_WITHOUT_GP",  "GP_AUTHORISATION_LOST", "GP_DECEASED",
    "GP_AUTHORISATION_ENDING",  "SPECIALITY_ENDED",      "SPECIALITY_ENDING",
    "NO_FREE_PLACES",           "SOURCE_STALE",          "SNAPSHOT_LATE",
    "SNAPSHOT_IMPLAUSIBLE",     "PATIENT_COUNT_STALE",   "DEAD_LETTER_GROWING",
    "REFERENCE_TABLE_OUTDATED", "SYNC_PAUSED",           "DEVIATION_BACKLOG",
    "STATE_AUDIT_FAILED"};

struct DeviationText {
  DeviationCode code;
  std::string_view assumed;
};

constexpr std::array<DeviationText, kStateDeviationCount> kDeviations = {{
    {DeviationCode::kUnknownMunicipality,
     "the municipality number is missing or has never been one; the list counts in the nation only"},
    {DeviationCode::kAmbiguousMunicipality, "the municipality was divided; the list counts in the nation only"},
    {DeviationCode::kMissingBirthDate, "the GP has no birth date and counts in no age band"},
    {DeviationCode::kDoctorNotInHpr,
     "a doctor period names a number that HPR does not have; a GP counts, but not as specialist"},
    {DeviationCode::kDoctorPeriodWithoutContract, "the contract is unknown or deleted; the period counts nowhere"},
    {DeviationCode::kMergeCycle, "the number is an alias of itself by way of others; the alias is ignored"},
    {DeviationCode::kMergedNumberInUse,
     "a doctor period names a number that was merged into another and counts for that one"},
    {DeviationCode::kCapsExceedPopulation, "the lists together have room for more than the municipality's inhabitants"},
}};

const DeviationText& TextOf(StateDeviation code) { return kDeviations.at(static_cast<size_t>(code) - 1); }

template <typename T>
void UniteSorted(std::vector<T>& into, const std::vector<T>& more) {
  std::vector<T> both;
  both.reserve(into.size() + more.size());
  std::set_union(into.begin(), into.end(), more.begin(), more.end(), std::back_inserter(both));
  into = std::move(both);
}

}  // namespace

std::string_view AlertKindName(AlertKind kind) { return kAlertKindNames.at(static_cast<size_t>(kind) - 1); }

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kInfo:
      return "info";
    case Severity::kWarning:
      return "warning";
    case Severity::kCritical:
      return "critical";
  }
  return "";
}

DeviationCode CodeOf(StateDeviation code) { return TextOf(code).code; }
std::string_view StateDeviationDetail(StateDeviation code) { return TextOf(code).assumed; }

void Unite(Condition& into, const Condition& more) {
  into.severity = std::max(into.severity, more.severity);
  ConditionDetail& detail = into.detail;
  UniteSorted(detail.municipalities, more.detail.municipalities);
  UniteSorted(detail.contracts, more.detail.contracts);
  UniteSorted(detail.doctors, more.detail.doctors);
  if (more.detail.patients) detail.patients = detail.patients.value_or(0) + *more.detail.patients;
  if (more.detail.since) detail.since = std::min(detail.since.value_or(*more.detail.since), *more.detail.since);
  if (more.detail.covered) detail.covered = detail.covered.value_or(true) && *more.detail.covered;
  detail.passed_days = std::max(detail.passed_days, more.detail.passed_days);
  detail.text = std::max(detail.text, more.detail.text);
}

void SortAndUnite(std::vector<Condition>& conditions) {
  std::stable_sort(conditions.begin(), conditions.end(),
                   [](const Condition& a, const Condition& b) { return a.key < b.key; });
  std::vector<Condition> united;
  for (Condition& condition : conditions) {
    if (!united.empty() && united.back().key == condition.key) {
      Unite(united.back(), condition);
    } else {
      united.push_back(std::move(condition));
    }
  }
  conditions = std::move(united);
}

}  // namespace flosync
