#include "daemon/config.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "client/tls_files.h"
#include "connectors/kafka/client_conf.h"
#include "daemon/config_keys.h"
#include "daemon/definition_files.h"
#include "daemon/security/key_download.h"
#include "daemon/security/signing_key.h"
#include "domain/address.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::string_view kReference = "env:";  // to an environment variable

absl::Status CheckSource(const SourceConfig& source) {
  if (source.kind == SourceKind::kFiles) {
    if (source.files.path.empty())
      return absl::FailedPreconditionError("there is nothing to read: set source.files.path or give --input PATH");
    return absl::OkStatus();
  }
  KafkaSourceOptions options;
  options.brokers = source.kafka.brokers;
  options.group_id = source.kafka.group_id;
  options.topics.assign(source.kafka.topic_names.begin(), source.kafka.topic_names.end());
  options.client_settings = source.kafka.settings;
  // What the environment says is known to the daemon alone.
  std::erase_if(options.client_settings, [](const auto& setting) { return setting.second.starts_with(kReference); });
  return MakeClientConf(options).status();
}

absl::Status CheckDeadLetters(const DeadLettersConfig& dead_letters, const SourceConfig& source) {
  const auto& names = source.kafka.topic_names;
  if (std::ranges::find(names, dead_letters.topic) != names.end()) {
    return absl::FailedPreconditionError(
        "dead_letters.topic is a topic that is read from: dead letters would come back as records; give another");
  }
  if (!dead_letters.topic.empty() && source.kind != SourceKind::kKafka) {
    return absl::FailedPreconditionError(
        "dead_letters.topic needs source.kind = \"kafka\"; with files dead letters stand in the state directory");
  }
  return absl::OkStatus();
}

absl::Status CheckSecurity(const SecurityConfig& security) {
  const TlsConfig& tls = security.tls;
  const TokensConfig& tokens = security.tokens;
  const auto missing = [](const char* what) { return absl::FailedPreconditionError(what); };
  if (tls.certificate.empty() != tls.key.empty()) {
    return missing("security.tls.certificate and security.tls.key go together: set both, or neither");
  }
  if (!tls.client_ca.empty() && tls.certificate.empty()) {
    return missing("security.tls.client_ca needs TLS: set security.tls.certificate and security.tls.key");
  }
  if (!security.clients.empty() && tls.client_ca.empty()) {
    return missing("security.clients needs clients' certificates: set security.tls.client_ca");
  }
  if (tokens.issuer.empty() != tokens.audience.empty() || tokens.issuer.empty() != tokens.keys.empty()) {
    return missing("security.tokens needs issuer, audience and keys: set all three, or none");
  }
  return absl::OkStatus();
}

absl::Status CheckHttp(const Config& config) {
  if (config.listen.http.empty()) return absl::OkStatus();
  if (config.listen.http == config.listen.grpc && !config.listen.http.ends_with(":0")) {
    return absl::FailedPreconditionError(
        Join("listen.grpc and listen.http are both ", config.listen.http, ": give each a port of its own"));
  }
  return CheckListenAddress(config.listen.http, config.security);
}

}  // namespace

std::string LocalTime::ToString() const {
  const auto two_digits = [](int32_t number) { return Join(number < 10 ? "0" : "", number); };
  return Join(two_digits(hour), ":", two_digits(minute));
}

DecoderConfig Config::decoder() const {
  return {.topic_names = source.kafka.topic_names,
          .sex_field = decode.sex_field,
          .event_number_field = decode.event_number_field,
          .event_old_number_field = decode.event_old_number_field,
          .keep_dead_letter_values = dead_letters.include_values};
}

std::string AccessLogPath(const Config& config) {
  return config.security.access_log.empty() ? config.state.directory + "/access_log.ndjson"
                                            : config.security.access_log;
}

std::string DescribeMistake(std::string_view file, const ConfigMistake& mistake) {
  return Join(file, ":", mistake.line, ": ", mistake.key, mistake.key.empty() ? "" : " ", mistake.what);
}

