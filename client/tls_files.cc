#include "client/tls_files.h"

#include <cerrno>
#include <fstream>
#include <memory>
#include <string_view>
#include <system_error>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "domain/text.h"

namespace flosync {
namespace {

constexpr size_t kMostPemBytes = 1U << 20;
constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio Memory(std::string_view text) { return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free}; }

Certificate ParseCertificate(std::string_view pem) {
  const Bio bio = Memory(pem);
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  ERR_clear_error();
  return certificate;
}

// Whether each certificate that begins in `pem` can be read.
bool AllParse(std::string_view pem) {
  size_t begun = 0;
  for (size_t at = pem.find(kBegin); at != std::string_view::npos; at = pem.find(kBegin, at + 1)) ++begun;
  const Bio bio = Memory(pem);
  size_t read = 0;
  while (Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free)) ++read;
  ERR_clear_error();
  return read == begun;
}

absl::Status NoCertificate(const std::string& path) {
  return absl::FailedPreconditionError(Join(path, " holds no certificate in PEM"));
}

absl::Status BrokenChain(const std::string& path) {
  return absl::FailedPreconditionError(
      Join(path, " holds a certificate that cannot be read; put the whole file there"));
}

// Nobody is there to type a pass phrase: a locked key is no key.
int NoPassPhrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*unused*/) { return 0; }

PrivateKey ParsePrivateKey(std::string_view pem) {
  const Bio bio = Memory(pem);
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassPhrase, nullptr), EVP_PKEY_free);
  ERR_clear_error();
  return key;
}

}  // namespace

absl::Status ReadSmallFile(const std::string& path, size_t max_bytes, std::string& out) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  out.assign(max_bytes + 1, '\0');
  file.read(out.data(), static_cast<std::streamsize>(out.size()));
  if (!file.is_open() || file.bad()) {
    const int error = errno == 0 ? EIO : errno;
    return absl::Status(absl::ErrnoToStatusCode(error),
                        Join("cannot read ", path, " (", std::generic_category().message(error),
                             "); check the path and who may read it"));
  }
  out.resize(static_cast<size_t>(file.gcount()));
  if (out.size() > max_bytes) {
    return absl::FailedPreconditionError(Join(path, " is larger than ", max_bytes, " bytes; is it the right file?"));
  }
  return absl::OkStatus();
}

absl::Status CheckTlsFiles(const std::string& certificate_path, const std::string& key_path) {
  return ReadTlsPems(certificate_path, key_path, "").status();
}

absl::StatusOr<TlsPems> ReadTlsPems(const std::string& certificate_path, const std::string& key_path,
                                    const std::string& authorities_path) {
  TlsPems pems;
  if (absl::Status read = ReadSmallFile(certificate_path, kMostPemBytes, pems.certificate); !read.ok()) return read;
  if (absl::Status read = ReadSmallFile(key_path, kMostPemBytes, pems.key); !read.ok()) return read;
  const Certificate certificate = ParseCertificate(pems.certificate);
  if (!certificate) return NoCertificate(certificate_path);
  if (!AllParse(pems.certificate)) return BrokenChain(certificate_path);
  const PrivateKey key = ParsePrivateKey(pems.key);
  if (!key) {
    return absl::FailedPreconditionError(Join(key_path, " holds no private key in PEM without a pass phrase"));
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::FailedPreconditionError(Join(key_path, " is not the key of the certificate in ", certificate_path,
                                              "; give the two that belong together"));
  }
  if (authorities_path.empty()) return pems;
  if (absl::Status read = ReadSmallFile(authorities_path, kMostPemBytes, pems.authorities); !read.ok()) return read;
  if (!ParseCertificate(pems.authorities)) return NoCertificate(authorities_path);
  if (!AllParse(pems.authorities)) return BrokenChain(authorities_path);
  return pems;
}

absl::Status CheckAuthorities(const std::string& path) {
  std::string pem;
  if (absl::Status read = ReadSmallFile(path, kMostPemBytes, pem); !read.ok()) return read;
  return ParseCertificate(pem) ? absl::OkStatus() : NoCertificate(path);
}

}  // namespace flosync
