// AlertService over the store's published state; acknowledgements go through the writer. Thread-safe.
#pragma once

#include "daemon/services/support.h"

#include "flosync/v1/alert_service.grpc.pb.h"

namespace flosync {

// Its stream is handed to gRPC as bytes (paced_stream.h).
using AlertServiceOfBytes = v1::AlertService::WithRawCallbackMethod_WatchAlerts<v1::AlertService::CallbackService>;

class AlertServer final : public AlertServiceOfBytes {
 public:
  // What `support` points to outlives the service.
  explicit AlertServer(const ServiceSupport& support) : support_(support) {}

  grpc::ServerUnaryReactor* ListAlerts(grpc::CallbackServerContext* context, const v1::ListAlertsRequest* request,
                                       v1::ListAlertsResponse* response) override;
  grpc::ServerUnaryReactor* GetAlert(grpc::CallbackServerContext* context, const v1::GetAlertRequest* request,
                                     v1::GetAlertResponse* response) override;
  grpc::ServerUnaryReactor* AcknowledgeAlert(grpc::CallbackServerContext* context,
                                             const v1::AcknowledgeAlertRequest* request,
                                             v1::AcknowledgeAlertResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchAlerts(grpc::CallbackServerContext* context,
                                                          const grpc::ByteBuffer* request) override;

 private:
  [[nodiscard]] grpc::Status List(const grpc::CallbackServerContext& context, const v1::ListAlertsRequest& request,
                                  v1::ListAlertsResponse& response) const;
  [[nodiscard]] grpc::Status Read(int64_t alert_id, v1::Alert* out) const;

  const ServiceSupport support_;
};

}  // namespace flosync
