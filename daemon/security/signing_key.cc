#include "daemon/security/signing_key.h"

#include <rhonabwy.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "domain/text.h"

namespace flosync {
namespace {

constexpr unsigned int kLeastRsaBits = 2048;

using Json = std::unique_ptr<json_t, decltype(&json_decref)>;
using Text = std::unique_ptr<char, decltype(&std::free)>;

std::string_view TextOf(const json_t* object, const char* name) {
  const json_t* value = json_object_get(object, name);
  return json_is_string(value) ? std::string_view(json_string_value(value), json_string_length(value))
                               : std::string_view();
}

// Of one kind of key; empty = none that we take.
std::vector<std::string> AlgorithmsOf(json_t* jwk) {
  unsigned int bits = 0;
  const int type = r_jwk_key_type(jwk, &bits, R_FLAG_IGNORE_REMOTE);
  if ((type & R_KEY_TYPE_PUBLIC) == 0) return {};
  if ((type & R_KEY_TYPE_RSA) != 0) {
    if (bits < kLeastRsaBits) return {};
    return {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"};
  }
  const std::string_view curve = TextOf(jwk, "crv");
  if ((type & R_KEY_TYPE_EC) != 0) {
    if (curve == "P-256") return {"ES256"};
    if (curve == "P-384") return {"ES384"};
    if (curve == "P-521") return {"ES512"};
  }
  if ((type & R_KEY_TYPE_EDDSA) != 0 && curve == "Ed25519") return {"EdDSA"};
  return {};
}

// Nothing for a key that is passed over.
std::optional<SigningKey> ReadKey(json_t* jwk) {
  if (!json_is_object(jwk) || TextOf(jwk, "kid").empty() || r_jwk_is_valid(jwk) != RHN_OK) return std::nullopt;
  if (json_object_get(jwk, "use") != nullptr && TextOf(jwk, "use") != "sig") return std::nullopt;
  SigningKey key{.algorithms = AlgorithmsOf(jwk), .jwk = {}};
  // An issuer may say that a key is for one algorithm only.
  if (json_object_get(jwk, "alg") != nullptr) {
    const std::string only(TextOf(jwk, "alg"));
    const bool known = std::ranges::find(key.algorithms, only) != key.algorithms.end();
    key.algorithms = known ? std::vector{only} : std::vector<std::string>{};
  }
  if (key.algorithms.empty()) return std::nullopt;
  const Text text(json_dumps(jwk, JSON_COMPACT), std::free);
  key.jwk = text.get();
  return key;
}

}  // namespace

absl::StatusOr<SigningKeys> ParseSigningKeys(std::string_view text) {
  if (text.size() > kMostKeySetBytes) {
    return absl::InvalidArgumentError(Join("the key set is larger than ", kMostKeySetBytes, " bytes"));
  }
  const Json root(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr), json_decref);
  json_t* list = root ? json_object_get(root.get(), "keys") : nullptr;
  if (!json_is_array(list)) return absl::InvalidArgumentError("it is not a JSON Web Key Set: {\"keys\": […]}");
  if (json_array_size(list) > kMostKeys) {
    return absl::InvalidArgumentError(Join("the key set holds more than ", kMostKeys, " keys"));
  }
  SigningKeys keys;
  for (size_t i = 0; i < json_array_size(list); ++i) {
    json_t* jwk = json_array_get(list, i);
    auto key = ReadKey(jwk);
    if (!key) continue;
    // Which of two is meant could not be told.
    if (!keys.emplace(TextOf(jwk, "kid"), *std::move(key)).second) {
      return absl::InvalidArgumentError("the key set has two keys of one kid");
    }
  }
  if (keys.empty()) return absl::InvalidArgumentError("the key set holds no public key for signatures with a kid");
  return keys;
}

}  // namespace flosync
