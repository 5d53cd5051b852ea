// IndicatorService: figures and their changes. Stateless; gRPC calls it from many threads.
#pragma once

#include "daemon/services/store_moment.h"
#include "daemon/services/support.h"

#include "flosync/v1/indicator_service.grpc.pb.h"

namespace flosync {

// Its stream is handed to gRPC as bytes (paced_stream.h).
using IndicatorServiceOfBytes =
    v1::IndicatorService::WithRawCallbackMethod_WatchIndicators<v1::IndicatorService::CallbackService>;

class IndicatorServer final : public IndicatorServiceOfBytes {
 public:
  // What `support` points to outlives the service.
  explicit IndicatorServer(const ServiceSupport& support) : support_(support) {}

  grpc::ServerUnaryReactor* QueryIndicators(grpc::CallbackServerContext* context,
                                            const v1::QueryIndicatorsRequest* request,
                                            v1::QueryIndicatorsResponse* response) override;
  grpc::ServerUnaryReactor* ListDefinitions(grpc::CallbackServerContext* context,
                                            const v1::ListDefinitionsRequest* request,
                                            v1::ListDefinitionsResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchIndicators(grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* request) override;

 private:
  [[nodiscard]] grpc::Status Query(const v1::QueryIndicatorsRequest& request,
                                   v1::QueryIndicatorsResponse& response) const;
  [[nodiscard]] grpc::Status QueryPast(const v1::QueryIndicatorsRequest& request, const LastCommit& last,
                                       const View& view, v1::QueryIndicatorsResponse& response) const;
  [[nodiscard]] grpc::Status QueryLive(const v1::QueryIndicatorsRequest& request, const LastCommit& last,
                                       const View& view, v1::QueryIndicatorsResponse& response) const;
  static void Describe(const Definition& definition, v1::Definition& out);

  const ServiceSupport support_;
};

}  // namespace flosync
