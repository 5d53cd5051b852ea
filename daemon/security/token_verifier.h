// Whether a token (JWT, RFC 7519, RFC 9068) says what it says with right. Pure: the instant and the keys are given.
// Any thread.
//
// Taken are compact tokens of at most 8 KiB, signed with RS, PS or ES 256/384/512 or EdDSA by a named key (`kid`) that
// suits the algorithm. `none` and HS* are refused, as are headers that we do not know but have to (`crit`), and keys
// that a token brings along are not looked at. `typ` has to be at+jwt or JWT; `iss` and one of `aud` have to be ours;
// `exp` has to be there; a token bound by `cnf` to a certificate comes with that certificate only.
//
//   TokenVerifier verifier(rules, [&keys](std::string_view kid) { return keys.Find(kid); });
//   VerifiedToken token;
//   if (auto denial = verifier.Verify({.token = text}, now, token)) …  // UNAUTHENTICATED, reason "TOKEN_EXPIRED"
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

#include "daemon/security/caller.h"
#include "daemon/security/signing_key.h"

namespace flosync {

inline constexpr size_t kMostTokenBytes = 8192;

struct TokenRules {
  std::string issuer;
  std::string audience;
  std::string organisation_claim;
  int32_t leeway_seconds = 30;  // by which clocks may differ
};

// Whether the caller has proved to hold a key (RFC 9449). There is no checker yet, so tokens bound to a key are
// refused.
class KeyProof {
 public:
  virtual ~KeyProof() = default;
  // `thumbprint` is that of the key (cnf.jkt).
  [[nodiscard]] virtual bool HoldsFor(std::string_view thumbprint) const = 0;
};

struct PresentedToken {
  std::string_view token;
  std::string_view certificate_thumbprint;  // x5t#S256 of the client's certificate; empty = there is none
  const KeyProof* proof = nullptr;
};

struct VerifiedToken {
  std::string subject;
  std::string organisation;  // empty = not told
  Scopes scopes;
  Instant expires;  // leeway included
};

class TokenVerifier {
 public:
  // NOT_FOUND for a key that is not known, UNAVAILABLE while none are.
  using FindKey = std::function<absl::StatusOr<SigningKey>(std::string_view kid)>;

  TokenVerifier(TokenRules rules, FindKey find_key);

  // UNAUTHENTICATED with reason TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_NOT_YET_VALID, TOKEN_KEY_UNKNOWN or
  // TOKEN_NOT_BOUND; UNAVAILABLE with reason KEYS_UNAVAILABLE. Nothing = verified.
  [[nodiscard]] std::optional<Denial> Verify(const PresentedToken& presented, Instant now, VerifiedToken& out) const;

 private:
  const TokenRules rules_;
  const FindKey find_key_;
};

}  // namespace flosync