absl::StatusOr<std::string> ReadConfigFile(const std::string& path) {
  constexpr size_t kMostBytes = size_t{1024} * 1024;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    const int error = errno == 0 ? EIO : errno;
    return absl::Status(absl::ErrnoToStatusCode(error),
                        Join("cannot read the configuration ", path, " (", std::generic_category().message(error),
                             "); `flosync config example` prints one to begin with"));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMostBytes) {
    return absl::InvalidArgumentError(Join("the configuration ", path, " is larger than 1 MiB; is it the right file?"));
  }
  return text;
}

absl::StatusOr<Config> LoadConfig(const std::string& path) {
  const auto text = ReadConfigFile(path);
  if (!text.ok()) return text.status();
  ParsedConfig parsed = ParseConfig(*text);
  if (parsed.mistakes.empty()) return std::move(parsed.config);
  std::string message = DescribeMistake(path, parsed.mistakes.front());
  if (parsed.mistakes.size() > 1) {
    message += Join(" (and ", parsed.mistakes.size() - 1, " more: `flosync config check ", path, "` names them all)");
  }
  return absl::InvalidArgumentError(message);
}

absl::Status CheckConfig(const Config& config) {
  for (absl::Status checked :
       {CheckSecurity(config.security), CheckListenAddress(config.listen.grpc, config.security), CheckHttp(config),
        CheckSource(config.source), CheckDeadLetters(config.dead_letters, config.source)}) {
    if (!checked.ok()) return checked;
  }
  return config.state.definitions.empty() ? absl::OkStatus() : LoadDefinitions(config.state.definitions).status();
}

absl::Status CheckNamedFiles(const Config& config) {
  const TlsConfig& tls = config.security.tls;
  if (!tls.certificate.empty()) {
    const auto pems = ReadTlsPems(tls.certificate, tls.key, tls.client_ca);
    if (!pems.ok()) return pems.status();
  }
  const std::string& keys = config.security.tokens.keys;
  if (std::string text; !keys.empty() && !IsKeyUrl(keys)) {
    if (const absl::Status read = ReadSmallFile(keys, kMostKeySetBytes, text); !read.ok()) {
      return absl::FailedPreconditionError(Join("security.tokens.keys: ", keys, ": ", std::string(read.message())));
    }
  }
  const std::string& input = config.source.files.path;
  if (config.source.kind == SourceKind::kFiles && !std::filesystem::exists(input)) {
    return absl::NotFoundError(Join("source.files.path: there is no ", input, "; check the path"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, std::string>> ResolveSecrets(const std::map<std::string, std::string>& settings) {
  std::map<std::string, std::string> resolved;
  for (const auto& [name, value] : settings) {
    if (!value.starts_with(kReference)) {
      resolved[name] = value;
      continue;
    }
    const std::string variable = value.substr(kReference.size());
    const char* secret = std::getenv(variable.c_str());  // NOLINT(concurrency-mt-unsafe): see the header
    if (secret == nullptr) {
      return absl::FailedPreconditionError(Join("source.kafka.settings.", name,
                                                " is to come from the environment variable ", variable,
                                                ", which is not set; set it for the daemon"));
    }
    resolved[name] = secret;
  }
  return resolved;
}

bool IsBrokerList(std::string_view text) {
  return std::ranges::all_of(Split(text, ','), [](std::string_view broker) { return IsHostAndPort(broker); });
}

absl::Status CheckListenAddress(std::string_view text, const SecurityConfig& security) {
  if (!IsHostAndPort(text))
    return absl::InvalidArgumentError(Join("listen address \"", text, "\" is not HOST:PORT, e.g. 127.0.0.1:7401"));
  if (IsLoopbackHost(text.substr(0, text.rfind(':')))) return absl::OkStatus();
  const std::string what = Join("listen address \"", text, "\" is not loopback: ");
  if (security.tls.certificate.empty()) {
    return absl::InvalidArgumentError(
        Join(what, "other addresses need TLS; set security.tls.certificate and security.tls.key"));
  }
  if (security.open()) {
    return absl::InvalidArgumentError(
        Join(what, "say who may ask, by client certificates (security.clients) or tokens (security.tokens)"));
  }
  return absl::OkStatus();
}

}  // namespace flosync
