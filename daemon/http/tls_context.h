// The TLS of HTTP, by the same files and rules as that of gRPC: 1.2 and 1.3, client certificates as configured, files
// read again when they change. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <openssl/ssl.h>

#include "daemon/security/security_config.h"

namespace flosync {

class TlsFiles {
 public:
  // Errors name the file that is wrong. Without a certificate in `config` there is no TLS, and current() is null.
  [[nodiscard]] static absl::StatusOr<TlsFiles> Open(const TlsConfig& config);

  // For new connections; those that stand keep what they began with.
  [[nodiscard]] SSL_CTX* current() const { return context_.get(); }
  // Takes the files if they have changed and fit together; until they do the ones before stay, and the log says why.
  void LookAgain();

 private:
  explicit TlsFiles(TlsConfig config) : config_(std::move(config)) {}
  [[nodiscard]] absl::Status Load();

  TlsConfig config_;
  std::string loaded_;   // SHA-256 of the files in use
  std::string refused_;  // why the newest could not be taken; told of once
  std::shared_ptr<SSL_CTX> context_;
};

}  // namespace flosync
