#include "daemon/services/call_counter.h"

#include <string>

#include <absl/status/status.h>

namespace flosync {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

class CallCounter final : public Interceptor {
 public:
  CallCounter(RequestCounts* counts, std::string method) : counts_(counts), method_(std::move(method)) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      // The codes of absl are those of gRPC, number by number.
      const auto code = static_cast<absl::StatusCode>(methods->GetSendStatus().error_code());
      counts_->CountCall(method_, absl::StatusCodeToString(code));
    }
    methods->Proceed();
  }

 private:
  RequestCounts* const counts_;
  const std::string method_;
};

class Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(RequestCounts* counts) : counts_(counts) {}
  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    return new CallCounter(counts_, info->method() + 1);  // without the slash; gRPC owns it
  }

 private:
  RequestCounts* const counts_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallCounter(RequestCounts* counts) {
  return std::make_unique<Factory>(counts);
}

}  // namespace flosync
