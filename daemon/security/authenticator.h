// Who a caller is: by token, by client certificate, or, where neither is configured, whoever is on this machine.
//
// A token that is sent has to be good; a caller with a bad one is never let in by certificate. Without a token the
// certificate's name decides: it has to be listed. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "daemon/security/caller.h"
#include "daemon/security/certificate.h"
#include "daemon/security/key_set.h"
#include "daemon/security/security_config.h"
#include "daemon/security/token_verifier.h"

namespace flosync {

// What a caller shows of itself.
struct Credentials {
  std::string_view authorization;  // the header "Bearer …"; empty = none
  std::optional<PeerCertificate> certificate;
};

class Authenticator {
 public:
  // FAILED_PRECONDITION or NOT_FOUND if the file of keys cannot be used. An address that does not answer is no error:
  // it is asked again.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Authenticator>> Open(const SecurityConfig& config);

  // UNAUTHENTICATED with reason CREDENTIALS_MISSING, CLIENT_UNKNOWN or one of TokenVerifier's. Nothing = `out` says who
  // it is: client, who, organisation, scopes, expires, open.
  [[nodiscard]] std::optional<Denial> Authenticate(const Credentials& credentials, Instant now, Caller& out) const;

 private:
  struct Client {
    std::string organisation;
    Scopes scopes;
  };

  Authenticator() = default;
  [[nodiscard]] std::optional<Denial> ByToken(const Credentials& credentials, Instant now, Caller& out) const;
  [[nodiscard]] std::optional<Denial> ByCertificate(const PeerCertificate& certificate, Caller& out) const;

  bool open_ = false;
  std::map<std::string, Client> clients_;
  std::unique_ptr<KeySet> keys_;
  std::unique_ptr<TokenVerifier> verifier_;
};

// Whether `text` is an organisation and scopes as `security.clients` has them.
[[nodiscard]] bool IsClientGrant(std::string_view text);

}  // namespace flosync
