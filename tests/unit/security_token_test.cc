// Which tokens are believed: every attack of the table, each refused with its reason.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "daemon/security/token_verifier.h"
#include "tests/unit/security_testing.h"

namespace flosync {
namespace {

constexpr int64_t kNow = 1'800'000'000;  // seconds
const char* const kThumbprint = "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2";

class TokenTest : public ::testing::Test {
 protected:
  // Claims that are good, with some replaced by JSON; an empty text leaves a claim out.
  static std::string Claims(const std::map<std::string, std::string>& other = {}) {
    std::map<std::string, std::string> claims = {{"iss", "\"https://issuer.example\""},
                                                 {"aud", "\"flosync\""},
                                                 {"sub", "\"report\""},
                                                 {"exp", std::to_string(kNow + 60)},
                                                 {"nbf", std::to_string(kNow - 60)},
                                                 {"org", "\"974760673\""},
                                                 {"scope", "\"openid flosync:lists.read\""}};
    for (const auto& [name, value] : other) claims[name] = value;
    std::string text;
    for (const auto& [name, value] : claims) {
      if (!value.empty()) text += Join(text.empty() ? "" : ",", "\"", name, "\":", value);
    }
    return Join("{", text, "}");
  }
  static std::string Token(const std::map<std::string, std::string>& other = {}) {
    return SignToken(R"({"alg":"RS256","typ":"at+jwt","kid":"rsa"})", Claims(other), TestKey::Rsa());
  }
  // "" = verified.
  std::string Reason(const std::string& token, const std::string& thumbprint = "", const KeyProof* proof = nullptr) {
    const SigningKeys keys =
        ParseSigningKeys(KeySetOf({TestKey::Rsa().public_jwk, TestKey::Curve().public_jwk})).value();
    const TokenVerifier verifier(
        {.issuer = "https://issuer.example", .audience = "flosync", .organisation_claim = "org", .leeway_seconds = 30},
        [&](std::string_view kid) -> absl::StatusOr<SigningKey> {
          if (no_keys_) return absl::UnavailableError("");
          const auto found = keys.find(kid);
          if (found == keys.end()) return absl::NotFoundError("");
          return found->second;
        });
    const auto denial =
        verifier.Verify({token, thumbprint, proof}, Instant{(kNow + passed_seconds_) * 1000}, verified_);
    if (!denial) return "";
    EXPECT_EQ(denial->text.find("report"), std::string::npos) << "nothing of the token is told";
    EXPECT_NE(denial->text.find(';'), std::string::npos) << "says what to do: " << denial->text;
    return denial->reason;
  }

