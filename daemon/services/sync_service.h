// SyncService: what the daemon is doing; audits, backups and the steering of the sync on demand. gRPC calls it from
// many threads.
#pragma once

#include <string>
#include <utility>

#include "daemon/services/paced_counts.h"
#include "daemon/services/support.h"
#include "daemon/sync_operations.h"

#include "flosync/v1/sync_service.grpc.pb.h"

namespace flosync {

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

  // What GetSyncStatus answers. Reads the store.
  void Tell(v1::GetSyncStatusResponse& response);

 private:
  [[nodiscard]] grpc::Status BackUp(const v1::CreateBackupRequest& request, v1::CreateBackupResponse& response) const;

  const ServiceSupport support_;
  Publication* const publication_;
  const SyncOperations operations_;
  Workers* const backup_worker_;
  const std::string version_;
  PacedCounts deviations_{CountOpenDeviations};
};

}  // namespace flosync
