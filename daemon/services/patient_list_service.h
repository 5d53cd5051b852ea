// PatientListService: the lists and which lack a GP. Stateless; gRPC calls it from many threads.
#pragma once

#include "daemon/services/support.h"

#include "flosync/v1/patient_list_service.grpc.pb.h"

namespace flosync {

class PatientListServer final : public v1::PatientListService::CallbackService {
 public:
  // What `support` points to outlives the service.
  explicit PatientListServer(const ServiceSupport& support) : support_(support) {}

  grpc::ServerUnaryReactor* ListPatientLists(grpc::CallbackServerContext* context,
                                             const v1::ListPatientListsRequest* request,
                                             v1::ListPatientListsResponse* response) override;
  grpc::ServerUnaryReactor* GetPatientList(grpc::CallbackServerContext* context,
                                           const v1::GetPatientListRequest* request,
                                           v1::GetPatientListResponse* response) override;

 private:
  // Stops early once the call is cancelled.
  [[nodiscard]] grpc::Status List(const grpc::CallbackServerContext& context,
                                  const v1::ListPatientListsRequest& request,
                                  v1::ListPatientListsResponse& response) const;
  [[nodiscard]] grpc::Status Get(int64_t contract_id, v1::GetPatientListResponse& response) const;

  const ServiceSupport support_;
};

}  // namespace flosync