  VerifiedToken verified_;
  int64_t passed_seconds_ = 0;
  bool no_keys_ = false;
};

TEST_F(TokenTest, AGoodOneSaysWhoMayWhatUntilWhen) {
  ASSERT_EQ(Reason(Token()), "");
  EXPECT_EQ(verified_.subject, "report");
  EXPECT_EQ(verified_.organisation, "974760673");
  EXPECT_TRUE(verified_.scopes.Has(Scope::kListsRead));
  EXPECT_FALSE(verified_.scopes.Has(Scope::kDoctorsRead));
  EXPECT_EQ(verified_.expires.ms, (kNow + 60 + 30) * 1000);
}

TEST_F(TokenTest, AlgorithmsThatSuitTheKeyAreTaken) {
  for (const char* algorithm : {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}) {
    const std::string header = Join("{\"alg\":\"", algorithm, "\",\"typ\":\"JWT\",\"kid\":\"rsa\"}");
    EXPECT_EQ(Reason(SignToken(header, Claims(), TestKey::Rsa())), "") << algorithm;
  }
  EXPECT_EQ(Reason(SignToken(R"({"alg":"ES256","typ":"at+jwt","kid":"curve"})", Claims(), TestKey::Curve())), "");
}

TEST_F(TokenTest, NoneAndSymmetricAlgorithmsAreRefused) {
  EXPECT_EQ(Reason(ForgeToken(R"({"alg":"none","typ":"at+jwt","kid":"rsa"})", Claims(), "")), "TOKEN_INVALID");
  EXPECT_EQ(Reason(ForgeToken(R"({"alg":"NONE","typ":"at+jwt","kid":"rsa"})", Claims(), "")), "TOKEN_INVALID");
  const std::string hs256 = R"({"alg":"HS256","typ":"at+jwt","kid":"rsa"})";
  EXPECT_EQ(Reason(ForgeToken(hs256, Claims(), TestKey::Rsa().public_jwk)), "TOKEN_INVALID");
  // The same of a key that is named as another kind.
  const std::string mixed = R"({"alg":"ES256","typ":"at+jwt","kid":"rsa"})";
  EXPECT_EQ(Reason(SignToken(mixed, Claims(), TestKey::Curve())), "TOKEN_INVALID");
}

TEST_F(TokenTest, OnlyTheIssuersKeysCount) {
  const TestKey other = TestKey::Make(R_KEY_TYPE_EC, 256, "curve");
  EXPECT_EQ(Reason(SignToken(R"({"alg":"ES256","typ":"at+jwt","kid":"curve"})", Claims(), other)), "TOKEN_INVALID");
  // A key that the token brings along.
  const std::string header = Join(R"({"alg":"ES256","typ":"at+jwt","kid":"curve","jwk":)", other.public_jwk, "}");
  EXPECT_EQ(Reason(SignToken(header, Claims(), other)), "TOKEN_INVALID");
  EXPECT_EQ(Reason(SignToken(R"({"alg":"ES256","typ":"at+jwt","kid":"new"})", Claims(), other)), "TOKEN_KEY_UNKNOWN");
  EXPECT_EQ(Reason(SignToken(R"({"alg":"RS256","typ":"at+jwt","kid":""})", Claims(), TestKey::Rsa())), "TOKEN_INVALID");
  no_keys_ = true;
  EXPECT_EQ(Reason(Token()), "KEYS_UNAVAILABLE");
}

TEST_F(TokenTest, AChangedTokenIsRefused) {
  const std::string token = Token();
  const std::string admin = absl::WebSafeBase64Escape(Claims({{"scope", "\"flosync:admin\""}}));
  const size_t first = token.find('.');
  const size_t second = token.rfind('.');
  EXPECT_EQ(Reason(Join(token.substr(0, first + 1), admin, token.substr(second))), "TOKEN_INVALID");
  EXPECT_EQ(Reason(token.substr(0, second + 1)), "TOKEN_INVALID");
  EXPECT_EQ(Reason(token.substr(0, token.size() - 8)), "TOKEN_INVALID");
}

TEST_F(TokenTest, HeaderHasToBeKnown) {
  for (const char* header : {R"({"alg":"RS256","typ":"","kid":"rsa"})", R"({"alg":"RS256","typ":"id+jwt","kid":"rsa"})",
                             R"({"alg":"RS256","typ":"dpop+jwt","kid":"rsa"})",
                             R"({"alg":"RS256","typ":"JWT","kid":"rsa","crit":["b64"]})"}) {
    EXPECT_EQ(Reason(SignToken(header, Claims(), TestKey::Rsa())), "TOKEN_INVALID") << header;
  }
}

TEST_F(TokenTest, IssuerAndAudienceHaveToBeOurs) {
  EXPECT_EQ(Reason(Token({{"iss", "\"https://other.example\""}})), "TOKEN_INVALID");
  EXPECT_EQ(Reason(Token({{"iss", ""}})), "TOKEN_INVALID");
  EXPECT_EQ(Reason(Token({{"aud", "\"other\""}})), "TOKEN_INVALID");
  EXPECT_EQ(Reason(Token({{"aud", ""}})), "TOKEN_INVALID");
  EXPECT_EQ(Reason(Token({{"aud", "[]"}})), "TOKEN_INVALID");
  EXPECT_EQ(Reason(Token({{"aud", "[\"other\",\"flosync\"]"}})), "");
}

TEST_F(TokenTest, OnlyValidFromNotBeforeUntilExpiryGiveOrTakeTheLeeway) {
  EXPECT_EQ(Reason(Token({{"exp", ""}})), "TOKEN_INVALID");
  EXPECT_EQ(Reason(Token({{"exp", "\"tomorrow\""}})), "TOKEN_INVALID");
  EXPECT_EQ(Reason(Token({{"exp", "1e300"}})), "TOKEN_INVALID");
  passed_seconds_ = 60 + 29;
  EXPECT_EQ(Reason(Token()), "");
  passed_seconds_ = 60 + 30;
  EXPECT_EQ(Reason(Token()), "TOKEN_EXPIRED");
  passed_seconds_ = -60 - 30;
  EXPECT_EQ(Reason(Token()), "");
  passed_seconds_ = -60 - 31;
  EXPECT_EQ(Reason(Token()), "TOKEN_NOT_YET_VALID");
}

TEST_F(TokenTest, ABoundTokenNeedsItsCertificateOrKey) {
  const std::string bound = Token({{"cnf", Join("{\"x5t#S256\":\"", kThumbprint, "\"}")}});
  EXPECT_EQ(Reason(bound), "TOKEN_NOT_BOUND");
  EXPECT_EQ(Reason(bound, "another"), "TOKEN_NOT_BOUND");
  EXPECT_EQ(Reason(bound, kThumbprint), "");
  EXPECT_EQ(Reason(Token({{"cnf", "{\"kid\":\"a\"}"}}), kThumbprint), "TOKEN_NOT_BOUND");

  class Proof : public KeyProof {
   public:
    [[nodiscard]] bool HoldsFor(std::string_view thumbprint) const override { return thumbprint == "mine"; }
  };
  const Proof proof;
  EXPECT_EQ(Reason(Token({{"cnf", "{\"jkt\":\"mine\"}"}})), "TOKEN_NOT_BOUND");
  EXPECT_EQ(Reason(Token({{"cnf", "{\"jkt\":\"mine\"}"}}), "", &proof), "");
  EXPECT_EQ(Reason(Token({{"cnf", "{\"jkt\":\"other\"}"}}), "", &proof), "TOKEN_NOT_BOUND");
}

TEST_F(TokenTest, NamesAreThereShortAndNoIdentityNumbers) {
  EXPECT_EQ(Reason(Token({{"sub", ""}})), "TOKEN_INVALID");
  ASSERT_EQ(Reason(Token({{"sub", ""}, {"client_id", "\"batch\""}})), "");
  EXPECT_EQ(verified_.subject, "batch");
  EXPECT_EQ(Reason(Token({{"sub", Join("\"", std::string(300, 'x'), "\"")}})), "TOKEN_INVALID");
  EXPECT_EQ(Reason(Token({{"sub", "\"12837520264\""}})), "TOKEN_INVALID");
}

TEST_F(TokenTest, NonsenseIsRefused) {
  for (const std::string& text :
       {std::string("x"), std::string(".."), std::string("a.b.c"), std::string("a.b.c.d.e"), std::string(9000, 'a'),
        Join(std::string(4000, 'a'), ".", std::string(4500, 'b'), ".c"), std::string("e30.e30."),
        std::string("W10.W10.W10")}) {
    EXPECT_EQ(Reason(text), "TOKEN_INVALID") << text.substr(0, 20);
  }
}

}  // namespace
}  // namespace flosync
