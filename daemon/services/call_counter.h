// Counts the calls of gRPC by method and code, where their status is sent; methods that are none of ours together, as
// "unknown". Health watches beyond a bound are cancelled, for they pass no gate. Thread-safe.
#pragma once

#include <memory>

#include <grpcpp/support/server_interceptor.h>

#include "daemon/metrics/request_counts.h"

namespace flosync {

// For the builder of a server; `counts` must outlive that.
[[nodiscard]] std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallCounter(
    RequestCounts* counts);

}  // namespace flosync
