// What is read from X.509 certificates: names and thumbprint. By OpenSSL; pure; any thread. Whether a certificate is to
// be trusted has been decided by the TLS handshake before.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flosync {

struct PeerCertificate {
  // Its subject alternative names: "URI:spiffe://helfo.no/report", "DNS:report.helfo.no". The common name is no name.
  std::vector<std::string> names;
  // SHA-256 of its DER in base64url: x5t#S256 of RFC 8705.
  std::string thumbprint;
};

// Nothing if it is not a certificate in PEM.
[[nodiscard]] std::optional<PeerCertificate> ReadCertificate(std::string_view pem);

}  // namespace flosync
