// The gate of gRPC: what a call brings along is shown to the Gatekeeper, and its denials become gRPC statuses.
//
// Every handler passes Admit before it does anything, and every answer passes Disclose; a test calls each method of the
// API without credentials and with the wrong ones. Health and reflection are gRPC's own and pass no gate: health is for
// everybody, reflection is shut off where the connection's credentials are made. Of a call that HTTP passes on
// (http_caller.h) the HTTP client's address and certificate count. Thread-safe.
#pragma once

#include <functional>
#include <string_view>

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>

#include "daemon/security/gatekeeper.h"

namespace flosync {

class Guard {
 public:
  // Does not own the gatekeeper.
  explicit Guard(Gatekeeper* gatekeeper) : gatekeeper_(gatekeeper) {}

  // The method is known by its request's type, which is its own (buf lint: RPC_REQUEST_RESPONSE_UNIQUE).
  [[nodiscard]] grpc::Status Admit(const grpc::CallbackServerContext& context, const google::protobuf::Message& request,
                                   Caller& out);
  // The same for what is no call: whether whoever has arrived may ask `method`.
  [[nodiscard]] grpc::Status Admit(const Arrival& arrival, std::string_view method);
  // What the call ends with: `status`, or why the answer may not go out. Numbers of doctors are left out of `response`
  // or the reading of them is in the access log. Tells `done` once, where and when as Gatekeeper has it.
  using Disclosed = std::function<void(const grpc::Status& status)>;
  void Disclose(const Caller& caller, const google::protobuf::Message& request, const grpc::Status& status,
                google::protobuf::Message& response, Disclosed done);
  // The same, waiting for the disk: not on gRPC's threads.
  [[nodiscard]] grpc::Status Disclose(const Caller& caller, const google::protobuf::Message& request,
                                      const grpc::Status& status, google::protobuf::Message& response);

 private:
  Gatekeeper* const gatekeeper_;
};

// How a stream ends when the token it began with expires.
[[nodiscard]] grpc::Status TokenExpired();

}  // namespace flosync
