// The gRPC server: all services, health (grpc.health.v1) and reflection on one port.
//
// Operation: Start listens and returns. Unary calls and streams read the store through Views on two small pools of
// threads, so neither the writer nor gRPC ever waits for a reader. Shutdown lets clients know first, then ends streams,
// then stops. Concurrency: Start, Shutdown and the destructor by the owner's thread; the rest from any. Loopback
// without TLS and without callers' names is open; every other address needs TLS, and callers who say who they are.
//
//   auto server = GrpcServer::Start({.address = "127.0.0.1:0", .access_log = path}, &publication, &commands);
//   (*server)->address();  // "127.0.0.1:41873"
//   (*server)->Shutdown(std::chrono::system_clock::now() + 5s);
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include "daemon/metrics/page.h"
#include "daemon/metrics/request_counts.h"
#include "daemon/publication.h"
#include "daemon/security/gatekeeper.h"
#include "daemon/security/security_config.h"
#include "daemon/services/connection_acceptor.h"
#include "daemon/sync_operations.h"
#include "daemon/writer_commands.h"

namespace flosync {

struct ServerOptions {
  std::string address = "127.0.0.1:0";  // HOST:PORT; port 0 picks a free one
  SecurityConfig security;
  std::string access_log;  // the file; needed
  int32_t max_receive_message_bytes = 4 << 20;
  // Open streams, of all clients and of one; more are refused with RESOURCE_EXHAUSTED.
  int32_t max_streams = 1000;
  int32_t max_streams_per_client = 100;
  // Calls waiting for a thread; more are refused with RESOURCE_EXHAUSTED.
  int32_t max_queued_calls = 1000;
  // Rows of a page of QueryIndicators, and entries of a page of the other lists.
  int32_t max_figure_page_rows = 10'000;
  int32_t max_list_page_entries = 1000;
  int32_t call_threads = 2;
  int32_t stream_threads = 2;
  // After this long without a sign of life a client is asked for one, and given up if none comes.
  std::chrono::milliseconds keepalive_interval = std::chrono::seconds(60);
  std::chrono::milliseconds keepalive_timeout = std::chrono::seconds(20);
  // A connection without any call for so long is ended.
  std::chrono::milliseconds idle_limit = std::chrono::minutes(5);
  ConnectionLimits connections;
  // What operators can ask of the daemon; what it points to outlives the server.
  SyncOperations operations;
};

class GrpcServer {
 public:
  // INVALID_ARGUMENT for an address that is none, or not of loopback where TLS or callers' names are missing;
  // UNAVAILABLE if it cannot be listened on; errors of the files of TLS and keys, and of the access log. The
  // publication and the commands must outlive the server, and whoever carries them out must have closed them before the
  // server shuts down.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const ServerOptions& options,
                                                                         Publication* publication,
                                                                         WriterCommands* commands);
  // Shuts down at once.
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  [[nodiscard]] int port() const;
  // HOST:PORT as clients reach it.
  [[nodiscard]] std::string address() const;
  // Streams that are open, for status and tests.
  [[nodiscard]] int32_t open_streams() const;

  // For HTTP. A channel to this server within the process; calls over it pass the same gate.
  [[nodiscard]] std::shared_ptr<grpc::Channel> InProcessChannel();
  // Whether health is SERVING.
  [[nodiscard]] bool serving() const;
  // Whether whoever has arrived may ask `method`, e.g. "flosync.v1.SyncService/GetSyncStatus".
  [[nodiscard]] grpc::Status Admit(const Arrival& arrival, std::string_view method);
  [[nodiscard]] RequestCounts& request_counts();
  // What metrics tell; what the store cannot tell is left out. Reads the store, so not on threads that others wait for.
  [[nodiscard]] MetricsInput Measure();

  // Health goes to NOT_SERVING; streams end with UNAVAILABLE after the message under way; other calls may finish. What
  // has not ended at the deadline is cancelled. A second call does nothing.
  void Shutdown(std::chrono::system_clock::time_point deadline);

 private:
  struct Parts;
  explicit GrpcServer(std::unique_ptr<Parts> parts);
  [[nodiscard]] absl::Status Listen(const ServerOptions& options, const std::string& host);
  [[nodiscard]] absl::Status Build(const ServerOptions& options);

  std::unique_ptr<Parts> parts_;
};

}  // namespace flosync
