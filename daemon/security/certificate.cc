#include "daemon/security/certificate.h"

#include <array>
#include <memory>

#include <absl/strings/escaping.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "domain/text.h"

namespace flosync {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Bio Memory(std::string_view text) { return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free}; }

Certificate ParseCertificate(std::string_view pem) {
  const Bio bio = Memory(pem);
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  ERR_clear_error();
  return certificate;
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

std::optional<PeerCertificate> ReadCertificate(std::string_view pem) {
  const Certificate certificate = ParseCertificate(pem);
  if (!certificate) return std::nullopt;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int length = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), hash.data(), &length) != 1) return std::nullopt;
  const absl::string_view bytes(reinterpret_cast<const char*>(hash.data()), length);
  return PeerCertificate{NamesOf(certificate.get()), absl::WebSafeBase64Escape(bytes)};
}

}  // namespace flosync
