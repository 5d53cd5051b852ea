// DeviationService: deviations, decisions on them, and refused records read again. Reads Views; what it changes goes
// through the writer. gRPC calls it from many threads.
#pragma once

#include "daemon/redrive.h"
#include "daemon/services/support.h"

#include "flosync/v1/deviation_service.grpc.pb.h"

namespace flosync {

class DeviationServer final : public v1::DeviationService::CallbackService {
 public:
  // What the arguments point to outlives the service; `redrive_workers` has two threads: one is at work, the other says
  // so to whoever asks meanwhile. `redrive` may be null.
  DeviationServer(const ServiceSupport& support, Redrive* redrive, Workers* redrive_workers)
      : support_(support), redrive_(redrive), redrive_workers_(redrive_workers) {}

  grpc::ServerUnaryReactor* ListDeviations(grpc::CallbackServerContext* context,
                                           const v1::ListDeviationsRequest* request,
                                           v1::ListDeviationsResponse* response) override;
  grpc::ServerUnaryReactor* GetDeviation(grpc::CallbackServerContext* context, const v1::GetDeviationRequest* request,
                                         v1::GetDeviationResponse* response) override;
  grpc::ServerUnaryReactor* ResolveDeviation(grpc::CallbackServerContext* context,
                                             const v1::ResolveDeviationRequest* request,
                                             v1::ResolveDeviationResponse* response) override;
  grpc::ServerUnaryReactor* RedriveDeviations(grpc::CallbackServerContext* context,
                                              const v1::RedriveDeviationsRequest* request,
                                              v1::RedriveDeviationsResponse* response) override;

 private:
  // Stops early once the call is cancelled.
  [[nodiscard]] grpc::Status List(const grpc::CallbackServerContext& context, const v1::ListDeviationsRequest& request,
                                  v1::ListDeviationsResponse& response) const;
  [[nodiscard]] grpc::Status Get(int64_t id, v1::Deviation* out) const;
  [[nodiscard]] grpc::Status ReadAgain(const v1::RedriveDeviationsRequest& request,
                                       v1::RedriveDeviationsResponse& response) const;

  const ServiceSupport support_;
  Redrive* const redrive_;
  Workers* const redrive_workers_;
};

}  // namespace flosync
