// Who asks, and what they may. Values: copy freely, share between threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/status.h>

#include "domain/oslo.h"

namespace flosync {

// What a caller may do; each method needs one of these.
enum class Scope : uint8_t { kIndicatorsRead = 0, kListsRead = 1, kDoctorsRead = 2, kAlertsWrite = 3, kAdmin = 4 };
inline constexpr int kScopeCount = 5;

// "flosync:indicators.read" and so on, as tokens and the configuration write them.
[[nodiscard]] std::string_view ScopeName(Scope scope);

// A set of scopes.
class Scopes {
 public:
  void Add(Scope scope) { bits_ |= Bit(scope); }
  [[nodiscard]] bool Has(Scope scope) const { return (bits_ & Bit(scope)) != 0; }
  // Those named in `words`, separated by spaces; names that are not ours are passed over.
  [[nodiscard]] static Scopes Parse(std::string_view words);
  [[nodiscard]] static Scopes All();
  bool operator==(const Scopes&) const = default;

 private:
  static constexpr uint32_t Bit(Scope scope) { return 1U << static_cast<uint32_t>(scope); }
  uint32_t bits_ = 0;
};

// Who is asking, as far as it has been proved.
struct Caller {
  std::string client;        // whose limits count: a name with how it was proved, or an address
  std::string who;           // the token's subject, the certificate's name, or "local"
  std::string organisation;  // empty = not told
  Scopes scopes;
  std::optional<Instant> expires;  // of the token, leeway included; nothing = does not expire
  std::string address;             // the peer, without its port
  std::string purpose;             // empty = not given
  std::string correlation_id;      // empty = not given
  bool open = false;               // nobody is asked who they are

  // Whether answers may name doctors: the scope, and a purpose unless nobody is asked anything.
  [[nodiscard]] bool MayReadDoctors() const { return scopes.Has(Scope::kDoctorsRead) && (open || !purpose.empty()); }
};

// Why something was refused: a code, a reason for machines, and a text that says what to do next and holds nothing of
// what was asked for.
struct Denial {
  absl::StatusCode code = absl::StatusCode::kUnauthenticated;
  std::string reason;
  std::string text;
};

}  // namespace flosync
