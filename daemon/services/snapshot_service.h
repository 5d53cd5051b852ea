// SnapshotService: first-of-month figures. Stateless; gRPC calls it from many threads.
#pragma once

#include "daemon/services/support.h"

#include "flosync/v1/snapshot_service.grpc.pb.h"

namespace flosync {

// Its streams are handed to gRPC as bytes (paced_stream.h).
using SnapshotServiceOfBytes = v1::SnapshotService::WithRawCallbackMethod_ReadSnapshot<
    v1::SnapshotService::WithRawCallbackMethod_WatchSnapshots<v1::SnapshotService::CallbackService>>;

class SnapshotServer final : public SnapshotServiceOfBytes {
 public:
  // What `support` points to outlives the service.
  explicit SnapshotServer(const ServiceSupport& support) : support_(support) {}

  grpc::ServerUnaryReactor* ListSnapshots(grpc::CallbackServerContext* context, const v1::ListSnapshotsRequest* request,
                                          v1::ListSnapshotsResponse* response) override;
  grpc::ServerUnaryReactor* GetSnapshot(grpc::CallbackServerContext* context, const v1::GetSnapshotRequest* request,
                                        v1::GetSnapshotResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* ReadSnapshot(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchSnapshots(grpc::CallbackServerContext* context,
                                                             const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* CompareSnapshots(grpc::CallbackServerContext* context,
                                             const v1::CompareSnapshotsRequest* request,
                                             v1::CompareSnapshotsResponse* response) override;
  grpc::ServerUnaryReactor* ExplainFigure(grpc::CallbackServerContext* context, const v1::ExplainFigureRequest* request,
                                          v1::ExplainFigureResponse* response) override;
  grpc::ServerUnaryReactor* WithdrawSnapshot(grpc::CallbackServerContext* context,
                                             const v1::WithdrawSnapshotRequest* request,
                                             v1::WithdrawSnapshotResponse* response) override;

 private:
  [[nodiscard]] grpc::Status List(const v1::ListSnapshotsRequest& request, v1::ListSnapshotsResponse& response) const;

  const ServiceSupport support_;
};

}  // namespace flosync
