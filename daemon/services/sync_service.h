// SyncService: what the daemon is doing; audits, backups and the steering of the sync on demand. gRPC calls it from
// many threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "daemon/services/support.h"
#include "daemon/sync_operations.h"

#include "flosync/v1/sync_service.grpc.pb.h"

namespace flosync {

// Open deviations by code, counted again when the store has moved on, but for at most a tenth of the time, however many
// there are and however often one asks. Thread-safe.
class DeviationCounts {
 public:
  using Counts = std::map<std::string, int64_t>;
  // The counts at the revision of the View, or at a slightly older one.
  [[nodiscard]] absl::StatusOr<Counts> At(const View& view, int64_t revision);

 private:
  using Clock = std::chrono::steady_clock;
  std::mutex mutex_;
  int64_t revision_ = -1;
  Clock::time_point fresh_until_;
  Counts counts_;
};

class SyncServer final : public v1::SyncService::CallbackService {
 public:
  // What the arguments point to outlives the service; `version` is that of the daemon, `backup_worker` has one thread.
  SyncServer(const ServiceSupport& support, Publication* publication, SyncOperations operations, Workers* backup_worker,
             std::string version)
      : support_(support),
        publication_(publication),
        operations_(std::move(operations)),
        backup_worker_(backup_worker),
        version_(std::move(version)) {}

  grpc::ServerUnaryReactor* GetSyncStatus(grpc::CallbackServerContext* context, const v1::GetSyncStatusRequest* request,
                                          v1::GetSyncStatusResponse* response) override;
  grpc::ServerUnaryReactor* AuditState(grpc::CallbackServerContext* context, const v1::AuditStateRequest* request,
                                       v1::AuditStateResponse* response) override;
  grpc::ServerUnaryReactor* TriggerSync(grpc::CallbackServerContext* context, const v1::TriggerSyncRequest* request,
                                        v1::TriggerSyncResponse* response) override;
  grpc::ServerUnaryReactor* PauseSync(grpc::CallbackServerContext* context, const v1::PauseSyncRequest* request,
                                      v1::PauseSyncResponse* response) override;
  grpc::ServerUnaryReactor* ResumeSync(grpc::CallbackServerContext* context, const v1::ResumeSyncRequest* request,
                                       v1::ResumeSyncResponse* response) override;
  grpc::ServerUnaryReactor* CreateBackup(grpc::CallbackServerContext* context, const v1::CreateBackupRequest* request,
                                         v1::CreateBackupResponse* response) override;

 private:
  [[nodiscard]] grpc::Status Get(v1::GetSyncStatusResponse& response);
  [[nodiscard]] grpc::Status BackUp(const v1::CreateBackupRequest& request, v1::CreateBackupResponse& response) const;

  const ServiceSupport support_;
  Publication* const publication_;
  const SyncOperations operations_;
  Workers* const backup_worker_;
  const std::string version_;
  DeviationCounts deviations_;
};

}  // namespace flosync
