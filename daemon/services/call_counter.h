// Counts the calls of gRPC by method and code, where their status is sent. Thread-safe.
#pragma once

#include <memory>

#include <grpcpp/support/server_interceptor.h>

#include "daemon/metrics/request_counts.h"

namespace flosync {

// For the builder of a server; `counts` must outlive that.
[[nodiscard]] std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallCounter(
    RequestCounts* counts);

}  // namespace flosync
