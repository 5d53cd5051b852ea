// How HTTP tells the gate, within the process, whose question it passes on: by metadata that the guard believes where
// the key comes with it, and of nobody else. Thread-safe.
#pragma once

#include <string>

namespace flosync {

// The address as gRPC writes peers, without port, and the certificate verified by TLS, in PEM.
inline constexpr const char* kHttpAddress = "flosync-http-address";
inline constexpr const char* kHttpCertificate = "flosync-http-certificate-bin";

// 256 random bits as hex, made when first asked for and kept in memory only; the value of kHttpKeyName.
inline constexpr const char* kHttpKeyName = "flosync-http-key";
[[nodiscard]] const std::string& HttpKey();
// Takes as long whatever differs.
[[nodiscard]] bool IsHttpKey(const std::string& text);

}  // namespace flosync
