// flosync replay: files through the daemon's own pipeline, with the snapshots of record time.
#include <algorithm>
#include <iomanip>
#include <memory>
#include <optional>
#include <string>

#include "daemon/cli/command.h"
#include "daemon/cli/process.h"
#include "daemon/cli/progress_bar.h"
#include "daemon/cli/rows.h"
#include "daemon/definition_files.h"
#include "daemon/replay.h"
#include "domain/text.h"

namespace flosync {
namespace {

struct ReplayFlags {
  ReplayOptions options;
  std::string until;
  std::string known_at;
  std::string export_directory;
  std::string definitions;
};

// First editions, or later ones.
int64_t Count(const std::vector<MadeEdition>& made, bool first) {
  return std::ranges::count_if(made, [first](const MadeEdition& edition) { return (edition.edition == 1) == first; });
}

void PrintResult(const ReplayResult& result, CommandContext& context) {
  const RecordCounts& c = result.counts;
  const double rate = result.seconds > 0 ? static_cast<double>(result.records) / result.seconds : 0;
  context.out << "records read: " << result.records << " in " << std::fixed << std::setprecision(2) << result.seconds
              << " s, " << std::setprecision(0) << rate << " a second\n"
              << "records in all: read " << c.read << ", applied " << c.applied << ", duplicate " << c.duplicate
              << ", older " << c.older << ", conflicting " << c.conflicting << ", refused " << c.refused << ", ignored "
              << c.ignored << ", skipped " << c.skipped << '\n'
              << "snapshots made: " << Count(result.editions_made, true)
              << ", new editions of earlier ones: " << Count(result.editions_made, false);
  if (!result.editions_made.empty()) {
    context.out << " (up to " << result.editions_made.back().reference_date.ToString() << ")";
  }
  context.out << "\nstate digest: " << result.state_digest << '\n';
}

absl::StatusOr<ReplayResult> ReplayWithBar(ReplayOptions& options, CommandContext& context) {
  ProgressBar bar(context, "replaying");
  options.progress = [&bar](int64_t records, double share) {
    bar.Show(share, share < 1 ? Join(records, " records") : Join(records, " records; making snapshots"));
  };
  return Replay(options);
}

void RunReplay(ReplayFlags& flags, CommandContext& context) {
  if (!flags.known_at.empty()) flags.options.known_at = ParseInstant(flags.known_at);
  std::optional<Definitions> definitions;
  if (!flags.definitions.empty()) {
    auto loaded = LoadDefinitions(flags.definitions);
    if (!loaded.ok()) return Fail(context, loaded.status());
    definitions = *std::move(loaded);
    flags.options.definitions = &*definitions;
  }
  if (!flags.until.empty()) flags.options.until = ParseDay(flags.until);
  if (!flags.export_directory.empty()) flags.options.export_directory = flags.export_directory;
  KeepFilesToOwner();
  const auto result = ReplayWithBar(flags.options, context);
  if (absl::IsInvalidArgument(result.status())) return FailUsage(context, std::string(result.status().message()));
  if (!result.ok()) return Fail(context, result.status());
  PrintResult(*result, context);
  if (result->snapshots_end_at) {
    Note(context, Join("there are records known after ", result->snapshots_end_at->ToString(),
                       ", the last day that snapshots are made of; if their timestamps are wrong, correct them and "
                       "replay into a new state"));
  }
}

}  // namespace

void AddReplayCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command =
      app.add_subcommand("replay", "Build a state from files, with the snapshots that fell due in record time");
  command->group(std::string(kGroupRun));
  const auto flags = std::make_shared<ReplayFlags>();
  command
      ->add_option("--input", flags->options.input_path, "Directory of replay files (.ndjson, .gz, .zst), or one file")
      ->type_name("PATH")
      ->required()
      ->check(CLI::ExistingPath);
  command
      ->add_option("--state", flags->options.state_directory, "State directory, made if missing; goes on where it was")
      ->type_name("DIR")
      ->required();
  command->add_option("--until", flags->until, "Stop before records of 06:00 Oslo on this first of month, yyyy-MM-dd")
      ->check(CheckDay);
  command->add_option("--known-at", flags->known_at, "Leave out records known at or after this instant")
      ->check(CheckInstant);
  command
      ->add_option("--definitions", flags->definitions,
                   "Directory of further definitions (.toml), beside the shipped ones")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
  command->add_option("--export", flags->export_directory, "Write the snapshots and deviations.csv into this directory")
      ->type_name("DIR");
  command->add_option("--batch-records", flags->options.batch_records, "Records a commit")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  command->footer("Example:\n  flosync replay --input /tmp/register --state /tmp/state --export /tmp/export");
  command->callback([flags, &context] { RunReplay(*flags, context); });
}

}  // namespace flosync
