#include "daemon/cli/client.h"

#include <chrono>
#include <map>

#include "daemon/config.h"
#include "daemon/services/errors.h"
#include "domain/text.h"

namespace flosync {
namespace {

// A page of 10 000 rows takes about 2 MB.
constexpr int kMostMessageBytes = 64 * 1024 * 1024;
// gRPC's own waiting grows to two minutes; a daemon that is back is to be found sooner.
constexpr int kLeastReconnectMs = 100;
constexpr int kMostReconnectMs = 2'000;

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
  return grpc::CreateCustomChannel(options.address, grpc::InsecureChannelCredentials(), arguments);
}

void SetDeadline(grpc::ClientContext& context, const ClientOptions& options) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(options.timeout_ms));
}

std::string DescribeFailure(const grpc::Status& status, const ClientOptions& options) {
  // With a reason it is the daemon itself that speaks, and its texts say what to do.
  const std::string reason = ReadErrorDetails(status).reason;
  if (!reason.empty()) return Join(status.error_message(), " (", reason, ")");
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
