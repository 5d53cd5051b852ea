// DeviationService: deviations and decisions on them. Reads Views; what it changes goes through the writer. gRPC calls
// it from many threads.
#pragma once

#include "daemon/services/support.h"

#include "flosync/v1/deviation_service.grpc.pb.h"

namespace flosync {

class DeviationServer final : public v1::DeviationService::CallbackService {
 public:
  // What `support` points to outlives the service.
  explicit DeviationServer(const ServiceSupport& support) : support_(support) {}

  grpc::ServerUnaryReactor* ListDeviations(grpc::CallbackServerContext* context,
                                           const v1::ListDeviationsRequest* request,
                                           v1::ListDeviationsResponse* response) override;
  grpc::ServerUnaryReactor* GetDeviation(grpc::CallbackServerContext* context, const v1::GetDeviationRequest* request,
                                         v1::GetDeviationResponse* response) override;
  grpc::ServerUnaryReactor* ResolveDeviation(grpc::CallbackServerContext* context,
                                             const v1::ResolveDeviationRequest* request,
                                             v1::ResolveDeviationResponse* response) override;

 private:
  // Stops early once the call is cancelled.
  [[nodiscard]] grpc::Status List(const grpc::CallbackServerContext& context, const v1::ListDeviationsRequest& request,
                                  v1::ListDeviationsResponse& response) const;
  [[nodiscard]] grpc::Status Get(int64_t id, v1::Deviation* out) const;

  const ServiceSupport support_;
};

}  // namespace flosync
