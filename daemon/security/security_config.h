// The settings of who may ask what; see flosync config example for what each means. A value.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace flosync {

enum class ClientCertificates : uint8_t { kRequired = 0, kOptional = 1 };

struct TlsConfig {
  std::string certificate;  // PEM file; empty = no TLS
  std::string key;
  std::string client_ca;  // empty = clients are not asked for certificates
  ClientCertificates client_certificates = ClientCertificates::kRequired;
  int32_t reload_seconds = 10;
  bool operator==(const TlsConfig&) const = default;
};

struct TokensConfig {
  std::string issuer;  // empty = no tokens are taken
  std::string audience;
  std::string keys;  // file or URL
  std::string organisation_claim = "helseid://claims/client/claims/orgnr_parent";
  int32_t leeway_seconds = 30;
  int32_t keys_refresh_seconds = 300;
  bool operator==(const TokensConfig&) const = default;
};

struct SecurityConfig {
  TlsConfig tls;
  // By name of the certificate ("URI:…" or "DNS:…"): the organisation and the scopes, e.g. "974760673
  // flosync:lists.read".
  std::map<std::string, std::string> clients;
  TokensConfig tokens;
  std::string access_log;  // empty = access_log.ndjson in the state directory
  int32_t max_calls_per_second = 100;
  int32_t max_metadata_bytes = 16'384;
  bool reflection = false;
  bool operator==(const SecurityConfig&) const = default;

  // Nobody is asked who they are; only ever so on loopback.
  [[nodiscard]] bool open() const { return clients.empty() && tokens.issuer.empty(); }
};

}  // namespace flosync
