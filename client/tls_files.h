// The files of TLS: certificates, keys, authorities, whether they fit together. By OpenSSL; any thread.
#pragma once

#include <cstddef>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

namespace flosync {

// The bytes of the files, read once and found to fit together.
struct TlsPems {
  std::string certificate;  // and those of the authorities between, if any
  std::string key;
  std::string authorities;  // of the other side; empty = none
  bool operator==(const TlsPems&) const = default;
};

// FAILED_PRECONDITION or NOT_FOUND says which file is wrong, and nothing of its content. Without a path of authorities
// there are none.
[[nodiscard]] absl::StatusOr<TlsPems> ReadTlsPems(const std::string& certificate_path, const std::string& key_path,
                                                  const std::string& authorities_path);
// Whether the files hold a certificate and its private key; errors as above.
[[nodiscard]] absl::Status CheckTlsFiles(const std::string& certificate_path, const std::string& key_path);
// Whether the file holds certificates of authorities.
[[nodiscard]] absl::Status CheckAuthorities(const std::string& path);

// The bytes of a file of at most `max_bytes`.
[[nodiscard]] absl::Status ReadSmallFile(const std::string& path, size_t max_bytes, std::string& out);

}  // namespace flosync
