// A daemon that answers what a test has prepared, and `flosync` run against it as a user would.
//
//   FakeDaemon daemon;
//   daemon.status.set_revision(17);
//   daemon.Ask({"status", "--output", "json"}).out  // "{\n  \"version\": …
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <grpcpp/grpcpp.h>

#include "daemon/cli/command_line.h"
#include "domain/text.h"
#include "state/indicators/indicator_row.h"

#include "flosync/v1/alert_service.grpc.pb.h"
#include "flosync/v1/deviation_service.grpc.pb.h"
#include "flosync/v1/doctor_service.grpc.pb.h"
#include "flosync/v1/indicator_service.grpc.pb.h"
#include "flosync/v1/patient_list_service.grpc.pb.h"
#include "flosync/v1/snapshot_service.grpc.pb.h"
#include "flosync/v1/sync_service.grpc.pb.h"

namespace flosync {

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

inline Ran RunFlosync(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "flosync");
  std::vector<const char*> argv;
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::ostringstream out;
  std::ostringstream err;
  const int code = RunCommandLine(static_cast<int>(argv.size()), argv.data(), out, err);
  return {code, out.str(), err.str()};
}

inline size_t Lines(const std::string& text) { return static_cast<size_t>(std::ranges::count(text, '\n')); }

inline v1::IndicatorRow Row(const std::string& area, const std::string& name, int64_t numerator, int64_t denominator) {
  v1::IndicatorRow row;
  row.set_definition("nki-gp-specialist/3.0");
  row.mutable_area()->set_level(v1::LEVEL_MUNICIPALITY);
  row.mutable_area()->set_code(area);
  row.mutable_area()->set_name(name);
  row.set_measure("gp_specialist_share");
  row.set_breakdown("all");
  row.set_numerator(numerator);
  row.set_denominator(denominator);
  row.set_value(OneDecimal(numerator, 100, denominator));
  row.set_unit("percent");
  if (denominator < 5) row.add_flags("small_base");
  return row;
}

inline constexpr std::string_view kRows =
    "reference_date,edition,definition,level,area_code,area_name,measure,breakdown,numerator,denominator,value,unit,"
    "flags\n"
    "2024-03-01,%,nki-gp-specialist/3.0,municipality,5501,Tromsø,gp_specialist_share,all,8,13,61.5,percent,\n"
    "2024-03-01,%,nki-gp-specialist/3.0,municipality,5601,\"Alta, "
    "Áltá\",gp_specialist_share,all,1,4,25.0,percent,small_base\n";

// The two rows of kRows as a file of that edition.
inline std::string RowsCsv(const std::string& edition) {
  std::string csv(kRows);
  for (size_t at = 0; (at = csv.find('%')) != std::string::npos;) csv.replace(at, 1, edition);
  return csv;
}

