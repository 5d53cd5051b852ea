#include "daemon/cli/client.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <utility>

#include "daemon/config.h"
#include "daemon/security/certificate.h"
#include "daemon/services/errors.h"
#include "domain/text.h"

namespace flosync {
namespace {

// A page of 10 000 rows takes about 2 MB.
constexpr int kMostMessageBytes = 64 * 1024 * 1024;
// gRPC's own waiting grows to two minutes; a daemon that is back is to be found sooner.
constexpr int kLeastReconnectMs = 100;
constexpr int kMostReconnectMs = 2'000;

void AddCredentialOptions(CLI::App& command, ClientOptions& options) {
  const std::string group = "Who asks";
  command.add_option("--tls-ca", options.tls_ca, "Use TLS: authorities of the daemon's certificate, or system")
      ->type_name("FILE")
      ->envname("FLOSYNC_TLS_CA")
      ->group(group);
  command.add_option("--tls-cert", options.tls_cert, "The client's own certificate")
      ->type_name("FILE")
      ->envname("FLOSYNC_TLS_CERT")
      ->group(group);
  command.add_option("--tls-key", options.tls_key, "Its private key")
      ->type_name("FILE")
      ->envname("FLOSYNC_TLS_KEY")
      ->group(group);
  command.add_option("--token-file", options.token_file, "File with a bearer token (or the token in FLOSYNC_TOKEN)")
      ->type_name("FILE")
      ->envname("FLOSYNC_TOKEN_FILE")
      ->group(group);
  command.add_option("--purpose", options.purpose, "What doctors are read for, as the access log notes it")
      ->type_name("TEXT")
      ->envname("FLOSYNC_PURPOSE")
      ->group(group);
}

// A file that cannot be read is as an empty one: AddCredentials says what is wrong with it.
std::string ReadPem(const std::string& path) {
  constexpr size_t kMostBytes = 1U << 20;
  std::string pem;
  return ReadSmallFile(path, kMostBytes, pem).ok() ? pem : std::string();
}

std::shared_ptr<grpc::ChannelCredentials> MakeChannelCredentials(const ClientOptions& options) {
  if (options.tls_ca.empty()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  if (options.tls_ca != "system") tls.pem_root_certs = ReadPem(options.tls_ca);
  if (!options.tls_cert.empty()) {
    tls.pem_cert_chain = ReadPem(options.tls_cert);
    tls.pem_private_key = ReadPem(options.tls_key);
  }
  return grpc::SslCredentials(tls);
}

grpc::Status Unusable(const std::string& why) { return {grpc::StatusCode::INVALID_ARGUMENT, why}; }

bool IsPrintable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

grpc::Status CheckTls(const ClientOptions& options) {
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return Unusable("--tls-cert and --tls-key go together: give both, or neither");
  }
  if (options.tls_ca.empty() && !options.tls_cert.empty()) {
    return Unusable("a client certificate needs TLS: give --tls-ca FILE (or --tls-ca system)");
  }
  absl::Status files;
  if (!options.tls_ca.empty() && options.tls_ca != "system") files = CheckAuthorities(options.tls_ca);
  if (files.ok() && !options.tls_cert.empty()) files = CheckTlsFiles(options.tls_cert, options.tls_key);
  return FromStatus(files);
}

// The token without the line feed at its end; empty if there is none.
grpc::Status ReadToken(const ClientOptions& options, std::string& token) {
  constexpr size_t kMostBytes = 16'384;
  if (!options.token_file.empty()) {
    const absl::Status read = ReadSmallFile(options.token_file, kMostBytes, token);
    if (!read.ok()) return FromStatus(read);
  } else if (const char* variable = std::getenv("FLOSYNC_TOKEN")) {  // NOLINT(concurrency-mt-unsafe): nobody sets it
    token = variable;
  }
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (!IsPrintable(token) || token.find(' ') != std::string::npos) {
    return Unusable("the token holds blanks or other characters that no token has; look at its file");
  }
  if (token.empty() && !options.token_file.empty()) return Unusable(options.token_file + " holds no token");
  return grpc::Status::OK;
}

}  // namespace

void AddClientOptions(CLI::App& command, ClientOptions& options) {
  static const std::map<std::string, OutputFormat> kFormats = {
      {"table", OutputFormat::kTable}, {"json", OutputFormat::kJson}, {"csv", OutputFormat::kCsv}};
  const std::string group = "Connection and output";
  command.add_option("--address", options.address, "Where the daemon listens")
      ->type_name("HOST:PORT")
      ->capture_default_str()
      ->check(
          [](const std::string& text) { return IsHostAndPort(text) ? "" : Join("has to be HOST:PORT, not ", text); })
      ->group(group);
  command
      .add_option_function<std::string>(
          "--output,--format", [&options](const std::string& name) { options.output = kFormats.at(name); },
          "How to print")
      ->type_name("table|json|csv")
      ->default_str("table")
      ->check([](const std::string& text) {
        return kFormats.contains(text) ? "" : Join("has to be table, json or csv, not ", text);
      })
      ->group(group);
  command.add_option("--timeout-ms", options.timeout_ms, "How long to wait for an answer, in milliseconds")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(1, 3'600'000))
      ->group(group);
  AddCredentialOptions(command, options);
}

