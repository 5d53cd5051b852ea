#include "daemon/services/guard.h"

#include <chrono>
#include <string>
#include <utility>

#include <absl/container/node_hash_map.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/security/auth_context.h>

#include "daemon/services/errors.h"
#include "daemon/services/http_caller.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::chrono::seconds kRetryAfter(1);

std::string FindMethodOf(const google::protobuf::Descriptor* type) {
  for (int s = 0; s < type->file()->service_count(); ++s) {
    const google::protobuf::ServiceDescriptor& service = *type->file()->service(s);
    for (int m = 0; m < service.method_count(); ++m) {
      if (service.method(m)->input_type() == type) return Join(service.full_name(), "/", service.method(m)->name());
    }
  }
  return {};
}

// "flosync.v1.DoctorService/GetDoctor"; empty for a message that no method asks with.
const std::string& MethodOf(const google::protobuf::Message& request) {
  // As many as the API has methods.
  thread_local absl::node_hash_map<const google::protobuf::Descriptor*, std::string> found;
  const auto [method, is_new] = found.try_emplace(request.GetDescriptor());
  if (is_new) method->second = FindMethodOf(request.GetDescriptor());
  return method->second;
}

// The peer ("ipv4:192.0.2.7:40000") without its port.
std::string AddressOf(const std::string& peer) { return peer.substr(0, peer.rfind(':')); }

// The text sent under `name`, and whether there were several.
std::string Take(const grpc::CallbackServerContext& context, const char* name, bool& repeated) {
  const auto [from, to] = context.client_metadata().equal_range(name);
  if (from == to) return {};
  repeated = repeated || std::next(from) != to;
  return {from->second.data(), from->second.size()};
}

Arrival ReadArrival(const grpc::CallbackServerContext& context) {
  Arrival arrival;
  arrival.address = AddressOf(context.peer());
  arrival.authorization = Take(context, "authorization", arrival.repeated_metadata);
  arrival.purpose = Take(context, "flosync-purpose", arrival.repeated_metadata);
  arrival.correlation_id = Take(context, "x-correlation-id", arrival.repeated_metadata);
  if (IsHttpKey(Take(context, kHttpKeyName, arrival.repeated_metadata))) {
    arrival.address = Take(context, kHttpAddress, arrival.repeated_metadata);
    arrival.certificate_pem = Take(context, kHttpCertificate, arrival.repeated_metadata);
    return arrival;
  }
  const auto tls = context.auth_context();
  if (tls && tls->IsPeerAuthenticated()) {
    const auto pem = tls->FindPropertyValues("x509_pem_cert");
    if (pem.size() == 1) arrival.certificate_pem.assign(pem.front().data(), pem.front().size());
  }
  return arrival;
}

grpc::Status Refused(const Denial& denial) {
  ErrorDetails details{.reason = denial.reason, .metadata = {}, .violations = {}, .retry_after = {}};
  if (denial.reason == "TOO_MANY_CALLS" || denial.code == absl::StatusCode::kUnavailable) {
    details.retry_after = kRetryAfter;
  }
  // The codes of absl are those of gRPC, number by number.
  return MakeStatus(static_cast<grpc::StatusCode>(denial.code), denial.text, details);
}

// That nothing is known of a doctor is an answer about the doctor, too.
bool SaysSomething(const grpc::Status& status) {
  return status.ok() || status.error_code() == grpc::StatusCode::NOT_FOUND;
}

}  // namespace

grpc::Status Guard::Admit(const grpc::CallbackServerContext& context, const google::protobuf::Message& request,
                          Caller& out) {
  auto denial = gatekeeper_->Admit(ReadArrival(context), MethodOf(request), out);
  if (!denial) denial = gatekeeper_->CheckQuestion(out, request);
  return denial ? Refused(*denial) : grpc::Status::OK;
}

grpc::Status Guard::Admit(const Arrival& arrival, std::string_view method) {
  Caller caller;
  const auto denial = gatekeeper_->Admit(arrival, method, caller);
  return denial ? Refused(*denial) : grpc::Status::OK;
}

void Guard::Disclose(const Caller& caller, const google::protobuf::Message& request, const grpc::Status& status,
                     google::protobuf::Message& response, Disclosed done) {
  if (!SaysSomething(status)) return done(status);
  gatekeeper_->Disclose(caller, MethodOf(request), request, response,
                        [status, done = std::move(done)](const std::optional<Denial>& denial) {
                          done(denial ? Refused(*denial) : status);
                        });
}

grpc::Status Guard::Disclose(const Caller& caller, const google::protobuf::Message& request, const grpc::Status& status,
                             google::protobuf::Message& response) {
  if (!SaysSomething(status)) return status;
  const auto denial = gatekeeper_->Disclose(caller, MethodOf(request), request, response);
  return denial ? Refused(*denial) : status;
}

grpc::Status TokenExpired() {
  return Refusal(grpc::StatusCode::UNAUTHENTICATED, "TOKEN_EXPIRED",
                 "the token that this stream began with has expired; go on with a new one and the last resume token");
}

}  // namespace flosync
