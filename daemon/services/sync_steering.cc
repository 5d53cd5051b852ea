// The methods of SyncService that steer the sync and make backups. Each is logged with who asks and why.
#include <string>
#include <string_view>

#include <spdlog/spdlog.h>

#include "daemon/backups.h"
#include "daemon/confirmed_clock.h"
#include "daemon/services/by_writer.h"
#include "daemon/services/convert.h"
#include "daemon/services/sync_messages.h"
#include "daemon/services/sync_service.h"
#include "daemon/services/who_and_why.h"
#include "state/core/pause.h"

namespace flosync {
namespace {

template <typename Request>
void Log(std::string_view what, const Request& request) {
  LogWhoAndWhy(what, request.by(), request.reason());
}

}  // namespace

grpc::ServerUnaryReactor* SyncServer::TriggerSync(grpc::CallbackServerContext* context,
                                                  const v1::TriggerSyncRequest* request,
                                                  v1::TriggerSyncResponse* response) {
  return AnswerByWriter(
      support_, context, request, response,
      {.check = [request] { return CheckWhoAndWhy(request->by(), request->reason()); },
       .change =
           [this, request, response](Core& /*core*/, const View& view, Batch& /*batch*/) {
             const auto pause = ReadPause(view);
             if (!pause.ok()) return pause.status();
             if (pause->has_value())
               return absl::FailedPreconditionError("syncing is paused; resume it (`flosync sync resume`)");
             response->set_outcome(static_cast<v1::TriggerOutcome>(operations_.start_sync()));
             Log("sync now", *request);
             return absl::OkStatus();
           },
       .refused = [](const absl::Status& status) { return FromChange(status, "", "SYNC_PAUSED", {}); },
       .answer = [] { return grpc::Status::OK; }});
}

grpc::ServerUnaryReactor* SyncServer::PauseSync(grpc::CallbackServerContext* context,
                                                const v1::PauseSyncRequest* request, v1::PauseSyncResponse* response) {
  return AnswerByWriter(
      support_, context, request, response,
      {.check = [request] { return CheckWhoAndWhy(request->by(), request->reason()); },
       .change =
           [request, response](Core& /*core*/, const View& view, Batch& batch) {
             const Pause pause{SystemNow(), request->by(), request->reason()};
             if (absl::Status paused = flosync::PauseSync(view, pause, batch); !paused.ok()) return paused;
             Describe(pause, response->mutable_paused());
             Log("sync paused", *request);
             return absl::OkStatus();
           },
       .refused = [](const absl::Status& status) { return FromChange(status, "", "SYNC_PAUSED", {}); },
       .answer = [] { return grpc::Status::OK; }});
}

grpc::ServerUnaryReactor* SyncServer::ResumeSync(grpc::CallbackServerContext* context,
                                                 const v1::ResumeSyncRequest* request,
                                                 v1::ResumeSyncResponse* response) {
  return AnswerByWriter(
      support_, context, request, response,
      {.check = [request] { return CheckWhoAndWhy(request->by(), request->reason()); },
       .change =
           [request, response](Core& /*core*/, const View& view, Batch& batch) {
             const auto pause = flosync::ResumeSync(view, batch);
             if (!pause.ok()) return pause.status();
             Describe(*pause, response->mutable_paused());
             Log("sync resumed", *request);
             return absl::OkStatus();
           },
       .refused = [](const absl::Status& status) { return FromChange(status, "", "SYNC_NOT_PAUSED", {}); },
       .answer = [] { return grpc::Status::OK; }});
}

grpc::Status SyncServer::BackUp(const v1::CreateBackupRequest& request, v1::CreateBackupResponse& response) const {
  if (grpc::Status checked = CheckWhoAndWhy(request.by(), request.reason()); !checked.ok()) return checked;
  if (operations_.backups == nullptr) {
    return Refusal(grpc::StatusCode::FAILED_PRECONDITION, "BACKUP_NOT_CONFIGURED",
                   "there is no directory for backups; set backup.directory in the daemon's configuration");
  }
  Log("backup", request);
  const auto backup = operations_.backups->Create(SystemNow());
  if (!backup.ok()) {
    spdlog::error("the backup failed: {}", std::string(backup.status().message()));
    return FromStatus(backup.status());
  }
  spdlog::info("backup {} of revision {} is complete, {} bytes", backup->id, backup->revision, backup->size_bytes);
  publication_->ShowBackup(*backup);
  Describe(*backup, response.mutable_backup());
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* SyncServer::CreateBackup(grpc::CallbackServerContext* context,
                                                   const v1::CreateBackupRequest* request,
                                                   v1::CreateBackupResponse* response) {
  return AnswerOn(backup_worker_, support_, context, request, response,
                  [this, request, response] { return BackUp(*request, *response); });
}

}  // namespace flosync
