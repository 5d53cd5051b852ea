#include "daemon/security/gatekeeper.h"

#include <algorithm>
#include <set>
#include <utility>

#include <spdlog/spdlog.h>

#include "connectors/decode/ascii.h"
#include "connectors/decode/identifiers.h"
#include "daemon/confirmed_clock.h"
#include "daemon/security/authorizer.h"
#include "daemon/security/doctor_numbers.h"
#include "domain/text.h"

namespace flosync {
namespace {

// Callers and addresses whose calls are counted; those heard of last.
constexpr size_t kMostClients = 10'000;
constexpr int32_t kBadAttemptsPerSecond = 10;  // of one address
constexpr size_t kMostPurposeBytes = 200;
constexpr size_t kMostCorrelationBytes = 128;

bool IsPrintable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

bool IsCorrelationId(std::string_view text) {
  return text.size() <= kMostCorrelationBytes && std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.' || c == ':';
         });
}

Denial BadMetadata(std::string text) {
  return {absl::StatusCode::kInvalidArgument, "METADATA_INVALID", std::move(text)};
}

std::optional<Denial> CheckMetadata(const Arrival& arrival) {
  if (arrival.repeated_metadata) {
    return BadMetadata("authorization, flosync-purpose and x-correlation-id may each be sent once");
  }
  if (arrival.purpose.size() > kMostPurposeBytes || !IsPrintable(arrival.purpose)) {
    return BadMetadata("flosync-purpose must have at most 200 printable ASCII characters");
  }
  if (ContainsNin(arrival.purpose) || ContainsNin(arrival.correlation_id)) {
    return BadMetadata("flosync-purpose and x-correlation-id must not hold a national identity number");
  }
  if (!IsCorrelationId(arrival.correlation_id)) {
    return BadMetadata("x-correlation-id must have at most 128 of the characters a-z A-Z 0-9 - _ . :");
  }
  return std::nullopt;
}

Denial TooManyCalls(std::string_view whose) {
  return {absl::StatusCode::kResourceExhausted, "TOO_MANY_CALLS", Join(whose, "; wait a second between attempts")};
}

// The doctors whose reading has to be logged before the answer goes; none = it may go.
std::set<int64_t> PrepareAnswer(const Caller& caller, const google::protobuf::Message& request,
                                google::protobuf::Message& response) {
  if (!CanNameDoctors(*response.GetDescriptor())) return {};
  if (!caller.MayReadDoctors()) {
    LeaveOutDoctors(response);
    return {};
  }
  std::set<int64_t> doctors = DoctorsIn(response);
  doctors.merge(DoctorsIn(request));
  return doctors;
}

std::optional<Denial> DenialOf(const absl::Status& logged) {
  if (logged.ok()) return std::nullopt;
  const absl::string_view why = logged.message();
  spdlog::error("an answer was held back: {}", std::string_view(why.data(), why.size()));
  if (absl::IsResourceExhausted(logged)) {
    return Denial{logged.code(), "TOO_MANY_DOCTORS", std::string(why.data(), why.size())};
  }
  return Denial{absl::StatusCode::kUnavailable, "ACCESS_LOG_FAILED",
                "the access log cannot be written, and without it no doctor is named; tell the daemon's operator"};
}

}  // namespace

Gatekeeper::Gatekeeper(std::unique_ptr<Authenticator> authenticator, std::unique_ptr<AccessLog> access_log,
                       int32_t max_calls_per_second)
    : authenticator_(std::move(authenticator)),
      access_log_(std::move(access_log)),
      callers_(max_calls_per_second, kMostClients),
      bad_attempts_(kBadAttemptsPerSecond, kMostClients) {}

absl::StatusOr<std::unique_ptr<Gatekeeper>> Gatekeeper::Open(const SecurityConfig& config,
                                                             const std::string& access_log_path) {
  auto authenticator = Authenticator::Open(config);
  if (!authenticator.ok()) return authenticator.status();
  auto access_log = AccessLog::Open(access_log_path, SystemNow());
  if (!access_log.ok()) return access_log.status();
  return std::unique_ptr<Gatekeeper>(
      new Gatekeeper(*std::move(authenticator), *std::move(access_log), config.max_calls_per_second));
}

std::optional<Denial> Gatekeeper::Identify(const Arrival& arrival, Caller& out) {
  Credentials credentials{.authorization = arrival.authorization, .certificate = {}};
  if (!arrival.certificate_pem.empty()) credentials.certificate = ReadCertificate(arrival.certificate_pem);
  auto denial = authenticator_->Authenticate(credentials, SystemNow(), out);
  // Whoever can say who they are gets in, whatever others of the same address do.
  const bool bad = denial && denial->code == absl::StatusCode::kUnauthenticated;
  if (bad && !bad_attempts_.Take(arrival.address, SteadyNow())) {
    return TooManyCalls("too many calls of this address were refused");
  }
  return denial;
}

std::optional<Denial> Gatekeeper::Admit(const Arrival& arrival, std::string_view method, Caller& out) {
  out.address = arrival.address;
  out.client = arrival.address;
  auto denial = Identify(arrival, out);
  if (!denial) denial = CheckMetadata(arrival);
  out.purpose = TrimBlanks(arrival.purpose);
  out.correlation_id = arrival.correlation_id;
  // The daemon's own machine is not counted where nobody is asked who they are.
  if (!denial && !out.open && !callers_.Take(out.client, SteadyNow())) {
    denial = TooManyCalls("this caller asks too often");
  }
  if (!denial) denial = Authorize(out, method);
  // Nothing of what was asked or shown; at debug only, for whoever is refused decides how often.
  if (denial) spdlog::debug("refused {} from {}: {}", method, arrival.address, denial->reason);
  return denial;
}

std::optional<Denial> Gatekeeper::CheckQuestion(const Caller& caller, const google::protobuf::Message& request) const {
  if (caller.MayReadDoctors() || !CanNameDoctors(*request.GetDescriptor()) || DoctorsIn(request).empty()) {
    return std::nullopt;
  }
  return Denial{absl::StatusCode::kPermissionDenied, "SCOPE_MISSING",
                "asking for one doctor needs the scope flosync:doctors.read and a purpose; leave the number out"};
}

void Gatekeeper::Disclose(const Caller& caller, const std::string& method, const google::protobuf::Message& request,
                          google::protobuf::Message& response, Disclosed done) {
  const std::set<int64_t> doctors = PrepareAnswer(caller, request, response);
  if (doctors.empty()) return done(std::nullopt);
  access_log_->Append(caller, method, doctors, SystemNow(),
                      [done = std::move(done)](const absl::Status& logged) { done(DenialOf(logged)); });
}

std::optional<Denial> Gatekeeper::Disclose(const Caller& caller, const std::string& method,
                                           const google::protobuf::Message& request,
                                           google::protobuf::Message& response) {
  const std::set<int64_t> doctors = PrepareAnswer(caller, request, response);
  return doctors.empty() ? std::nullopt : DenialOf(access_log_->Append(caller, method, doctors, SystemNow()));
}

}  // namespace flosync
