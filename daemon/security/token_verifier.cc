#include "daemon/security/token_verifier.h"

#include <rhonabwy.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "connectors/decode/identifiers.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr size_t kMostNameBytes = 256;
// The year 5138; beyond it milliseconds and leeway might not be counted together.
constexpr double kMostSeconds = 1e11;

using Jwt = std::unique_ptr<jwt_t, decltype(&r_jwt_free)>;
using Json = std::unique_ptr<json_t, decltype(&json_decref)>;

Denial Refuse(std::string reason, std::string text) {
  return {absl::StatusCode::kUnauthenticated, std::move(reason), std::move(text)};
}
Denial Invalid(std::string_view why) {
  return Refuse("TOKEN_INVALID", Join("the token is refused: ", why, "; get a new one from the issuer"));
}

std::string_view TextOf(const json_t* value) {
  return json_is_string(value) ? std::string_view(json_string_value(value), json_string_length(value))
                               : std::string_view();
}
std::string_view TextOf(const json_t* object, const char* name) { return TextOf(json_object_get(object, name)); }

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

// Nothing if there is none, or none that is a time.
std::optional<Instant> TimeOf(const json_t* claims, const char* name) {
  const json_t* value = json_object_get(claims, name);
  if (!json_is_number(value)) return std::nullopt;
  const double seconds = json_number_value(value);
  if (std::isnan(seconds) || std::abs(seconds) >= kMostSeconds) return std::nullopt;
  return Instant{static_cast<int64_t>(seconds * 1000)};
}

bool IsFor(const json_t* audience, std::string_view us) {
  if (json_is_string(audience)) return TextOf(audience) == us;
  for (size_t i = 0; i < json_array_size(audience); ++i) {
    if (TextOf(json_array_get(audience, i)) == us) return true;
  }
  return false;
}

// `scope` in words, or `scp` as a list, as some issuers write it.
Scopes ScopesOf(const json_t* claims) {
  std::string words(TextOf(claims, "scope"));
  for (const char* name : {"scope", "scp"}) {
    const json_t* list = json_object_get(claims, name);
    for (size_t i = 0; i < json_array_size(list); ++i) words += Join(" ", TextOf(json_array_get(list, i)));
  }
  return Scopes::Parse(words);
}

std::optional<Denial> CheckHeader(const json_t* header) {
  const std::string type = Lower(TextOf(header, "typ"));
  if (type != "at+jwt" && type != "application/at+jwt" && type != "jwt") return Invalid("its typ is not at+jwt or JWT");
  if (json_object_get(header, "crit") != nullptr) return Invalid("its header demands extensions");
  return std::nullopt;
}

std::optional<Denial> CheckSignature(jwt_t* jwt, const json_t* header, const TokenVerifier::FindKey& find_key) {
  const std::string algorithm(TextOf(header, "alg"));
  if (algorithm.empty() || algorithm == "none" || algorithm.starts_with("HS")) {
    return Invalid("its algorithm is not allowed");
  }
  const std::string_view kid = TextOf(header, "kid");
  if (kid.empty()) return Invalid("it does not name its key (kid)");
  const auto key = find_key(kid);
  if (absl::IsUnavailable(key.status())) {
    return Denial{absl::StatusCode::kUnavailable, "KEYS_UNAVAILABLE",
                  "the issuer's keys have not been fetched yet, so tokens cannot be verified; try again shortly"};
  }
  if (!key.ok()) {
    return Refuse(
        "TOKEN_KEY_UNKNOWN",
        "the token's key is none of the issuer's known ones; try again shortly if it is new, else get a new token");
  }
  if (std::ranges::find(key->algorithms, algorithm) == key->algorithms.end()) {
    return Invalid("its algorithm is not allowed");
  }
  // A copy of its own: the library says nothing about sharing one between threads.
  const Json jwk(json_loadb(key->jwk.data(), key->jwk.size(), 0, nullptr), json_decref);
  if (r_jwt_verify_signature(jwt, jwk.get(), R_FLAG_IGNORE_REMOTE) != RHN_OK) return Invalid("its signature is wrong");
  return std::nullopt;
}

