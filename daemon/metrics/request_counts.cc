#include "daemon/metrics/request_counts.h"

namespace flosync {

RequestCounts::RequestCounts()
    : calls_(prometheus::BuildCounter()
                 .Name("flosync_grpc_requests_total")
                 .Help("Calls and streams that have ended, by method and code; those over HTTP included")
                 .Register(registry_)),
      http_(prometheus::BuildCounter()
                .Name("flosync_http_requests_total")
                .Help("Requests over HTTP, by route and status")
                .Register(registry_)) {}

void RequestCounts::CountCall(const std::string& method, const std::string& code) {
  calls_.Add({{"method", method}, {"code", code}}).Increment();
}

void RequestCounts::CountHttp(const std::string& route, int32_t status) {
  http_.Add({{"route", route}, {"code", std::to_string(status)}}).Increment();
}

}  // namespace flosync
