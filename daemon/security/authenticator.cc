#include "daemon/security/authenticator.h"

#include <algorithm>
#include <utility>

#include "client/tls_files.h"
#include "daemon/security/key_download.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::string_view kBearer = "bearer ";
constexpr std::chrono::seconds kFileRefresh(5);
constexpr std::chrono::seconds kFilePause(1);

Denial Refuse(std::string reason, std::string text) {
  return {absl::StatusCode::kUnauthenticated, std::move(reason), std::move(text)};
}

// The token behind "Bearer", however that is written; nothing for another scheme.
std::optional<std::string_view> BearerOf(std::string_view header) {
  if (header.size() <= kBearer.size()) return std::nullopt;
  const bool bearer = std::ranges::equal(header.substr(0, kBearer.size()), kBearer,
                                         [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  return bearer ? std::optional(header.substr(kBearer.size())) : std::nullopt;
}

std::unique_ptr<KeySet> MakeKeySet(const TokensConfig& tokens) {
  KeySetOptions options;
  if (IsKeyUrl(tokens.keys)) {
    options.refresh_interval = std::chrono::seconds(tokens.keys_refresh_seconds);
    return std::make_unique<KeySet>([url = tokens.keys] { return DownloadKeys(url); }, options);
  }
  options.refresh_interval = kFileRefresh;
  options.least_pause = kFilePause;
  const auto load = [path = tokens.keys]() -> absl::StatusOr<std::string> {
    std::string text;
    if (absl::Status read = ReadSmallFile(path, kMostKeySetBytes, text); !read.ok()) return read;
    return text;
  };
  return std::make_unique<KeySet>(load, options);
}

}  // namespace

bool IsClientGrant(std::string_view text) {
  const auto words = Split(text, ' ');
  return words.size() >= 2 && !words.front().empty() && !words.front().starts_with("flosync:") &&
         std::all_of(words.begin() + 1, words.end(),
                     [](std::string_view word) { return Scopes::Parse(word) != Scopes(); });
}

absl::StatusOr<std::unique_ptr<Authenticator>> Authenticator::Open(const SecurityConfig& config) {
  auto made = std::unique_ptr<Authenticator>(new Authenticator());
  made->open_ = config.open();
  for (const auto& [name, grant] : config.clients) {
    made->clients_[name] = {grant.substr(0, grant.find(' ')), Scopes::Parse(grant)};
  }
  const TokensConfig& tokens = config.tokens;
  if (tokens.issuer.empty()) return made;
  made->keys_ = MakeKeySet(tokens);
  if (const absl::Status loaded = made->keys_->status(); !loaded.ok() && !IsKeyUrl(tokens.keys)) {
    const absl::string_view why = loaded.message();
    return absl::FailedPreconditionError(
        Join("security.tokens.keys: ", tokens.keys, ": ", std::string_view(why.data(), why.size())));
  }
  made->verifier_ =
      std::make_unique<TokenVerifier>(TokenRules{.issuer = tokens.issuer,
                                                 .audience = tokens.audience,
                                                 .organisation_claim = tokens.organisation_claim,
                                                 .leeway_seconds = tokens.leeway_seconds},
                                      [keys = made->keys_.get()](std::string_view kid) { return keys->Find(kid); });
  return made;
}

std::optional<Denial> Authenticator::ByToken(const Credentials& credentials, Instant now, Caller& out) const {
  const auto token = BearerOf(credentials.authorization);
  if (!token || !verifier_) {
    return Refuse("CREDENTIALS_MISSING",
                  "the authorization is none that is taken here; send a bearer token of the "
                  "daemon's issuer, or a client certificate and no token");
  }
  PresentedToken presented{.token = *token, .certificate_thumbprint = {}};
  if (credentials.certificate) presented.certificate_thumbprint = credentials.certificate->thumbprint;
  VerifiedToken verified;
  if (auto denial = verifier_->Verify(presented, now, verified)) return denial;
  out.who = std::move(verified.subject);
  out.client = "token:" + out.who;
  out.organisation = std::move(verified.organisation);
  out.scopes = verified.scopes;
  out.expires = verified.expires;
  return std::nullopt;
}

std::optional<Denial> Authenticator::ByCertificate(const PeerCertificate& certificate, Caller& out) const {
  for (const std::string& name : certificate.names) {
    const auto found = clients_.find(name);
    if (found == clients_.end()) continue;
    out.who = name;
    out.client = "certificate:" + name;
    out.organisation = found->second.organisation;
    out.scopes = found->second.scopes;
    return std::nullopt;
  }
  return Refuse("CLIENT_UNKNOWN",
                "the client certificate has no name that is known here; ask the daemon's operator to list it");
}

std::optional<Denial> Authenticator::Authenticate(const Credentials& credentials, Instant now, Caller& out) const {
  if (open_) {
    out.open = true;
    out.who = "local";
    out.scopes = Scopes::All();
    return std::nullopt;
  }
  if (!credentials.authorization.empty()) return ByToken(credentials, now, out);
  if (credentials.certificate && !clients_.empty()) return ByCertificate(*credentials.certificate, out);
  if (verifier_) {
    return Refuse("CREDENTIALS_MISSING",
                  "this daemon wants to know who asks; send a bearer token (flosync: --token-file)");
  }
  return Refuse(
      "CREDENTIALS_MISSING",
      "this daemon wants to know who asks; connect with a client certificate (flosync: --tls-cert, --tls-key)");
}

}  // namespace flosync
