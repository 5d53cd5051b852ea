// SnapshotService.WithdrawSnapshot. Logged with who decides and why.
#include <string>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "daemon/cli/output.h"
#include "daemon/confirmed_clock.h"
#include "daemon/services/by_writer.h"
#include "daemon/services/convert.h"
#include "daemon/services/snapshot_service.h"
#include "daemon/services/who_and_why.h"

namespace flosync {
namespace {

grpc::Status Check(const v1::WithdrawSnapshotRequest& request) {
  std::vector<FieldViolation> violations;
  if (!ParseDay(request.reference_date()))
    violations.push_back({"reference_date", "is not a date of the form yyyy-MM-dd"});
  if (request.edition() < 1) violations.push_back({"edition", "must be from 1: editions are withdrawn one by one"});
  if (auto wrong = CheckBy(request.by())) violations.push_back(*std::move(wrong));
  if (auto wrong = CheckReason(request.reason())) violations.push_back(*std::move(wrong));
  return violations.empty() ? grpc::Status::OK : InvalidFields("INVALID_FIELD", std::move(violations));
}

grpc::Status Refused(const absl::Status& status, const v1::WithdrawSnapshotRequest& request) {
  return FromChange(status, "SNAPSHOT_NOT_FOUND", "SNAPSHOT_WITHDRAWN",
                    {{"reference_date", request.reference_date()}, {"edition", std::to_string(request.edition())}});
}

}  // namespace

grpc::ServerUnaryReactor* SnapshotServer::WithdrawSnapshot(grpc::CallbackServerContext* context,
                                                           const v1::WithdrawSnapshotRequest* request,
                                                           v1::WithdrawSnapshotResponse* response) {
  return AnswerByWriter(
      support_, context, request, response,
      {.check = [request] { return Check(*request); },
       .change =
           [request](Core& core, const View& view, Batch& batch) {
             const Withdrawal withdrawal{SystemNow(), request->by(), request->reason()};
             absl::Status done = flosync::WithdrawSnapshot(view, *ParseDay(request->reference_date()),
                                                           request->edition(), withdrawal, core.revision() + 1, batch);
             if (done.ok()) {
               spdlog::info("snapshot {} edition {} withdrawn, asked for by {}: {}", request->reference_date(),
                            request->edition(), OneLine(request->by()), OneLine(request->reason()));
             }
             return done;
           },
       .refused = [request](const absl::Status& status) { return Refused(status, *request); },
       .answer =
           [this, request, response] {
             const auto header = FindSnapshot(View(support_.publication->store()), *ParseDay(request->reference_date()),
                                              request->edition());
             if (header.ok()) Convert(*header, response->mutable_snapshot());
             return FromStatus(header.status());
           }});
}

}  // namespace flosync
