#include "daemon/services/http_caller.h"

#include <array>
#include <cstdlib>

#include <absl/strings/escaping.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace flosync {
namespace {

std::string MakeKey() {
  std::array<unsigned char, 32> bits{};
  if (RAND_bytes(bits.data(), static_cast<int>(bits.size())) != 1) std::abort();  // without chance there is no secret
  return absl::BytesToHexString({reinterpret_cast<const char*>(bits.data()), bits.size()});
}

}  // namespace

const std::string& HttpKey() {
  static const std::string key = MakeKey();
  return key;
}

bool IsHttpKey(const std::string& text) {
  const std::string& key = HttpKey();
  return text.size() == key.size() && CRYPTO_memcmp(text.data(), key.data(), key.size()) == 0;
}

}  // namespace flosync
