// The issuer's keys: which are taken, and how they are kept current.
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "daemon/security/key_download.h"
#include "daemon/security/key_set.h"
#include "daemon/security/signing_key.h"
#include "tests/unit/security_testing.h"

namespace flosync {
namespace {

using std::chrono::milliseconds;

TEST(SigningKeys, UnusableOnesArePassedOver) {
  const TestKey small = TestKey::Make(R_KEY_TYPE_RSA, 1024, "small");
  const std::string symmetric = R"({"kty":"oct","kid":"shared","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"})";
  std::string encryption = TestKey::Curve().public_jwk;
  encryption.insert(1, R"("use":"enc",)");
  std::string nameless = TestKey::Curve().public_jwk;
  nameless.replace(nameless.find("\"kid\""), 5, "\"old\"");
  const auto keys = ParseSigningKeys(KeySetOf({TestKey::Rsa().public_jwk, small.public_jwk, symmetric, encryption,
                                               nameless, TestKey::Curve().private_jwk, R"({"kty":"new","kid":"n"})"}));
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_EQ(keys->size(), 1);
  EXPECT_EQ(keys->begin()->first, "rsa");
}

TEST(SigningKeys, AnAlgorithmThatTheIssuerNamesIsTheOnlyOne) {
  std::string jwk = TestKey::Rsa().public_jwk;
  jwk.insert(1, R"("alg":"PS256",)");
  EXPECT_EQ(ParseSigningKeys(KeySetOf({jwk}))->at("rsa").algorithms, std::vector<std::string>{"PS256"});
  jwk.replace(jwk.find("PS256"), 5, "HS256");
  EXPECT_FALSE(ParseSigningKeys(KeySetOf({jwk})).ok());
}

TEST(SigningKeys, WhatIsNoSetOrTooLargeIsRefused) {
  const std::string& key = TestKey::Curve().public_jwk;
  std::string many;
  for (int i = 0; i < 65; ++i) many += Join(many.empty() ? "" : ",", key);
  for (const std::string& text : {std::string(), std::string("[]"), std::string("{}"), std::string("{\"keys\":{}}"),
                                  KeySetOf({}), KeySetOf({key, key}), Join("{\"keys\":[", many, "]}"),
                                  Join("{\"keys\":[", key, "],\"x\":\"", std::string(300'000, 'x'), "\"}")}) {
    EXPECT_FALSE(ParseSigningKeys(text).ok()) << text.substr(0, 40);
  }
}

class KeySetTest : public ::testing::Test {
 protected:
  KeySet::Load Loader() {
    return [this]() -> absl::StatusOr<std::string> {
      ++loads_;
      const std::lock_guard lock(mutex_);
      if (text_.empty()) return absl::UnavailableError("nobody there");
      return text_;
    };
  }
  void Publish(const std::string& text) {
    const std::lock_guard lock(mutex_);
    text_ = text;
  }
  template <typename Condition>
  static bool Eventually(const Condition& condition) {
    for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(milliseconds(5));
    return condition();
  }

  std::atomic<int> loads_ = 0;
  std::mutex mutex_;
  std::string text_ = KeySetOf({TestKey::Rsa().public_jwk});
};

TEST_F(KeySetTest, AnUnknownKeyIsLookedForAtOnceButNotOften) {
  KeySet keys(Loader(), {.refresh_interval = std::chrono::hours(1), .least_pause = milliseconds(300)});
  EXPECT_TRUE(keys.status().ok());
  EXPECT_TRUE(keys.Find("rsa").ok());
  Publish(KeySetOf({TestKey::Rsa().public_jwk, TestKey::Curve().public_jwk}));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(absl::IsNotFound(keys.Find("curve").status()));
  EXPECT_TRUE(Eventually([&] { return keys.Find("curve").ok(); }));
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(keys.Find("nonsense").ok());
  std::this_thread::sleep_for(milliseconds(50));
  const auto passed = std::chrono::steady_clock::now() - begun;
  EXPECT_LE(loads_, 2 + passed / milliseconds(300));
}

TEST_F(KeySetTest, AWithdrawnKeyIsForgotten) {
  Publish(KeySetOf({TestKey::Rsa().public_jwk, TestKey::Curve().public_jwk}));
  KeySet keys(Loader(), {.refresh_interval = milliseconds(20), .least_pause = milliseconds(1)});
  EXPECT_TRUE(keys.Find("curve").ok());
  Publish(KeySetOf({TestKey::Rsa().public_jwk}));
  EXPECT_TRUE(Eventually([&] { return absl::IsNotFound(keys.Find("curve").status()); }));
}

TEST_F(KeySetTest, KeysStayInUseWhenTheIssuerIsAwayButNotForEver) {
  KeySet keys(Loader(),
              {.refresh_interval = milliseconds(10), .least_pause = milliseconds(1), .max_age = milliseconds(500)});
  Publish("");
  EXPECT_TRUE(Eventually([&] { return !keys.status().ok(); }));
  EXPECT_TRUE(keys.Find("rsa").ok());
  EXPECT_TRUE(Eventually([&] { return absl::IsUnavailable(keys.Find("rsa").status()); }));
  Publish(KeySetOf({TestKey::Rsa().public_jwk}));
  EXPECT_TRUE(Eventually([&] { return keys.Find("rsa").ok(); }));
}

TEST(KeyUrl, IsHttpsOrThisMachine) {
  for (const char* good : {"https://login.example.no/jwks", "http://127.0.0.1:8080/jwks", "http://localhost/jwks"}) {
    EXPECT_TRUE(IsKeyUrl(good)) << good;
  }
  for (const char* bad :
       {"", "http://login.example.no/jwks", "http://127.0.0.1.example.no/", "http://localhost@example.no/",
        "http://127.0.0.1:80@example.no/", "file:///etc/passwd", "ftp://127.0.0.1/", "https://", "https://a b"}) {
    EXPECT_FALSE(IsKeyUrl(bad)) << bad;
    EXPECT_FALSE(DownloadKeys(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace flosync