grpc::Status AddCredentials(grpc::ClientContext& context, const ClientOptions& options) {
  if (grpc::Status tls = CheckTls(options); !tls.ok()) return tls;
  // The library aborts on what it cannot send.
  if (!IsPrintable(options.purpose)) return Unusable("--purpose takes printable ASCII characters only");
  std::string token;
  if (grpc::Status read = ReadToken(options, token); !read.ok()) return read;
  if (!token.empty() && options.tls_ca.empty() &&
      !IsLoopbackHost(options.address.substr(0, options.address.rfind(':')))) {
    return Unusable("a token goes over TLS only, or to this machine; give --tls-ca FILE (or --tls-ca system)");
  }
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  if (!options.purpose.empty()) context.AddMetadata("flosync-purpose", options.purpose);
  return grpc::Status::OK;
}

std::shared_ptr<grpc::Channel> Connect(const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMostMessageBytes);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kLeastReconnectMs);
  // How long one attempt to connect may take: a daemon that is busy answers late, one that is not there refuses at
  // once.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, options.timeout_ms);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kMostReconnectMs);
  arguments.SetUserAgentPrefix("flosync/" FLOSYNC_VERSION);
  return grpc::CreateCustomChannel(options.address, MakeChannelCredentials(options), arguments);
}

void ClearSingular(google::protobuf::Message& all) {
  const google::protobuf::Descriptor& type = *all.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    if (!field->is_repeated() && field->message_type() != nullptr) all.GetReflection()->ClearField(&all, field);
  }
}

void SetDeadline(grpc::ClientContext& context, const ClientOptions& options) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(options.timeout_ms));
}

std::string DescribeFailure(const grpc::Status& status, const ClientOptions& options) {
  // With a reason it is the daemon itself that speaks, and its texts say what to do.
  const std::string reason = ReadErrorDetails(status).reason;
  if (!reason.empty()) return Join(status.error_message(), " (", reason, ")");
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE && !options.tls_ca.empty()) {
    return Join("cannot reach ", options.address, " over TLS (", status.error_message(),
                "); look whether a daemon listens there, and at the certificates of both sides");
  }
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    return Join("cannot reach ", options.address, " (", status.error_message(),
                "); start the daemon with `flosync serve --state DIR …` or give --address");
  }
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return Join(options.address, " did not answer within ", options.timeout_ms,
                " ms; look at its log, or wait longer with --timeout-ms");
  }
  // Without a reason it is gRPC's own answer to a method that is not there, or no daemon that answers.
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
    return Join("what listens at ", options.address, " does not know this request (", status.error_message(),
                "); is it a flosync daemon of this version?");
  }
  if (!status.error_message().empty()) return status.error_message();
  return Join("the daemon at ", options.address, " refused without a reason (code ",
              static_cast<int>(status.error_code()), "); look at its log");
}

void FailCall(CommandContext& context, const grpc::Status& status, const ClientOptions& options) {
  const std::string what = DescribeFailure(status, options);
  status.error_code() == grpc::StatusCode::INVALID_ARGUMENT ? FailUsage(context, what) : Fail(context, what);
}

}  // namespace flosync
