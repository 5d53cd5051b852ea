// flosync serve: the daemon.
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <spdlog/spdlog.h>

#include "daemon/cli/command.h"
#include "daemon/cli/logging.h"
#include "daemon/cli/process.h"
#include "daemon/cli/question_options.h"
#include "daemon/cli/stop_signal.h"
#include "daemon/daemon.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::chrono::seconds kLongestEnd(30);

struct ServeFlags {
  std::string config_file;
  std::optional<std::string> state;
  std::optional<std::string> brokers;
  std::optional<std::string> input;
  std::optional<std::string> listen;
  std::optional<std::string> http;
  std::optional<std::string> definitions;
  bool follow = false;
};

// The file's settings with the flags over them.
absl::StatusOr<Config> EffectiveConfig(const ServeFlags& flags) {
  Config config;
  if (!flags.config_file.empty()) {
    auto loaded = LoadConfig(flags.config_file);
    if (!loaded.ok()) return loaded.status();
    config = *std::move(loaded);
  }
  if (flags.state) config.state.directory = *flags.state;
  if (flags.definitions) config.state.definitions = *flags.definitions;
  if (flags.listen) config.listen.grpc = *flags.listen;
  if (flags.http) config.listen.http = *flags.http;
  if (flags.brokers) {
    config.source.kind = SourceKind::kKafka;
    config.source.kafka.brokers = *flags.brokers;
  }
  if (flags.input) {
    config.source.kind = SourceKind::kFiles;
    config.source.files.path = *flags.input;
  }
  if (flags.follow) config.source.files.follow = true;
  if (absl::Status checked = CheckConfig(config); !checked.ok()) return checked;
  return config;
}

void Serve(const ServeFlags& flags, CommandContext& context) {
  const auto config = EffectiveConfig(flags);
  if (!config.ok()) return Fail(context, config.status());
  SetUpLogging(config->log.level);
  KeepFilesToOwner();
  const StopSignal stop;
  std::optional<EndsWithin> end;
  auto daemon = Daemon::Start(*config, RaiseFileLimit());
  if (!daemon.ok()) return Fail(context, daemon.status());
  context.out << "flosync: grpc=" << (*daemon)->address() << " http=" << (*daemon)->http_address() << std::endl;
  spdlog::info("serving the state in {}", config->state.directory);
  WarnIfOthersMayRead(config->state.directory);
  while (!stop.Requested()) {
    if (const auto ended = (*daemon)->WaitFor(100)) {
      if (!ended->ok()) Fail(context, *ended);
      end.emplace(kLongestEnd);
      return;
    }
  }
  spdlog::info("stopping");
  end.emplace(kLongestEnd);
}

}  // namespace

void AddServeCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command =
      app.add_subcommand("serve", "Run the daemon: read the sources, keep the figures, answer over gRPC and HTTP");
  command->group(std::string(kGroupRun));
  const auto flags = std::make_shared<ServeFlags>();
  command->add_option("--config", flags->config_file, "TOML file with the settings (flags win over it)")
      ->type_name("FILE")
      ->check(CLI::ExistingFile);
  command->add_option("--state", flags->state, "State directory, made if missing")->type_name("DIR");
  command
      ->add_option("--definitions", flags->definitions,
                   "Directory of further definitions (.toml), beside the shipped ones")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  CLI::Option* brokers =
      command->add_option("--brokers", flags->brokers, "Read from Kafka: HOST:PORT,HOST:PORT")->check(CheckBrokers);
  command->add_option("--input", flags->input, "Read from files: a directory of replay files, or one file")
      ->type_name("PATH")
      ->check(CLI::ExistingPath)
      ->excludes(brokers);
  command->add_flag("--follow", flags->follow, "With --input: go on with lines appended and files added")
      ->excludes(brokers);
  command->add_option("--listen", flags->listen, "Address for gRPC, HOST:PORT; port 0 picks a free one")
      ->check(CheckListen);
  command->add_option("--http", flags->http, "Address for HTTP (JSON, metrics, health), HOST:PORT; off if not given")
      ->check(CheckListen);
  command->footer(
      "Prints `flosync: grpc=HOST:PORT http=HOST:PORT` (`http=off` without HTTP) as its first line once it answers, "
      "and\n"
      "stops on SIGTERM, SIGHUP or Ctrl-C.\n\n"
      "Example:\n  flosync serve --state /var/lib/flosync --brokers 127.0.0.1:9092\n"
      "  flosync serve --state /tmp/state --input /tmp/register --follow");
  command->callback([flags, &context] { Serve(*flags, context); });
}

}  // namespace flosync
