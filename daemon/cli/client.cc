#include "daemon/cli/client.h"

#include <cstdlib>
#include <map>

#include "client/error_details.h"
#include "domain/address.h"
#include "domain/text.h"

namespace flosync {
namespace {

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
  // Not an option: a token among a command's arguments could be seen by everybody on the machine.
  if (const char* token = std::getenv("FLOSYNC_TOKEN")) options.token = token;  // NOLINT(concurrency-mt-unsafe)
  command.add_option("--purpose", options.purpose, "What doctors are read for, as the access log notes it")
      ->type_name("TEXT")
      ->envname("FLOSYNC_PURPOSE")
      ->group(group);
}

}  // namespace

void AddClientOptions(CLI::App& command, ClientOptions& options) {
  static const std::map<std::string, OutputFormat> kFormats = {
      {"table", OutputFormat::kTable}, {"json", OutputFormat::kJson}, {"csv", OutputFormat::kCsv}};
  const std::string group = "Connection and output";
  command.add_option("--address", options.address, "Where the daemon listens")
      ->type_name("HOST:PORT")
      ->envname("FLOSYNC_ADDRESS")
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

void ClearSingular(google::protobuf::Message& all) {
  const google::protobuf::Descriptor& type = *all.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    if (!field->is_repeated() && field->message_type() != nullptr) all.GetReflection()->ClearField(&all, field);
  }
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
    return Join(
        "cannot reach ", options.address, " (", status.error_message(),
        "); start the daemon with `flosync serve --state DIR …` or give --address; if it answers over TLS only, "
        "name the authorities of its certificate (--tls-ca)");
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
