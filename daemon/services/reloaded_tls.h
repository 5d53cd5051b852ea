// The TLS of gRPC: files that are read again when they change, and taken only if they fit together.
//
// Each handshake may look at the files, at most every TlsConfig::reload_seconds. Files that cannot be used change
// nothing: the ones before stay, and the log says why. gRPC's own watcher of files takes a certificate without its key,
// and then refuses every connection.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include <absl/status/statusor.h>
#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>

#include "client/tls_files.h"
#include "daemon/security/security_config.h"

namespace flosync {

// Has to outlive the servers that use it.
class ReloadedTls final : public grpc::ServerCredentials {
 public:
  // Errors name the file that is wrong.
  [[nodiscard]] static absl::StatusOr<std::shared_ptr<ReloadedTls>> Open(const TlsConfig& config);
  ~ReloadedTls() override;
  ReloadedTls(const ReloadedTls&) = delete;
  ReloadedTls& operator=(const ReloadedTls&) = delete;

  // `processor` must not block.
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>& processor) override;

 private:
  explicit ReloadedTls(const TlsConfig& config);
  int AddPortToServer(const std::string& address, grpc_server* server) override;
  // For gRPC, at each handshake and once at the start.
  [[nodiscard]] static grpc_ssl_certificate_config_reload_status Fetch(void* self,
                                                                       grpc_ssl_server_certificate_config** out);
  [[nodiscard]] grpc_ssl_certificate_config_reload_status LookAgain(grpc_ssl_server_certificate_config** out);

  const TlsConfig config_;
  grpc_server_credentials* const credentials_;
  std::mutex mutex_;
  TlsPems current_;
  bool handed_over_ = false;
  std::string refused_;  // why the newest files could not be taken; told of once
  std::chrono::steady_clock::time_point next_look_;
};

}  // namespace flosync
