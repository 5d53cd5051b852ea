// The gate that every question passes, whatever it came over, and that every answer which names doctors passes again.
//
// On the way in: who it is, or else whether there were too many bad attempts of the address, then too many calls of
// that caller, then whether the caller may ask this. On the way out: with the scope and a purpose the doctors named are
// written into the access log, and only then the answer may go; without them their numbers are left out. Thread-safe.
//
//   Caller caller;
//   if (auto denial = gate->Admit(arrival, "flosync.v1.AlertService/ListAlerts", caller)) return Refused(*denial);
//   …
//   if (auto denial = gate->Disclose(caller, method, request, response)) return Refused(*denial);
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>
#include <google/protobuf/message.h>

#include "daemon/security/access_log.h"
#include "daemon/security/authenticator.h"
#include "daemon/security/caller.h"
#include "daemon/security/rate_limiter.h"
#include "daemon/security/security_config.h"

namespace flosync {

// What a call brings along, before anything of it is believed.
struct Arrival {
  std::string address;             // the peer without its port
  std::string authorization;       // empty = none
  std::string purpose;             // empty = none
  std::string correlation_id;      // empty = none
  std::string certificate_pem;     // the peer's, as verified by TLS; empty = none
  bool repeated_metadata = false;  // one of these came twice
};

class Gatekeeper {
 public:
  // Errors are those of Authenticator and AccessLog.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Gatekeeper>> Open(const SecurityConfig& config,
                                                                        const std::string& access_log_path);

  // Nothing = `out` may go on. Denials are those of Authenticator and Authorize; RESOURCE_EXHAUSTED with reason
  // TOO_MANY_CALLS; INVALID_ARGUMENT with reason METADATA_INVALID.
  [[nodiscard]] std::optional<Denial> Admit(const Arrival& arrival, std::string_view method, Caller& out);

  // Nothing = it may be answered. PERMISSION_DENIED with reason SCOPE_MISSING for a question that names a doctor by a
  // caller who may not.
  [[nodiscard]] std::optional<Denial> CheckQuestion(const Caller& caller,
                                                    const google::protobuf::Message& request) const;

  // Nothing = `response` may be sent as it now is. UNAVAILABLE with reason ACCESS_LOG_FAILED; RESOURCE_EXHAUSTED with
  // reason TOO_MANY_DOCTORS.
  using Disclosed = std::function<void(const std::optional<Denial>& denial)>;
  // Tells `done` once: before it returns where nothing has to be logged, else on the access log's thread once the entry
  // is on disk; there `done` must not wait for anything.
  void Disclose(const Caller& caller, const std::string& method, const google::protobuf::Message& request,
                google::protobuf::Message& response, Disclosed done);
  // The same, waiting for the disk.
  [[nodiscard]] std::optional<Denial> Disclose(const Caller& caller, const std::string& method,
                                               const google::protobuf::Message& request,
                                               google::protobuf::Message& response);

  [[nodiscard]] const AccessLog& access_log() const { return *access_log_; }

 private:
  Gatekeeper(std::unique_ptr<Authenticator> authenticator, std::unique_ptr<AccessLog> access_log,
             int32_t max_calls_per_second);
  [[nodiscard]] std::optional<Denial> Identify(const Arrival& arrival, Caller& out);

  const std::unique_ptr<Authenticator> authenticator_;
  const std::unique_ptr<AccessLog> access_log_;
  RateLimiter callers_;
  RateLimiter bad_attempts_;
};

}  // namespace flosync
