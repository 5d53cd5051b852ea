// Passes a question on to the daemon's own gRPC server, within the process: the very handlers, gate and limits that
// everybody meets.
//
// Operation: Forward begins the call and returns; the messages of a stream become one, as protobuf merges them.
// Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include "daemon/http/message.h"

namespace flosync {

struct ForwardedCall {
  std::string method;   // "flosync.v1.SyncService/GetSyncStatus"
  std::string request;  // the message's bytes
  HttpFields metadata;  // printable ASCII; names ending in "-bin" may have any bytes
  std::chrono::system_clock::time_point deadline;
};

// `done` is called once, on a thread of gRPC's, with the status and the bytes of the answer.
void Forward(const std::shared_ptr<grpc::Channel>& channel, const ForwardedCall& call,
             std::function<void(const grpc::Status& status, std::string response)> done);

}  // namespace flosync
