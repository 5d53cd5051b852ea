// /api/v1: the methods that read, as JSON. One implementation: a request becomes the message that gRPC asks with, goes
// through the very handlers, and the answer comes back as protobuf's JSON, or as CSV in the columns of exports.
//
// Operation: Ask returns; reading addresses is done at once, answers are written on threads of its own. What can be
// told from an answer's content goes into header fields: ETag of snapshots, Link to the next page. Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <google/protobuf/message.h>
#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include "daemon/http/message.h"
#include "daemon/http/target.h"
#include "daemon/rest/routes.h"
#include "daemon/services/workers.h"

namespace flosync {

class Api {
 public:
  // `channel` leads to the daemon's own server, within the process.
  explicit Api(std::shared_ptr<grpc::Channel> channel);

  void Ask(const HttpRequest& request, const Target& target, const MatchedRoute& matched, HttpHandler::Done done);
  // Runs something that takes a while.
  void Post(Workers::Task task) { writers_.Post(std::move(task)); }

 private:
  static constexpr int kWriters = 2;
  static constexpr std::chrono::seconds kCallDeadline{30};

  const std::shared_ptr<grpc::Channel> channel_;
  Workers writers_;
};

}  // namespace flosync
