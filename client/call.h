// One question and its answer, asked again where that helps.
//
//   v1::GetSyncStatusResponse answer;
//   grpc::Status status = client::Call(*stub, &v1::SyncService::Stub::GetSyncStatus, {}, answer, options);
#pragma once

#include <chrono>
#include <cstdint>
#include <type_traits>

#include <grpcpp/grpcpp.h>

#include "client/backoff.h"
#include "client/connection.h"

namespace flosync::client {

// The attempts of one call: how many, how far apart, until when. One thread.
class Attempts {
 public:
  // `options` must outlive this.
  explicit Attempts(const Options& options);

  // Before each attempt: gives `context` credentials and deadline.
  [[nodiscard]] grpc::Status Begin(grpc::ClientContext& context);
  // After it: waits and says that there is to be another one.
  [[nodiscard]] bool Again(const grpc::Status& outcome);

 private:
  const Options& options_;
  const std::chrono::steady_clock::time_point deadline_;
  Backoff backoff_;
  int32_t left_;
};

// Asks up to `options.attempts` times within `options.timeout_ms`, with growing pauses, as long as the outcome may pass
// (MayPass). The status is that of the last attempt, or says which credentials cannot be used. An answer that was lost
// on its way may stand for a change that was made: methods that change something either set what is asked for, so that
// asking twice is asking once, or are to be called with one attempt. Blocks; any thread.
template <typename Stub, typename Request, typename Response>
[[nodiscard]] grpc::Status Call(Stub& stub,
                                grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const std::type_identity_t<Request>& request, Response& response,
                                const Options& options) {
  Attempts attempts(options);
  while (true) {
    grpc::ClientContext context;
    if (grpc::Status begun = attempts.Begin(context); !begun.ok()) return begun;
    response.Clear();
    grpc::Status outcome = (stub.*method)(&context, request, &response);
    if (!attempts.Again(outcome)) return outcome;
  }
}

}  // namespace flosync::client
