#include "daemon/security/authorizer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::array<std::string_view, kScopeCount> kScopeNames = {
    "flosync:indicators.read", "flosync:lists.read", "flosync:doctors.read", "flosync:alerts.write", "flosync:admin"};

constexpr auto kMethods = std::to_array<std::pair<std::string_view, Scope>>({
    {"flosync.v1.AlertService/AcknowledgeAlert", Scope::kAlertsWrite},
    {"flosync.v1.AlertService/GetAlert", Scope::kListsRead},
    {"flosync.v1.AlertService/ListAlerts", Scope::kListsRead},
    {"flosync.v1.AlertService/WatchAlerts", Scope::kListsRead},
    {"flosync.v1.DeviationService/GetDeviation", Scope::kListsRead},
    {"flosync.v1.DeviationService/ListDeviations", Scope::kListsRead},
    {"flosync.v1.DeviationService/RedriveDeviations", Scope::kAlertsWrite},
    {"flosync.v1.DeviationService/ResolveDeviation", Scope::kAlertsWrite},
    {"flosync.v1.DoctorService/GetDoctor", Scope::kDoctorsRead},
    {"flosync.v1.DoctorService/GetDoctorHistory", Scope::kDoctorsRead},
    {"flosync.v1.DoctorService/WatchDoctors", Scope::kDoctorsRead},
    {"flosync.v1.DoctorService/ListDoctors", Scope::kDoctorsRead},
    {"flosync.v1.IndicatorService/ListDefinitions", Scope::kIndicatorsRead},
    {"flosync.v1.IndicatorService/QueryIndicators", Scope::kIndicatorsRead},
    {"flosync.v1.IndicatorService/WatchIndicators", Scope::kIndicatorsRead},
    {"flosync.v1.PatientListService/GetPatientList", Scope::kListsRead},
    {"flosync.v1.PatientListService/ListPatientLists", Scope::kListsRead},
    {"flosync.v1.SnapshotService/CompareSnapshots", Scope::kIndicatorsRead},
    {"flosync.v1.SnapshotService/ExplainFigure", Scope::kDoctorsRead},
    {"flosync.v1.SnapshotService/GetSnapshot", Scope::kIndicatorsRead},
    {"flosync.v1.SnapshotService/ListSnapshots", Scope::kIndicatorsRead},
    {"flosync.v1.SnapshotService/ReadSnapshot", Scope::kIndicatorsRead},
    {"flosync.v1.SnapshotService/WatchSnapshots", Scope::kIndicatorsRead},
    {"flosync.v1.SnapshotService/WithdrawSnapshot", Scope::kAdmin},
    {"flosync.v1.SyncService/AuditState", Scope::kAdmin},
    {"flosync.v1.SyncService/CreateBackup", Scope::kAdmin},
    {"flosync.v1.SyncService/GetSyncStatus", Scope::kIndicatorsRead},
    {"flosync.v1.SyncService/PauseSync", Scope::kAdmin},
    {"flosync.v1.SyncService/ResumeSync", Scope::kAdmin},
    {"flosync.v1.SyncService/TriggerSync", Scope::kAdmin},
});

}  // namespace

std::string_view ScopeName(Scope scope) { return kScopeNames[static_cast<size_t>(scope)]; }

Scopes Scopes::Parse(std::string_view words) {
  Scopes scopes;
  for (const std::string_view word : Split(words, ' ')) {
    const auto* const found = std::ranges::find(kScopeNames, word);
    if (found != kScopeNames.end()) scopes.Add(static_cast<Scope>(found - kScopeNames.begin()));
  }
  return scopes;
}

Scopes Scopes::All() {
  Scopes scopes;
  for (int i = 0; i < kScopeCount; ++i) scopes.Add(static_cast<Scope>(i));
  return scopes;
}

std::optional<Scope> RequiredScope(std::string_view method) {
  const auto* const found = std::ranges::find(kMethods, method, &std::pair<std::string_view, Scope>::first);
  return found == kMethods.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Denial> Authorize(const Caller& caller, std::string_view method) {
  const auto scope = RequiredScope(method);
  if (!scope) {
    return Denial{absl::StatusCode::kPermissionDenied, "METHOD_NOT_ALLOWED",
                  "this method is open to nobody; ask the daemon's operator"};
  }
  if (!caller.scopes.Has(*scope)) {
    return Denial{absl::StatusCode::kPermissionDenied, "SCOPE_MISSING",
                  Join("this method needs the scope ", ScopeName(*scope), "; ask for it where your access is granted")};
  }
  if (*scope == Scope::kDoctorsRead && !caller.MayReadDoctors()) {
    return Denial{absl::StatusCode::kInvalidArgument, "PURPOSE_MISSING",
                  "reading about doctors needs a purpose; send it as metadata flosync-purpose (flosync: --purpose)"};
  }
  return std::nullopt;
}

}  // namespace flosync
