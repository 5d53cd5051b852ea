#include "daemon/services/credentials.h"

#include <string_view>
#include <utility>

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include "client/tls_files.h"

namespace flosync {
namespace {

// Lets calls of our own services and of health through, and nothing that a library adds by itself. Reflection is added
// by being linked, and would give everybody threads for as long as they like.
class KnownServicesOnly : public grpc::AuthMetadataProcessor {
 public:
  [[nodiscard]] bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* /*context*/, OutputMetadata* /*consumed*/,
                       OutputMetadata* /*response*/) override {
    const auto path = metadata.find(":path");
    if (path != metadata.end()) {
      const std::string_view method(path->second.data(), path->second.size());
      if (method.starts_with("/flosync.v1.") || method.starts_with("/grpc.health.v1.")) return grpc::Status::OK;
    }
    return {grpc::StatusCode::UNIMPLEMENTED, "there is no such service here; its operator may have switched it off"};
  }
};

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTls(const TlsConfig& tls) {
  // The library would listen all the same, and refuse every connection.
  if (absl::Status checked = CheckTlsFiles(tls.certificate, tls.key); !checked.ok()) return checked;
  const bool asks_clients = !tls.client_ca.empty();
  if (asks_clients) {
    if (absl::Status checked = CheckAuthorities(tls.client_ca); !checked.ok()) return checked;
  }
  auto files = std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      tls.key, tls.certificate, tls.client_ca, static_cast<unsigned int>(tls.reload_seconds));
  grpc::experimental::TlsServerCredentialsOptions options(std::move(files));
  options.watch_identity_key_cert_pairs();
  options.set_check_call_host(false);
  options.set_cert_request_type(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  if (asks_clients) {
    options.watch_root_certs();
    options.set_cert_request_type(tls.client_certificates == ClientCertificates::kRequired
                                      ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                      : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(options);
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(const SecurityConfig& security) {
  if (security.tls.certificate.empty() && security.open()) return grpc::InsecureServerCredentials();
  std::shared_ptr<grpc::ServerCredentials> credentials;
  if (security.tls.certificate.empty()) {
    // As plain as the others, but with a place for the processor.
    credentials = grpc::experimental::LocalServerCredentials(LOCAL_TCP);
  } else {
    auto tls = MakeTls(security.tls);
    if (!tls.ok()) return tls.status();
    credentials = *std::move(tls);
  }
  if (!security.open() && !security.reflection) {
    credentials->SetAuthMetadataProcessor(std::make_shared<KnownServicesOnly>());
  }
  return credentials;
}

}  // namespace flosync
