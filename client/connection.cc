#include "client/connection.h"

#include <algorithm>

#include <absl/status/status.h>

#include "client/tls_files.h"
#include "domain/address.h"
#include "domain/text.h"

namespace flosync::client {
namespace {

// A page of 10 000 rows takes about 2 MB.
constexpr int kMostMessageBytes = 64 * 1024 * 1024;
// gRPC's own waiting grows to two minutes; a daemon that is back is to be found sooner.
constexpr int kLeastReconnectMs = 100;
constexpr int kMostReconnectMs = 2'000;

// A file that cannot be read is as an empty one: AddCredentials says what is wrong with it.
std::string ReadPem(const std::string& path) {
  constexpr size_t kMostBytes = 1U << 20;
  std::string pem;
  return ReadSmallFile(path, kMostBytes, pem).ok() ? pem : std::string();
}

std::shared_ptr<grpc::ChannelCredentials> MakeChannelCredentials(const Options& options) {
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

// The codes of absl are those of gRPC, number by number.
grpc::Status ToGrpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

grpc::Status CheckTls(const Options& options) {
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return Unusable("a certificate and its key go together (--tls-cert, --tls-key): give both, or neither");
  }
  if (options.tls_ca.empty() && !options.tls_cert.empty()) {
    return Unusable("a client certificate needs TLS: name the authorities of the daemon (--tls-ca; a file, or system)");
  }
  absl::Status files;
  if (!options.tls_ca.empty() && options.tls_ca != "system") files = CheckAuthorities(options.tls_ca);
  if (files.ok() && !options.tls_cert.empty()) files = CheckTlsFiles(options.tls_cert, options.tls_key);
  return ToGrpc(files);
}

// The token without the line feed at its end; empty if there is none.
grpc::Status ReadToken(const Options& options, std::string& token) {
  constexpr size_t kMostBytes = 16'384;
  token = options.token;
  if (!options.token_file.empty()) {
    const absl::Status read = ReadSmallFile(options.token_file, kMostBytes, token);
    if (!read.ok()) return ToGrpc(read);
  }
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (!IsPrintable(token) || token.find(' ') != std::string::npos) {
    return Unusable("the token holds blanks or other characters that no token has; look at its file");
  }
  if (token.empty() && !options.token_file.empty()) return Unusable(options.token_file + " holds no token");
  return grpc::Status::OK;
}

}  // namespace

std::shared_ptr<grpc::Channel> Connect(const Options& options) {
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

grpc::Status AddCredentials(grpc::ClientContext& context, const Options& options) {
  if (grpc::Status tls = CheckTls(options); !tls.ok()) return tls;
  // The library aborts on what it cannot send.
  if (!IsPrintable(options.purpose)) return Unusable("a purpose takes printable ASCII characters only");
  std::string token;
  if (grpc::Status read = ReadToken(options, token); !read.ok()) return read;
  if (!token.empty() && options.tls_ca.empty() &&
      !IsLoopbackHost(options.address.substr(0, options.address.rfind(':')))) {
    return Unusable(
        "a token goes over TLS only, or to this machine; name the authorities of the daemon (--tls-ca; a file, or "
        "system)");
  }
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
  if (!options.purpose.empty()) context.AddMetadata("flosync-purpose", options.purpose);
  return grpc::Status::OK;
}

}  // namespace flosync::client
