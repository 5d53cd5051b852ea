#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/question_options.h"
#include "daemon/cli/rows.h"
#include "daemon/cli/stream_guard.h"
#include "daemon/cli/update_printer.h"
#include "daemon/services/errors.h"
#include "domain/text.h"

#include "flosync/v1/indicator_service.grpc.pb.h"

namespace flosync {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// The daemon says something at least every ten seconds, if only how far it has come.
constexpr milliseconds kLongestSilence{30'000};
constexpr milliseconds kShortestPause{100};
constexpr milliseconds kLongestPause{5'000};

struct WatchOptions {
  ClientOptions client;
  v1::WatchIndicatorsRequest request;
  int64_t count = 0;            // 0 = no end
  int32_t reconnect_s = 3'600;  // how long to try again after the daemon was last heard
};

// One watch over as many connections as it takes.
class WatchSession {
 public:
  WatchSession(WatchOptions& options, CommandContext& context)
      : options_(options),
        context_(context),
        printer_(options.client.output, context.out, context.colours),
        stub_(v1::IndicatorService::NewStub(Connect(options.client))),
        resume_token_(options.request.resume_token()) {}

  void Run() {
    printer_.Begin();
    while (ReadOn()) {
    }
    // Printed on every way out: it is what makes the end no loss.
    if (resume_token_ == options_.request.resume_token()) return;
    Note(context_, Join("go on from here with --resume-token ", resume_token_));
  }

 private:
  [[nodiscard]] bool Enough() const { return options_.count > 0 && printed_ >= options_.count; }

  // One connection and the pause after it; false if there is to be no other.
  bool ReadOn() {
    const grpc::Status ended = ReadStream();
    if (Enough() || guard_.stopped() || !context_.out) return false;
    if (!MayReconnect(ended)) {
      FailCall(context_, ended, options_.client);
      return false;
    }
    if (pause_ == kShortestPause) {
      const std::string lost = Join("lost the daemon at ", options_.client.address);
      Note(context_, Join(heard_once_ ? lost : DescribeFailure(ended, options_.client), "; trying again"));
    }
    const bool go_on = guard_.Sleep(pause_);
    pause_ = std::min(pause_ * 2, kLongestPause);
    return go_on;
  }

  // From the connection to its end; prints what comes.
  grpc::Status ReadStream() {
    v1::WatchIndicatorsRequest request = options_.request;
    request.set_resume_token(resume_token_);
    grpc::ClientContext call;
    if (grpc::Status added = AddCredentials(call, options_.client); !added.ok()) return added;
    const auto reader = stub_->WatchIndicators(&call, request);
    // A daemon that is there says at once where it stands.
    guard_.Watch(&call, milliseconds(options_.client.timeout_ms));
    v1::WatchIndicatorsResponse message;
    while (reader->Read(&message)) {
      guard_.Rest();
      heard_once_ = true;
      heard_ = Clock::now();
      pause_ = kShortestPause;
      Take(message);
      if (Enough() || !context_.out) call.TryCancel();
      guard_.Watch(&call, kLongestSilence);
    }
    grpc::Status status = reader->Finish();
    guard_.Rest();
    if (guard_.timed_out()) return {grpc::StatusCode::DEADLINE_EXCEEDED, "no message came"};
    return status;
  }

  // The token moves with the last update of a message: a watch that ends in between repeats the message, it loses
  // nothing.
  void Take(const v1::WatchIndicatorsResponse& message) {
    // One that was under way when the last update wanted had come.
    if (Enough()) return;
    for (int i = 0; i < message.updates_size() && !Enough(); ++i) {
      if (i + 1 == message.updates_size()) resume_token_ = message.resume_token();
      printer_.Print(message, i, resume_token_);
      ++printed_;
    }
    if (message.updates_size() == 0) resume_token_ = message.resume_token();
    context_.out.flush();
  }

  [[nodiscard]] bool MayReconnect(const grpc::Status& ended) const {
    if (Clock::now() - heard_ > std::chrono::seconds(options_.reconnect_s)) return false;
    // A daemon that has never answered may not be there at all; one that says when to come again is.
    if (!heard_once_) {
      return ended.error_code() == grpc::StatusCode::UNAVAILABLE && ReadErrorDetails(ended).retry_after.has_value();
    }
    switch (ended.error_code()) {
      // It stopped, went away, was silent for too long, or still counts the stream that broke. A call that reaches a
      // stopping server ends as cancelled.
      case grpc::StatusCode::OK:
      case grpc::StatusCode::CANCELLED:
      case grpc::StatusCode::UNAVAILABLE:
      case grpc::StatusCode::DEADLINE_EXCEEDED:
      case grpc::StatusCode::RESOURCE_EXHAUSTED:
        return true;
      default:
        return false;
    }
  }

  WatchOptions& options_;
  CommandContext& context_;
  UpdatePrinter printer_;
  StreamGuard guard_;
  std::unique_ptr<v1::IndicatorService::Stub> stub_;
  std::string resume_token_;
  int64_t printed_ = 0;
  bool heard_once_ = false;
  Clock::time_point heard_ = Clock::now();
  milliseconds pause_ = kShortestPause;
};

}  // namespace

void AddWatchCommand(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand("watch", "Print every change of a figure as it happens");
  command->group(std::string(kGroupRead));
  command->footer(
      "Example: flosync watch --level nation\n"
      "         flosync watch --initial-state --output json --measure gp_specialist_share\n"
      "         flosync watch --count 10 --resume-token TOKEN\n"
      "Ctrl-C ends it; the token to go on from is then printed on standard error, and stands in every line of json. "
      "After a\n"
      "break of the connection it goes on by itself, without gap or repeat.");
  auto options = std::make_shared<WatchOptions>();
  AddClientOptions(*command, options->client);
  AddFilterOptions(*command, *options->request.mutable_filter());
  auto* request = &options->request;
  command->add_flag_callback(
      "--initial-state", [request] { request->set_initial_state(true); }, "Begin with every figure as it is now");
  command
      ->add_option_function<std::string>(
          "--resume-token", [request](const std::string& token) { request->set_resume_token(token); },
          "Go on after this position instead; with the same filter")
      ->type_name("TOKEN");
  AddCountOption(*command, "--count", options->count, "Stop after so many updates; 0 = go on for ever");
  command->add_option("--reconnect-s", options->reconnect_s, "How long to try to find a lost daemon again, in seconds")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(0, 31'536'000));
  command->callback([options, &context] { WatchSession(*options, context).Run(); });
}

}  // namespace flosync
