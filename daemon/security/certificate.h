// What is read from X.509 certificates: names, thumbprint, and whether files fit together. By OpenSSL; pure but for the
// reading of files; any thread. Whether a certificate is to be trusted has been decided by the TLS handshake before.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

namespace flosync {

struct PeerCertificate {
  // Its subject alternative names: "URI:spiffe://helfo.no/report", "DNS:report.helfo.no". The common name is no name.
  std::vector<std::string> names;
  // SHA-256 of its DER in base64url: x5t#S256 of RFC 8705.
  std::string thumbprint;
};

// Nothing if it is not a certificate in PEM.
[[nodiscard]] std::optional<PeerCertificate> ReadCertificate(std::string_view pem);

// Whether the files hold a certificate and its private key. FAILED_PRECONDITION or NOT_FOUND says which file is wrong,
// and nothing of its content.
[[nodiscard]] absl::Status CheckTlsFiles(const std::string& certificate_path, const std::string& key_path);
// Whether the file holds certificates of authorities.
[[nodiscard]] absl::Status CheckAuthorities(const std::string& path);

// The bytes of a file of at most `max_bytes`.
[[nodiscard]] absl::Status ReadSmallFile(const std::string& path, size_t max_bytes, std::string& out);

}  // namespace flosync
