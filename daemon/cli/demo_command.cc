// flosync demo: what the software is for, in a minute.
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/demo_feed.h"
#include "daemon/cli/demo_tour.h"
#include "daemon/cli/logging.h"
#include "daemon/cli/question_options.h"
#include "daemon/cli/stop_signal.h"
#include "daemon/confirmed_clock.h"
#include "daemon/daemon.h"
#include "daemon/synthetic_register.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr int kMonthsOfHistory = 24;

struct DemoFlags {
  bool once = false;
  bool kafka = false;
  std::string brokers = "127.0.0.1:9092";
  std::string directory;
  std::string listen = "127.0.0.1:7401";
  double scale = 1.0;
};

// A directory of the demo's own; what it holds of an earlier demo is replaced.
absl::StatusOr<std::filesystem::path> Workplace(const DemoFlags& flags) {
  std::error_code error;
  std::filesystem::path place = flags.directory;
  if (flags.directory.empty()) {
    std::string pattern = (std::filesystem::temp_directory_path(error) / "flosync-demo-XXXXXX").string();
    if (error || mkdtemp(pattern.data()) == nullptr)
      return absl::UnavailableError("cannot make a temporary directory; give --dir");
    place = pattern;
  }
  for (const char* part : {"register", "state"}) std::filesystem::remove_all(place / part, error);
  std::filesystem::create_directories(place, error);
  if (error) return absl::UnavailableError(Join(place.string(), ": ", error.message(), "; give another --dir"));
  return place;
}

absl::Status GenerateRegister(const DemoFlags& flags, const std::string& directory, CommandContext& context) {
  const Day today = OsloDay(SystemNow());
  const Day from = Day(today.year(), today.month(), 1).PlusMonths(-kMonthsOfHistory);
  synthetic::GeneratorOptions options;
  options.from = ToSysDays(from);
  options.to = ToSysDays(today);
  options.scale = flags.scale;
  context.out << "1. Generating a synthetic national register, " << from.ToString() << " to " << today.ToString()
              << " …" << std::endl;
  const auto eras = MunicipalityEras(Geography::Shipped(), from, today);
  if (const std::string error = synthetic::Validate(options, eras); !error.empty())
    return absl::InvalidArgumentError(error);
  const auto made = synthetic::GenerateFiles(options, eras, directory);
  if (!made.error.empty()) return absl::UnavailableError(made.error);
  context.out << "   " << made.records << " records: " << made.persons << " persons in HPR, " << made.lists
              << " lists.\n";
  return absl::OkStatus();
}

// Waits until the daemon has read everything there is and made the snapshots that are due.
absl::Status AwaitFirstLoad(Daemon& daemon, const StopSignal& stop, CommandContext& context) {
  context.out << "2. The daemon reads it …" << std::endl;
  const Instant began = SteadyNow();
  while (!daemon.status()->ready) {
    if (const auto ended = daemon.WaitFor(100)) return *ended;
    if (stop.Requested()) return absl::CancelledError("stopped");
  }
  const auto status = daemon.status();
  const int64_t took_ms = std::max<int64_t>(SteadyNow().ms - began.ms, 1);
  context.out << "   " << status->records.read << " records in " << took_ms / 1000 << " s, " << status->commits
              << " commits; now it serves gRPC on " << daemon.address() << ".\n";
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<DemoFeed>> MakeFeed(const DemoFlags& flags, const std::string& directory) {
  if (!flags.kafka) return FileFeed(directory);
  return KafkaFeed(flags.brokers, directory);
}

absl::Status RunDemo(const DemoFlags& flags, CommandContext& context) {
  const auto place = Workplace(flags);
  if (!place.ok()) return place.status();
  const std::string files = (*place / "register").string();
  const StopSignal stop;
  if (absl::Status generated = GenerateRegister(flags, files, context); !generated.ok()) return generated;
  auto feed = MakeFeed(flags, files);
  if (!feed.ok()) return feed.status();
  if (absl::Status loaded = (*feed)->Load(files); !loaded.ok()) return loaded;
  Config config;
  config.state.directory = (*place / "state").string();
  config.listen.grpc = flags.listen;
  config.sync.commit_max_records = 10'000;
  (*feed)->Configure(config.source);
  SetUpLogging(LogLevel::kWarning);
  auto daemon = Daemon::Start(config);
  if (!daemon.ok()) return daemon.status();
  if (absl::Status ready = AwaitFirstLoad(**daemon, stop, context); !ready.ok()) return ready;
  ClientOptions client;
  client.address = (*daemon)->address();
  if (absl::Status shown = ShowTour(client, **feed, context); !shown.ok()) return shown;
  if (flags.once) return absl::OkStatus();
  context.out << "Serving until Ctrl-C; everything of this demo is in " << place->string() << "." << std::endl;
  while (!stop.Requested()) {
    if (const auto ended = (*daemon)->WaitFor(100)) return *ended;
  }
  return absl::OkStatus();
}

}  // namespace

void AddDemoCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command =
      app.add_subcommand("demo", "See it work: a synthetic national register, the daemon, figures that change");
  command->group(std::string(kGroupTry));
  const auto flags = std::make_shared<DemoFlags>();
  command->add_flag("--once", flags->once, "End after the tour instead of serving on");
  command->add_flag("--kafka", flags->kafka, "Load the register into a broker's topics and read them");
  command->add_option("--brokers", flags->brokers, "With --kafka: HOST:PORT")
      ->capture_default_str()
      ->check(CheckBrokers);
  command->add_option("--dir", flags->directory, "Directory for register and state; a new temporary one if not given")
      ->type_name("DIR");
  command->add_option("--listen", flags->listen, "Address for gRPC; port 0 picks a free one")
      ->capture_default_str()
      ->check(CheckOpenListen);
  command->add_option("--scale", flags->scale, "Factor on lists, doctors and persons")->capture_default_str();
  command->footer("Example:\n  flosync demo\n  flosync demo --once --scale 0.1");
  command->callback([flags, &context] {
    const absl::Status status = RunDemo(*flags, context);
    if (absl::IsInvalidArgument(status)) return FailUsage(context, std::string(status.message()));
    if (!status.ok() && !absl::IsCancelled(status)) Fail(context, status);
  });
}

}  // namespace flosync
