#include "daemon/services/reloaded_tls.h"

#include <string_view>
#include <utility>

#include <grpc/grpc.h>
#include <grpc/slice.h>
#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/support/string_ref.h>
#include <spdlog/spdlog.h>

namespace flosync {
namespace {

using Processor = std::shared_ptr<grpc::AuthMetadataProcessor>;

grpc_ssl_client_certificate_request_type RequestOf(const TlsConfig& config) {
  if (config.client_ca.empty()) return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
  return config.client_certificates == ClientCertificates::kRequired
             ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
             : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
}

grpc_ssl_server_certificate_config* MakeCertificateConfig(const TlsPems& pems) {
  const grpc_ssl_pem_key_cert_pair pair{pems.key.c_str(), pems.certificate.c_str()};
  // gRPC wants authorities also where it asks no client for a certificate; then nobody looks at them.
  const std::string& authorities = pems.authorities.empty() ? pems.certificate : pems.authorities;
  return grpc_ssl_server_certificate_config_create(authorities.c_str(), &pair, 1);
}

grpc::string_ref TextOf(const grpc_slice& slice) {
  return {reinterpret_cast<const char*>(GRPC_SLICE_START_PTR(slice)), GRPC_SLICE_LENGTH(slice)};
}

void Process(void* state, grpc_auth_context* /*context*/, const grpc_metadata* sent, size_t count,
             grpc_process_auth_metadata_done_cb done, void* user_data) {
  grpc::AuthMetadataProcessor::InputMetadata metadata;
  for (size_t i = 0; i < count; ++i) metadata.emplace(TextOf(sent[i].key), TextOf(sent[i].value));
  grpc::AuthMetadataProcessor::OutputMetadata consumed;
  grpc::AuthMetadataProcessor::OutputMetadata response;
  const grpc::Status status = (*static_cast<Processor*>(state))->Process(metadata, nullptr, &consumed, &response);
  done(user_data, nullptr, 0, nullptr, 0, static_cast<grpc_status_code>(status.error_code()),
       status.error_message().c_str());
}

void Destroy(void* state) { delete static_cast<Processor*>(state); }

}  // namespace

ReloadedTls::ReloadedTls(const TlsConfig& config)
    : config_(config),
      credentials_(grpc_ssl_server_credentials_create_with_options(
          grpc_ssl_server_credentials_create_options_using_config_fetcher(RequestOf(config), Fetch, this))) {}

ReloadedTls::~ReloadedTls() { grpc_server_credentials_release(credentials_); }

absl::StatusOr<std::shared_ptr<ReloadedTls>> ReloadedTls::Open(const TlsConfig& config) {
  auto pems = ReadTlsPems(config.certificate, config.key, config.client_ca);
  if (!pems.ok()) return pems.status();
  auto made = std::shared_ptr<ReloadedTls>(new ReloadedTls(config));
  made->current_ = *std::move(pems);
  made->next_look_ = std::chrono::steady_clock::now() + std::chrono::seconds(config.reload_seconds);
  return made;
}

void ReloadedTls::SetAuthMetadataProcessor(const Processor& processor) {
  grpc_server_credentials_set_auth_metadata_processor(credentials_, {Process, Destroy, new Processor(processor)});
}

int ReloadedTls::AddPortToServer(const std::string& address, grpc_server* server) {
  return grpc_server_add_http2_port(server, address.c_str(), credentials_);
}

grpc_ssl_certificate_config_reload_status ReloadedTls::Fetch(void* self, grpc_ssl_server_certificate_config** out) {
  return static_cast<ReloadedTls*>(self)->LookAgain(out);
}

grpc_ssl_certificate_config_reload_status ReloadedTls::LookAgain(grpc_ssl_server_certificate_config** out) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (handed_over_) {
    if (now < next_look_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    next_look_ = now + std::chrono::seconds(config_.reload_seconds);
    auto pems = ReadTlsPems(config_.certificate, config_.key, config_.client_ca);
    const std::string why(pems.status().message().data(), pems.status().message().size());
    if (!pems.ok() && why != refused_) spdlog::warn("gRPC's files of TLS stay as they were: {}", why);
    refused_ = why;
    if (!pems.ok() || *pems == current_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    current_ = *std::move(pems);
    spdlog::info("gRPC shows the certificate that is in the files of TLS now");
  }
  handed_over_ = true;
  *out = MakeCertificateConfig(current_);
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

}  // namespace flosync
