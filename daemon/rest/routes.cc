#include "daemon/rest/routes.h"

#include <array>
#include <utility>

#include "domain/text.h"

namespace flosync {
namespace {

constexpr auto kRoutes = std::to_array<Route>({
    {"/api/v1/definitions", "flosync.v1.IndicatorService/ListDefinitions"},
    {"/api/v1/indicators", "flosync.v1.IndicatorService/QueryIndicators", true},
    {"/api/v1/snapshots", "flosync.v1.SnapshotService/ListSnapshots"},
    {"/api/v1/snapshots/compare", "flosync.v1.SnapshotService/CompareSnapshots"},
    {"/api/v1/snapshots/{reference_date}", "flosync.v1.SnapshotService/GetSnapshot"},
    {"/api/v1/snapshots/{reference_date}/rows", "flosync.v1.SnapshotService/ReadSnapshot", true},
    {"/api/v1/snapshots/{snapshot.reference_date}/explain", "flosync.v1.SnapshotService/ExplainFigure"},
    {"/api/v1/doctors", "flosync.v1.DoctorService/ListDoctors"},
    {"/api/v1/doctors/{hpr_number}", "flosync.v1.DoctorService/GetDoctor"},
    {"/api/v1/doctors/{hpr_number}/history", "flosync.v1.DoctorService/GetDoctorHistory"},
    {"/api/v1/patient-lists", "flosync.v1.PatientListService/ListPatientLists"},
    {"/api/v1/patient-lists/{contract_id}", "flosync.v1.PatientListService/GetPatientList"},
    {"/api/v1/alerts", "flosync.v1.AlertService/ListAlerts"},
    {"/api/v1/alerts/{alert_id}", "flosync.v1.AlertService/GetAlert"},
    {"/api/v1/deviations", "flosync.v1.DeviationService/ListDeviations"},
    {"/api/v1/deviations/{id}", "flosync.v1.DeviationService/GetDeviation"},
    {"/api/v1/sync/status", "flosync.v1.SyncService/GetSyncStatus"},
});

std::optional<HttpFields> Match(const Route& route, const std::vector<std::string>& segments) {
  const auto parts = Split(route.path.substr(1), '/');
  if (parts.size() != segments.size()) return std::nullopt;
  HttpFields values;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].starts_with('{')) {
      if (segments[i].empty()) return std::nullopt;
      values.emplace_back(parts[i].substr(1, parts[i].size() - 2), segments[i]);
    } else if (parts[i] != segments[i]) {
      return std::nullopt;
    }
  }
  return values;
}

}  // namespace

std::span<const Route> Routes() { return kRoutes; }

std::optional<MatchedRoute> MatchRoute(const std::vector<std::string>& segments) {
  for (const Route& route : kRoutes) {
    if (auto values = Match(route, segments)) return MatchedRoute{&route, *std::move(values)};
  }
  return std::nullopt;
}

}  // namespace flosync
