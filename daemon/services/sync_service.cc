#include "daemon/services/sync_service.h"

#include <algorithm>

#include "daemon/audit_message.h"
#include "daemon/auditor.h"
#include "daemon/confirmed_clock.h"
#include "daemon/services/convert.h"
#include "daemon/services/store_moment.h"
#include "daemon/services/sync_messages.h"
#include "state/snapshots/snapshot.h"

namespace flosync {
namespace {

void Describe(const SourceStatus& in, Instant now, v1::SourceStatus* out) {
  out->set_topic(in.topic);
  out->set_partition(in.partition);
  out->set_position(in.position);
  if (in.end) {
    out->set_end(*in.end);
    out->set_lag_records(std::max<int64_t>(0, *in.end - in.position));
  }
  constexpr int64_t kMsPerSecond = 1000;
  if (in.newest) out->set_age_seconds(std::max<int64_t>(0, (now.ms - in.newest->ms) / kMsPerSecond));
  out->set_caught_up(in.caught_up);
}

void Describe(const RecordCounts& in, v1::RecordCounts* out) {
  out->set_read(in.read);
  out->set_applied(in.applied);
  out->set_duplicate(in.duplicate);
  out->set_older(in.older);
  out->set_conflicting(in.conflicting);
  out->set_refused(in.refused);
  out->set_ignored(in.ignored);
  out->set_skipped(in.skipped);
}

void Describe(const AuditOutcome& in, v1::Audit* out) {
  Convert(in.finished_at, out->mutable_finished_at());
  out->set_revision(in.revision);
  out->set_ok(in.ok());
  out->set_difference_count(in.differences);
  out->set_error(in.error);
}

void Describe(const DaemonStatus& status, v1::GetSyncStatusResponse& out) {
  Convert(status.started_at, out.mutable_started_at());
  out.set_store_epoch(status.epoch);
  out.set_revision(status.revision);
  if (status.synced_at) Convert(*status.synced_at, out.mutable_synced_at());
  if (status.last_complete_sync) Convert(*status.last_complete_sync, out.mutable_last_complete_sync());
  const Instant now = SystemNow();
  for (const SourceStatus& source : status.sources) Describe(source, now, out.add_sources());
  Describe(status.records, out.mutable_records());
  if (status.next_timer) Convert(*status.next_timer, out.mutable_next_timer());
  v1::SourceConnection* connection = out.mutable_connection();
  connection->set_connected(status.source.connected);
  if (status.source.disconnected_since) {
    Convert(*status.source.disconnected_since, connection->mutable_disconnected_since());
  }
  connection->set_error(status.source.last_error);
  out.mutable_work()->set_commits(status.commits);
  out.mutable_work()->set_lists_derived(status.lists_derived);
  out.mutable_work()->set_cells_touched(status.cells_touched);
  out.mutable_holdings()->set_persons(status.persons);
  out.mutable_holdings()->set_contracts(status.contracts);
  out.mutable_holdings()->set_doctor_periods(status.doctor_periods);
  if (status.paused) Describe(*status.paused, out.mutable_paused());
}

}  // namespace

void Describe(const BackupOutcome& in, v1::Backup* out) {
  out->set_id(in.id);
  Convert(in.created_at, out->mutable_created_at());
  out->set_revision(in.revision);
  out->set_store_epoch(in.epoch);
  out->set_size_bytes(in.size_bytes);
}

void Describe(const Pause& in, v1::SyncPause* out) {
  Convert(in.since, out->mutable_since());
  out->set_by(in.by);
  out->set_reason(in.reason);
}

void SyncServer::Tell(v1::GetSyncStatusResponse& response) {
  response.set_version(version_);
  Describe(*support_.publication->status(), response);
  if (const auto audit = publication_->audit()) Describe(*audit, response.mutable_latest_audit());
  if (const auto backup = publication_->backup()) Describe(*backup, response.mutable_latest_backup());
  const View view(support_.publication->store());
  // What the store cannot tell is left out: this answer is most wanted when something is wrong.
  if (const auto headers = ListSnapshots(view); headers.ok() && !headers->empty()) {
    Convert(headers->back(), response.mutable_latest_snapshot());
  }
  if (const auto moment = ReadStoreMoment(view); moment.ok()) {
    if (const auto counts = deviations_.At(view, moment->revision); counts.ok()) {
      for (const auto& [code, count] : *counts) {
        v1::DeviationCount* added = response.add_deviations();
        added->set_code(code);
        added->set_count(count);
      }
    }
  }
}

grpc::ServerUnaryReactor* SyncServer::GetSyncStatus(grpc::CallbackServerContext* context,
                                                    const v1::GetSyncStatusRequest* request,
                                                    v1::GetSyncStatusResponse* response) {
  return AnswerOn(support_.status, support_, context, request, response, [this, response] {
    Tell(*response);
    return grpc::Status::OK;
  });
}

grpc::ServerUnaryReactor* SyncServer::AuditState(grpc::CallbackServerContext* context,
                                                 const v1::AuditStateRequest* request,
                                                 v1::AuditStateResponse* response) {
  return AnswerOn(support_.past, support_, context, request, response, [this, context, response] {
    if (!publication_->status()->synced_at) return NotReady();
    const auto report =
        AuditAndShow(*publication_, View(publication_->store()), [context] { return !context->IsCancelled(); });
    if (!report.ok()) return FromStatus(report.status());
    Describe(*report, *response);
    return grpc::Status::OK;
  });
}

}  // namespace flosync
