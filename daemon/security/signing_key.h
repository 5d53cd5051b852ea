// The public keys that tokens are signed with, as a JSON Web Key Set has them (RFC 7517). Values; any thread.
//
// A set is bounded in bytes and keys. Keys that cannot be used are passed over, so that an issuer may publish kinds
// that came later: those without a name (`kid`), for encryption, symmetric ones, private ones, RSA below 2048 bits, and
// curves other than P-256, P-384, P-521 and Ed25519.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

namespace flosync {

inline constexpr size_t kMostKeySetBytes = size_t{256} * 1024;
inline constexpr size_t kMostKeys = 64;

struct SigningKey {
  std::vector<std::string> algorithms;  // those it may verify: "RS256", …; never empty
  std::string jwk;                      // in JSON
};

using SigningKeys = std::map<std::string, SigningKey, std::less<>>;  // by kid

// INVALID_ARGUMENT for a text that is no key set, is too large or holds no key that can be used.
[[nodiscard]] absl::StatusOr<SigningKeys> ParseSigningKeys(std::string_view text);

}  // namespace flosync
