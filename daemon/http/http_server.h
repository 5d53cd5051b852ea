// An HTTP/1.1 server that nobody can hold up: every connection, wait, header and answer has its bound.
//
// Operation: one thread drives all connections. A request has to arrive whole, header and all, before its deadline, and
// only then is the handler asked; bodies are not taken. When there are as many connections as may be, the one that has
// waited longest without having asked is closed for a new one, so that slow ones are in nobody's way but their own. TLS
// is as gRPC has it: the same files, read again when they change. Concurrency: Start, BeginShutdown and the destructor
// by the owner's thread, address from any. Limitations: GET and HEAD only, no compression, no HTTP/2.
//
//   auto server = HttpServer::Start({.address = "127.0.0.1:0"}, &handler);
//   (*server)->address();  // "127.0.0.1:41873"
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <absl/status/statusor.h>

#include "daemon/http/message.h"
#include "daemon/security/security_config.h"

namespace flosync {

struct HttpOptions {
  std::string address = "127.0.0.1:0";  // HOST:PORT; port 0 picks a free one
  TlsConfig tls;
  int32_t max_connections = 256;
  int32_t max_header_bytes = 16'384;            // request line and header fields
  int64_t max_answer_bytes = int64_t{1} << 28;  // of all answers that are made and not yet sent
  // For the handshake, and for a whole request from its first byte.
  std::chrono::milliseconds request_deadline = std::chrono::seconds(10);
  std::chrono::milliseconds answer_deadline = std::chrono::seconds(60);  // for sending an answer
  std::chrono::milliseconds idle_limit = std::chrono::seconds(60);       // between two requests
};

class HttpServer {
 public:
  // UNAVAILABLE if the address cannot be listened on; errors of the files of TLS. The handler must outlive the server.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpOptions& options,
                                                                         HttpHandler* handler);
  // Ends every connection, once the handler has answered what it was asked.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // HOST:PORT as clients reach it.
  [[nodiscard]] std::string address() const;
  // No new connections or requests; what has been asked is still answered.
  void BeginShutdown();

 private:
  class Engine;
  explicit HttpServer(std::unique_ptr<Engine> engine);

  std::unique_ptr<Engine> engine_;
};

}  // namespace flosync
