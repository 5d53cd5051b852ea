// A connection to a daemon: where it is, how it is reached, and who asks.
//
//   client::Options options{.address = "flosync.example.no:7401", .tls_ca = "/etc/flosync/ca.pem"};
//   auto stub = v1::SyncService::NewStub(client::Connect(options));
//
// Values and functions of any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <grpcpp/grpcpp.h>

namespace flosync::client {

struct Options {
  std::string address = "127.0.0.1:7401";  // HOST:PORT
  int32_t timeout_ms = 10'000;             // for one answer, all attempts together; for the first message of a watch
  int32_t attempts = 4;                    // of a call that was refused for the moment; 1 = it is not repeated
  std::string tls_ca = {};      // authorities of the daemon's certificate; "system" = this machine's; empty = no TLS
  std::string tls_cert = {};    // file of the client's own certificate; empty = none
  std::string tls_key = {};     // file of its private key
  std::string token_file = {};  // file of a bearer token, read for every call, so that it can be renewed
  std::string token = {};       // the token itself, where there is no file
  std::string purpose = {};     // what doctors are read for, as the access log notes it
};

// A channel that connects when it is first used. Never by way of an HTTP proxy: daemons are in the operator's own
// network.
[[nodiscard]] std::shared_ptr<grpc::Channel> Connect(const Options& options);

// Puts token and purpose of `options` into `context`. INVALID_ARGUMENT or another code if they or the files of TLS
// cannot be used, or if the token would go over a connection that others can listen to.
[[nodiscard]] grpc::Status AddCredentials(grpc::ClientContext& context, const Options& options);

}  // namespace flosync::client
