// Keys and tokens made for tests of who may ask what.
#pragma once

#include <rhonabwy.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <absl/strings/escaping.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "domain/text.h"

namespace flosync {

// A pair of keys in JSON; made once for each kind, since RSA takes its time.
struct TestKey {
  std::string private_jwk;
  std::string public_jwk;

  static TestKey Make(int type, unsigned int bits, const char* kid) {
    jwk_t* secret = nullptr;
    jwk_t* known = nullptr;
    EXPECT_EQ(r_jwk_init(&secret), RHN_OK);
    EXPECT_EQ(r_jwk_init(&known), RHN_OK);
    EXPECT_EQ(r_jwk_generate_key_pair(secret, known, type, bits, kid), RHN_OK);
    TestKey key{Text(secret), Text(known)};
    r_jwk_free(secret);
    r_jwk_free(known);
    return key;
  }
  static const TestKey& Rsa() {
    static const TestKey kKey = Make(R_KEY_TYPE_RSA, 2048, "rsa");
    return kKey;
  }
  static const TestKey& Curve() {
    static const TestKey kKey = Make(R_KEY_TYPE_EC, 256, "curve");
    return kKey;
  }

 private:
  static std::string Text(jwk_t* jwk) {
    char* text = json_dumps(jwk, JSON_COMPACT);
    std::string copy(text);
    std::free(text);
    return copy;
  }
};

inline std::string KeySetOf(std::initializer_list<std::string_view> jwks) {
  std::string list;
  for (const std::string_view jwk : jwks) list += Join(list.empty() ? "" : ",", jwk);
  return Join("{\"keys\":[", list, "]}");
}

// The token with the header and claims as given, signed by the algorithm that the header names.
inline std::string SignToken(const std::string& header, const std::string& claims, const TestKey& key) {
  jwt_t* jwt = nullptr;
  jwk_t* jwk = nullptr;
  EXPECT_EQ(r_jwt_init(&jwt), RHN_OK);
  EXPECT_EQ(r_jwk_init(&jwk), RHN_OK);
  EXPECT_EQ(r_jwk_import_from_json_str(jwk, key.private_jwk.c_str()), RHN_OK);
  EXPECT_EQ(r_jwt_set_full_header_json_str(jwt, header.c_str()), RHN_OK) << header;
  EXPECT_EQ(r_jwt_set_full_claims_json_str(jwt, claims.c_str()), RHN_OK) << claims;
  EXPECT_EQ(r_jwt_set_sign_alg(jwt, r_str_to_jwa_alg(r_jwt_get_header_str_value(jwt, "alg"))), RHN_OK);
  char* text = r_jwt_serialize_signed(jwt, jwk, R_FLAG_IGNORE_REMOTE);
  EXPECT_NE(text, nullptr) << header;
  std::string token(text == nullptr ? "" : text);
  std::free(text);
  r_jwk_free(jwk);
  r_jwt_free(jwt);
  return token;
}

// The same without the library: what it would not write.
inline std::string ForgeToken(const std::string& header, const std::string& claims, const std::string& hmac_key) {
  const std::string signed_part = Join(absl::WebSafeBase64Escape(header), ".", absl::WebSafeBase64Escape(claims));
  if (hmac_key.empty()) return signed_part + ".";
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), hmac_key.data(), static_cast<int>(hmac_key.size()),
       reinterpret_cast<const unsigned char*>(signed_part.data()), signed_part.size(), hash.data(), &length);
  return Join(signed_part, ".", absl::WebSafeBase64Escape({reinterpret_cast<const char*>(hash.data()), length}));
}

}  // namespace flosync