// Each method is one function that a test sets; one that is not set is not implemented.
class FakeDaemon : public v1::SyncService::Service,
                   public v1::IndicatorService::Service,
                   public v1::SnapshotService::Service,
                   public v1::DoctorService::Service,
                   public v1::PatientListService::Service,
                   public v1::DeviationService::Service,
                   public v1::AlertService::Service {
 public:
  using Watch = std::function<grpc::Status(const v1::WatchIndicatorsRequest&, grpc::ServerContext*,
                                           grpc::ServerWriter<v1::WatchIndicatorsResponse>*)>;

  FakeDaemon() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(static_cast<v1::SyncService::Service*>(this));
    builder.RegisterService(static_cast<v1::IndicatorService::Service*>(this));
    builder.RegisterService(static_cast<v1::SnapshotService::Service*>(this));
    builder.RegisterService(static_cast<v1::DoctorService::Service*>(this));
    builder.RegisterService(static_cast<v1::PatientListService::Service*>(this));
    builder.RegisterService(static_cast<v1::DeviationService::Service*>(this));
    builder.RegisterService(static_cast<v1::AlertService::Service*>(this));
    server_ = builder.BuildAndStart();
    address_ = Join("127.0.0.1:", port);
  }

  ~FakeDaemon() override { server_->Shutdown(std::chrono::system_clock::now()); }
  FakeDaemon(const FakeDaemon&) = delete;
  FakeDaemon& operator=(const FakeDaemon&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }

  // Runs a command against this daemon.
  Ran Ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--address", address_});
    return RunFlosync(std::move(arguments));
  }

  grpc::Status GetSyncStatus(grpc::ServerContext*, const v1::GetSyncStatusRequest*,
                             v1::GetSyncStatusResponse* out) override {
    *out = status;
    return grpc::Status::OK;
  }
  grpc::Status AuditState(grpc::ServerContext*, const v1::AuditStateRequest*, v1::AuditStateResponse* out) override {
    *out = audit;
    return grpc::Status::OK;
  }
  grpc::Status QueryIndicators(grpc::ServerContext*, const v1::QueryIndicatorsRequest* in,
                               v1::QueryIndicatorsResponse* out) override {
    queries.push_back(*in);
    return query(*in, *out);
  }
  grpc::Status WatchIndicators(grpc::ServerContext* context, const v1::WatchIndicatorsRequest* in,
                               grpc::ServerWriter<v1::WatchIndicatorsResponse>* writer) override {
    return watch(*in, context, writer);
  }
  grpc::Status WatchAlerts(grpc::ServerContext*, const v1::WatchAlertsRequest* in,
                           grpc::ServerWriter<v1::WatchAlertsResponse>* writer) override {
    alert_watches.push_back(*in);
    writer->Write(alerts);
    return {grpc::StatusCode::UNAVAILABLE, "stopping"};
  }
  grpc::Status WatchDoctors(grpc::ServerContext*, const v1::WatchDoctorsRequest* in,
                            grpc::ServerWriter<v1::WatchDoctorsResponse>* writer) override {
    doctor_watches.push_back(*in);
    writer->Write(watched_doctors);
    return {grpc::StatusCode::UNAVAILABLE, "stopping"};
  }
  grpc::Status WatchSnapshots(grpc::ServerContext*, const v1::WatchSnapshotsRequest* in,
                              grpc::ServerWriter<v1::WatchSnapshotsResponse>* writer) override {
    snapshot_watches.push_back(*in);
    writer->Write(snapshots);
    return {grpc::StatusCode::UNAVAILABLE, "stopping"};
  }
  grpc::Status ListSnapshots(grpc::ServerContext*, const v1::ListSnapshotsRequest*,
                             v1::ListSnapshotsResponse* out) override {
    *out->add_snapshots() = snapshot;
    return grpc::Status::OK;
  }
  grpc::Status ReadSnapshot(grpc::ServerContext*, const v1::ReadSnapshotRequest* in,
                            grpc::ServerWriter<v1::ReadSnapshotResponse>* writer) override {
    reads.push_back(*in);
    v1::ReadSnapshotResponse first;
    *first.mutable_snapshot() = snapshot;
    *first.add_rows() = Row("5501", "Tromsø", 8, 13);
    v1::ReadSnapshotResponse second;
    *second.add_rows() = Row("5601", "Alta, Áltá", 1, 4);
    writer->Write(first);
    writer->Write(second);
    return grpc::Status::OK;
  }
  grpc::Status GetDoctor(grpc::ServerContext*, const v1::GetDoctorRequest* in, v1::GetDoctorResponse* out) override {
    doctors.push_back(*in);
    if (in->hpr_number() != 7)
      return {grpc::StatusCode::NOT_FOUND, Join("no doctor has HPR number ", in->hpr_number())};
    *out = doctor;
    return grpc::Status::OK;
  }
  grpc::Status GetDoctorHistory(grpc::ServerContext*, const v1::GetDoctorHistoryRequest* in,
                                v1::GetDoctorHistoryResponse* out) override {
    histories.push_back(*in);
    *out = history;
    return grpc::Status::OK;
  }
  grpc::Status ListPatientLists(grpc::ServerContext*, const v1::ListPatientListsRequest* in,
                                v1::ListPatientListsResponse* out) override {
    lists.push_back(*in);
    auto* list = out->add_patient_lists();
    list->set_contract_id(42);
    list->set_municipality("5401");
    list->set_municipality_today("5501");
    list->set_unstaffed_since("2024-02-01");
    list->set_patients(900);
    list->add_substitutes(8);
    return grpc::Status::OK;
  }

  grpc::Status ListDeviations(grpc::ServerContext*, const v1::ListDeviationsRequest* in,
                              v1::ListDeviationsResponse* out) override {
    deviation_lists.push_back(*in);
    *out->add_deviations() = deviation;
    return grpc::Status::OK;
  }
  grpc::Status GetDeviation(grpc::ServerContext*, const v1::GetDeviationRequest* in,
                            v1::GetDeviationResponse* out) override {
    if (in->id() != deviation.id()) return {grpc::StatusCode::NOT_FOUND, "no such deviation"};
    *out->mutable_deviation() = deviation;
    return grpc::Status::OK;
  }
  grpc::Status ResolveDeviation(grpc::ServerContext*, const v1::ResolveDeviationRequest* in,
                                v1::ResolveDeviationResponse* out) override {
    decisions.push_back(*in);
    *out->mutable_deviation() = deviation;
    out->mutable_deviation()->set_status(in->status());
    return grpc::Status::OK;
  }

  grpc::Status RedriveDeviations(grpc::ServerContext*, const v1::RedriveDeviationsRequest* in,
                                 v1::RedriveDeviationsResponse* out) override {
    redrives.push_back(*in);
    *out = redriven;
    return redrive_status;
  }

  v1::GetSyncStatusResponse status;
  v1::AuditStateResponse audit;
  std::vector<v1::QueryIndicatorsRequest> queries;
  std::function<grpc::Status(const v1::QueryIndicatorsRequest&, v1::QueryIndicatorsResponse&)> query;
  Watch watch;
  v1::WatchAlertsResponse alerts;
  std::vector<v1::WatchAlertsRequest> alert_watches;
  v1::WatchDoctorsResponse watched_doctors;
  std::vector<v1::WatchDoctorsRequest> doctor_watches;
  v1::WatchSnapshotsResponse snapshots;
  std::vector<v1::WatchSnapshotsRequest> snapshot_watches;
  v1::Snapshot snapshot;
  std::vector<v1::ReadSnapshotRequest> reads;
  v1::GetDoctorResponse doctor;
  std::vector<v1::GetDoctorRequest> doctors;
  v1::GetDoctorHistoryResponse history;
  std::vector<v1::GetDoctorHistoryRequest> histories;
  std::vector<v1::ListPatientListsRequest> lists;
  v1::Deviation deviation;
  std::vector<v1::ListDeviationsRequest> deviation_lists;
  std::vector<v1::ResolveDeviationRequest> decisions;
  v1::RedriveDeviationsResponse redriven;
  std::vector<v1::RedriveDeviationsRequest> redrives;
  grpc::Status redrive_status;

 private:
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

}  // namespace flosync
