#include "daemon/services/call_counter.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <grpcpp/server_context.h>

#include "daemon/security/authorizer.h"

namespace flosync {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

constexpr std::string_view kHealthWatch = "grpc.health.v1.Health/Watch";
// Health watches of everybody together: they stay open as long as clients like, and pass no gate.
constexpr int kMaxHealthWatches = 1000;

// What callers write as a method is no label: only names that are ours or the library's are.
std::string LabelOf(std::string_view method) {
  constexpr auto kOthers = std::to_array<std::string_view>(
      {"grpc.health.v1.Health/Check", kHealthWatch, "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"});
  const bool known = RequiredScope(method).has_value() || std::ranges::find(kOthers, method) != kOthers.end();
  return known ? std::string(method) : "unknown";
}

class CallCounter final : public Interceptor {
 public:
  CallCounter(RequestCounts* counts, ServerRpcInfo* info, std::atomic<int>* health_watches)
      : counts_(counts), info_(info), method_(LabelOf(info->method() + 1)), health_watches_(health_watches) {
    if (watches_health()) too_many_ = ++*health_watches_ > kMaxHealthWatches;
  }
  ~CallCounter() override {
    if (watches_health()) --*health_watches_;
  }
  CallCounter(const CallCounter&) = delete;
  CallCounter& operator=(const CallCounter&) = delete;

  void Intercept(InterceptorBatchMethods* methods) override {
    if (too_many_ && methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      info_->server_context()->TryCancel();
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      // The codes of absl are those of gRPC, number by number.
      const auto code = static_cast<absl::StatusCode>(methods->GetSendStatus().error_code());
      counts_->CountCall(method_, absl::StatusCodeToString(code));
    }
    methods->Proceed();
  }

 private:
  [[nodiscard]] bool watches_health() const { return method_ == kHealthWatch; }

  RequestCounts* const counts_;
  ServerRpcInfo* const info_;
  const std::string method_;
  std::atomic<int>* const health_watches_;
  bool too_many_ = false;
};

class Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  explicit Factory(RequestCounts* counts) : counts_(counts) {}
  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    return new CallCounter(counts_, info, &health_watches_);  // gRPC owns it
  }

 private:
  RequestCounts* const counts_;
  std::atomic<int> health_watches_ = 0;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> MakeCallCounter(RequestCounts* counts) {
  return std::make_unique<Factory>(counts);
}

}  // namespace flosync
