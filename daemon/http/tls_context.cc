#include "daemon/http/tls_context.h"

#include <utility>

#include <openssl/sha.h>
#include <spdlog/spdlog.h>

#include "client/tls_files.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr size_t kMostFileBytes = size_t{1} << 20;

absl::StatusOr<std::string> DigestOf(const TlsConfig& config) {
  std::string all;
  for (const std::string& path : {config.certificate, config.key, config.client_ca}) {
    if (path.empty()) continue;
    std::string bytes;
    if (absl::Status read = ReadSmallFile(path, kMostFileBytes, bytes); !read.ok()) return read;
    all += bytes;
  }
  // A key is not kept beside the one in use, so only what tells one set of files from another.
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(all.data()), all.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

bool AskForCertificates(const TlsConfig& config, SSL_CTX* context) {
  if (config.client_ca.empty()) return true;
  if (SSL_CTX_load_verify_locations(context, config.client_ca.c_str(), nullptr) != 1) return false;
  // The list that tells clients which of their certificates would do; the context takes it over.
  SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(config.client_ca.c_str()));
  const bool required = config.client_certificates == ClientCertificates::kRequired;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  return true;
}

absl::StatusOr<std::shared_ptr<SSL_CTX>> MakeContext(const TlsConfig& config) {
  if (absl::Status checked = CheckTlsFiles(config.certificate, config.key); !checked.ok()) return checked;
  if (!config.client_ca.empty()) {
    if (absl::Status checked = CheckAuthorities(config.client_ca); !checked.ok()) return checked;
  }
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  // Sessions are not resumed: each connection shows its certificate anew.
  const bool made = context && SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) == 1 &&
                    SSL_CTX_use_certificate_chain_file(context.get(), config.certificate.c_str()) == 1 &&
                    SSL_CTX_use_PrivateKey_file(context.get(), config.key.c_str(), SSL_FILETYPE_PEM) == 1 &&
                    SSL_CTX_check_private_key(context.get()) == 1 && AskForCertificates(config, context.get()) &&
                    SSL_CTX_set_num_tickets(context.get(), 0) == 1;
  if (!made) {
    return absl::FailedPreconditionError(
        Join(config.certificate, " and ", config.key, " cannot be used for TLS; check both with openssl"));
  }
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  return context;
}

}  // namespace

absl::Status TlsFiles::Load() {
  auto digest = DigestOf(config_);
  if (!digest.ok()) return digest.status();
  if (*digest == loaded_) return absl::OkStatus();
  auto made = MakeContext(config_);
  if (!made.ok()) return made.status();
  context_ = *std::move(made);
  loaded_ = *std::move(digest);
  return absl::OkStatus();
}

absl::StatusOr<TlsFiles> TlsFiles::Open(const TlsConfig& config) {
  TlsFiles files(config);
  if (config.certificate.empty()) return files;
  if (absl::Status loaded = files.Load(); !loaded.ok()) return loaded;
  return files;
}

void TlsFiles::LookAgain() {
  if (config_.certificate.empty()) return;
  const absl::Status loaded = Load();
  const std::string why(loaded.message().data(), loaded.message().size());
  if (!loaded.ok() && why != refused_) spdlog::warn("the files of TLS stay as they were: {}", why);
  refused_ = why;
}

}  // namespace flosync
