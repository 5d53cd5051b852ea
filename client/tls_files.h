// The files of TLS: certificates, keys, authorities, whether they fit together. By OpenSSL; any thread.
#pragma once

#include <cstddef>
#include <string>

#include <absl/status/status.h>

namespace flosync {

// Whether the files hold a certificate and its private key. FAILED_PRECONDITION or NOT_FOUND says which file is wrong,
// and nothing of its content.
[[nodiscard]] absl::Status CheckTlsFiles(const std::string& certificate_path, const std::string& key_path);
// Whether the file holds certificates of authorities.
[[nodiscard]] absl::Status CheckAuthorities(const std::string& path);

// The bytes of a file of at most `max_bytes`.
[[nodiscard]] absl::Status ReadSmallFile(const std::string& path, size_t max_bytes, std::string& out);

}  // namespace flosync
