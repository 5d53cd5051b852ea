// DoctorService: one doctor on any day as known at any instant, the records behind it, and all doctors of today.
// Stateless; gRPC calls it from many threads.
#pragma once

#include "daemon/services/support.h"

#include "flosync/v1/doctor_service.grpc.pb.h"

namespace flosync {

// Its stream is handed to gRPC as bytes (paced_stream.h).
using DoctorServiceOfBytes = v1::DoctorService::WithRawCallbackMethod_WatchDoctors<v1::DoctorService::CallbackService>;

class DoctorServer final : public DoctorServiceOfBytes {
 public:
  // What `support` points to outlives the service.
  explicit DoctorServer(const ServiceSupport& support) : support_(support) {}

  grpc::ServerUnaryReactor* GetDoctor(grpc::CallbackServerContext* context, const v1::GetDoctorRequest* request,
                                      v1::GetDoctorResponse* response) override;
  grpc::ServerUnaryReactor* GetDoctorHistory(grpc::CallbackServerContext* context,
                                             const v1::GetDoctorHistoryRequest* request,
                                             v1::GetDoctorHistoryResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchDoctors(grpc::CallbackServerContext* context,
                                                           const grpc::ByteBuffer* request) override;
  grpc::ServerUnaryReactor* ListDoctors(grpc::CallbackServerContext* context, const v1::ListDoctorsRequest* request,
                                        v1::ListDoctorsResponse* response) override;

 private:
  [[nodiscard]] grpc::Status Get(const v1::GetDoctorRequest& request, v1::GetDoctorResponse& response) const;
  [[nodiscard]] grpc::Status GetHistory(const v1::GetDoctorHistoryRequest& request,
                                        v1::GetDoctorHistoryResponse& response) const;
  // Stops early once the call is cancelled.
  [[nodiscard]] grpc::Status List(const grpc::CallbackServerContext& context, const v1::ListDoctorsRequest& request,
                                  v1::ListDoctorsResponse& response) const;

  const ServiceSupport support_;
};

}  // namespace flosync