std::optional<Denial> CheckTimes(const json_t* claims, const TokenRules& rules, Instant now, Instant& expires) {
  const int64_t leeway_ms = int64_t{rules.leeway_seconds} * 1000;
  const auto until = TimeOf(claims, "exp");
  if (!until) return Invalid("it does not say when it expires (exp)");
  expires = {until->ms + leeway_ms};
  if (now >= expires) return Refuse("TOKEN_EXPIRED", "the token has expired; get a new one from the issuer");
  if (json_object_get(claims, "nbf") == nullptr) return std::nullopt;
  const auto from = TimeOf(claims, "nbf");
  if (!from) return Invalid("its nbf is not a time");
  if (now.ms < from->ms - leeway_ms) {
    return Refuse("TOKEN_NOT_YET_VALID", "the token is not valid yet; check the clocks of client and daemon");
  }
  return std::nullopt;
}

// RFC 8705 and RFC 9449: who stole a bound token cannot use it.
std::optional<Denial> CheckBinding(const json_t* claims, const PresentedToken& presented) {
  const json_t* binding = json_object_get(claims, "cnf");
  if (binding == nullptr) return std::nullopt;
  const std::string_view certificate = TextOf(binding, "x5t#S256");
  const std::string_view key = TextOf(binding, "jkt");
  if (certificate.empty() && key.empty()) {
    return Refuse("TOKEN_NOT_BOUND",
                  "the token is bound in a way that is not known here; get one bound to a certificate");
  }
  if (!certificate.empty() && certificate != presented.certificate_thumbprint) {
    return Refuse("TOKEN_NOT_BOUND", "the token is bound to another client certificate; connect with that one");
  }
  if (!key.empty() && (presented.proof == nullptr || !presented.proof->HoldsFor(key))) {
    return Refuse("TOKEN_NOT_BOUND",
                  "the token is bound to a key (DPoP), which is not supported; get one bound to a certificate");
  }
  return std::nullopt;
}

std::optional<Denial> ReadClaims(const json_t* claims, const TokenRules& rules, VerifiedToken& out) {
  if (TextOf(claims, "iss") != rules.issuer) return Invalid("it is of another issuer (iss)");
  if (!IsFor(json_object_get(claims, "aud"), rules.audience)) return Invalid("it is for another audience (aud)");
  const std::string_view subject = TextOf(claims, "sub");
  out.subject = subject.empty() ? TextOf(claims, "client_id") : subject;
  out.organisation = TextOf(claims, rules.organisation_claim.c_str());
  for (const std::string* name : {&out.subject, &out.organisation}) {
    if (name->size() > kMostNameBytes) return Invalid("a name in it is too long");
    if (ContainsNin(*name)) return Invalid("it names a person by identity number");
  }
  if (out.subject.empty()) return Invalid("it does not say who it is for (sub)");
  out.scopes = ScopesOf(claims);
  return std::nullopt;
}

}  // namespace

TokenVerifier::TokenVerifier(TokenRules rules, FindKey find_key)
    : rules_(std::move(rules)), find_key_(std::move(find_key)) {}

std::optional<Denial> TokenVerifier::Verify(const PresentedToken& presented, Instant now, VerifiedToken& out) const {
  const std::string_view token = presented.token;
  if (token.size() > kMostTokenBytes) return Invalid(Join("it has more than ", kMostTokenBytes, " bytes"));
  if (std::ranges::count(token, '.') != 2) return Invalid("it is not a signed JWT");
  jwt_t* parsed = nullptr;
  if (r_jwt_init(&parsed) != RHN_OK) {
    return Denial{absl::StatusCode::kInternal, "TOKEN_LIBRARY", "tokens cannot be read; look at the daemon's memory"};
  }
  const Jwt jwt(parsed, r_jwt_free);
  if (r_jwt_advanced_parsen(jwt.get(), token.data(), token.size(), R_PARSE_NONE, R_FLAG_IGNORE_REMOTE) != RHN_OK) {
    return Invalid("it is not a signed JWT of a kind that is taken");
  }
  const Json header(r_jwt_get_full_header_json_t(jwt.get()), json_decref);
  const Json claims(r_jwt_get_full_claims_json_t(jwt.get()), json_decref);
  if (auto denial = CheckHeader(header.get())) return denial;
  // Nothing of the claims is believed, or answered to, before the signature.
  if (auto denial = CheckSignature(jwt.get(), header.get(), find_key_)) return denial;
  if (auto denial = ReadClaims(claims.get(), rules_, out)) return denial;
  if (auto denial = CheckTimes(claims.get(), rules_, now, out.expires)) return denial;
  return CheckBinding(claims.get(), presented);
}

}  // namespace flosync
