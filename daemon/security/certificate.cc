#include "daemon/security/certificate.h"

#include <array>
#include <cerrno>
#include <fstream>
#include <memory>
#include <system_error>

#include <absl/strings/escaping.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "domain/text.h"

namespace flosync {
namespace {

constexpr size_t kMostPemBytes = 1U << 20;

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

// Nobody is there to type a pass phrase: a locked key is no key.
int NoPassPhrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*unused*/) { return 0; }

PrivateKey ParsePrivateKey(std::string_view pem) {
  const Bio bio = Memory(pem);
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassPhrase, nullptr), EVP_PKEY_free);
  ERR_clear_error();
  return key;
}

// Nothing for kinds of names that say nothing here, and for names with a zero byte, which others may read as ending
// there.
std::optional<std::string> NameOf(const GENERAL_NAME& name) {
  if (name.type != GEN_URI && name.type != GEN_DNS) return std::nullopt;
  const ASN1_IA5STRING* text = name.type == GEN_URI ? name.d.uniformResourceIdentifier : name.d.dNSName;
  const std::string value(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                          static_cast<size_t>(ASN1_STRING_length(text)));
  if (value.empty() || value.find('\0') != std::string::npos) return std::nullopt;
  return Join(name.type == GEN_URI ? "URI:" : "DNS:", value);
}

std::vector<std::string> NamesOf(const X509* certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    if (auto name = NameOf(*sk_GENERAL_NAME_value(all.get(), i))) names.push_back(*std::move(name));
  }
  return names;
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

std::optional<PeerCertificate> ReadCertificate(std::string_view pem) {
  const Certificate certificate = ParseCertificate(pem);
  if (!certificate) return std::nullopt;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int length = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), hash.data(), &length) != 1) return std::nullopt;
  const absl::string_view bytes(reinterpret_cast<const char*>(hash.data()), length);
  return PeerCertificate{NamesOf(certificate.get()), absl::WebSafeBase64Escape(bytes)};
}

absl::Status CheckTlsFiles(const std::string& certificate_path, const std::string& key_path) {
  std::string certificate_pem;
  std::string key_pem;
  if (absl::Status read = ReadSmallFile(certificate_path, kMostPemBytes, certificate_pem); !read.ok()) return read;
  if (absl::Status read = ReadSmallFile(key_path, kMostPemBytes, key_pem); !read.ok()) return read;
  const Certificate certificate = ParseCertificate(certificate_pem);
  if (!certificate) return absl::FailedPreconditionError(Join(certificate_path, " holds no certificate in PEM"));
  const PrivateKey key = ParsePrivateKey(key_pem);
  if (!key) {
    return absl::FailedPreconditionError(Join(key_path, " holds no private key in PEM without a pass phrase"));
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    ERR_clear_error();
    return absl::FailedPreconditionError(Join(key_path, " is not the key of the certificate in ", certificate_path,
                                              "; give the two that belong together"));
  }
  return absl::OkStatus();
}

absl::Status CheckAuthorities(const std::string& path) {
  std::string pem;
  if (absl::Status read = ReadSmallFile(path, kMostPemBytes, pem); !read.ok()) return read;
  if (!ParseCertificate(pem)) return absl::FailedPreconditionError(Join(path, " holds no certificate in PEM"));
  return absl::OkStatus();
}

}  // namespace flosync
