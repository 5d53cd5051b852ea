#include "daemon/services/credentials.h"

#include <string_view>
#include <utility>

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_metadata_processor.h>

#include "daemon/services/reloaded_tls.h"

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

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(const SecurityConfig& security) {
  if (security.tls.certificate.empty() && security.open()) return grpc::InsecureServerCredentials();
  std::shared_ptr<grpc::ServerCredentials> credentials;
  if (security.tls.certificate.empty()) {
    // As plain as the others, but with a place for the processor.
    credentials = grpc::experimental::LocalServerCredentials(LOCAL_TCP);
  } else {
    auto tls = ReloadedTls::Open(security.tls);
    if (!tls.ok()) return tls.status();
    credentials = *std::move(tls);
  }
  if (!security.open() && !security.reflection) {
    credentials->SetAuthMetadataProcessor(std::make_shared<KnownServicesOnly>());
  }
  return credentials;
}

}  // namespace flosync
