#include <memory>
#include <string>
#include <vector>

#include "daemon/cli/alert_lines.h"
#include "daemon/cli/alert_rows.h"
#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/doctor_lines.h"
#include "daemon/cli/figure_lines.h"
#include "daemon/cli/question_options.h"
#include "daemon/cli/rows.h"
#include "daemon/cli/snapshot_lines.h"
#include "daemon/cli/watch_run.h"
#include "domain/text.h"

namespace flosync {
namespace {

// What one command asks for.
template <typename Lines>
struct WatchQuestion {
  WatchFlags flags;
  typename Lines::Watch::Request request;
};

// The options that every watch has, and what the command does.
template <typename Lines>
auto* AddWatchOptions(CLI::App& command, CommandContext& context) {
  const auto question = std::make_shared<WatchQuestion<Lines>>();
  WatchFlags& flags = question->flags;
  auto* request = &question->request;
  AddClientOptions(command, flags.client);
  command.add_flag_callback(
      "--initial-state", [request] { request->set_initial_state(true); }, "Begin with everything as it is now");
  command
      .add_option_function<std::string>(
          "--resume-token", [request](const std::string& token) { request->set_resume_token(token); },
          "Go on after this position instead; with the same filter")
      ->type_name("TOKEN");
  command.add_flag("--begin-anew", flags.watch.begin_anew,
                   "Where that position is no longer kept: say so and begin with everything as it is now");
  AddCountOption(command, "--count", flags.count, "Stop after so many updates; 0 = go on for ever");
  command
      .add_option("--reconnect-s", flags.watch.reconnect_s, "How long to try to find a lost daemon again, in seconds")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(0, 31'536'000));
  command.callback([question, &command, &context] {
    // Of `flosync watch NAME` only what is named runs.
    if (command.get_subcommands().empty()) WatchRun<Lines>(question->flags, question->request, context).Run();
  });
  return request;
}

constexpr const char* kAboutTokens =
    "Ctrl-C ends it; the token to go on from is then printed on standard error, and stands in every line of json. "
    "After a\n"
    "break of the connection it goes on by itself, without gap or repeat.";

// `flosync watch` with options of its own watches figures; they are no options of what is named after it.
void RefuseOwnOptions(const CLI::App& watch) {
  if (watch.get_subcommands().empty()) return;
  for (const CLI::Option* option : watch.get_options()) {
    if (option->count() == 0 || !option->get_envname().empty()) continue;
    throw CLI::ValidationError(option->get_name(), Join("stands before ", watch.get_subcommands().front()->get_name(),
                                                        "; options go after what is watched"));
  }
}

void AddWatchFigures(CLI::App& command, CommandContext& context) {
  AddFilterOptions(command, *AddWatchOptions<FigureLines>(command, context)->mutable_filter());
}

void AddWatchAlerts(CLI::App& watch, CommandContext& context) {
  auto* command = watch.add_subcommand("alerts", "Print every alert that is opened, updated, acknowledged or resolved");
  command->footer(
      Join("Example: flosync watch alerts --severity critical\n"
           "         flosync watch alerts --initial-state --status open,acknowledged --output json\n",
           kAboutTokens));
  AddAlertFilterOptions(*command, *AddWatchOptions<AlertLines>(*command, context)->mutable_filter());
}

void AddWatchDoctors(CLI::App& watch, CommandContext& context) {
  auto* command = watch.add_subcommand(
      "doctors", "Print every change of what is true today (Europe/Oslo) of the doctors that doctor periods name");
  command->footer(
      Join("Example: flosync watch doctors --on-contract\n"
           "         flosync watch doctors --initial-state --hpr-number 999000011 --output json\n",
           kAboutTokens));
  auto* filter = AddWatchOptions<DoctorLines>(*command, context)->mutable_filter();
  command
      ->add_option_function<std::vector<int32_t>>(
          "--hpr-number",
          [filter](const std::vector<int32_t>& numbers) {
            filter->mutable_hpr_numbers()->Add(numbers.begin(), numbers.end());
          },
          "Only these, as doctor periods name them")
      ->type_name("N")
      ->delimiter(',');
  command->add_flag_callback(
      "--on-contract", [filter] { filter->set_on_contract(true); }, "Only doctors who are on a contract today");
}

void AddWatchSnapshots(CLI::App& watch, CommandContext& context) {
  auto* command =
      watch.add_subcommand("snapshots", "Print every snapshot that is made or withdrawn, new dates and corrections");
  command->footer(
      Join("Example: flosync watch snapshots\n"
           "         flosync watch snapshots --initial-state --from 2025-01-01 --output csv\n",
           kAboutTokens));
  auto* filter = AddWatchOptions<SnapshotLines>(*command, context)->mutable_filter();
  AddDayOption(*command, "--from", "Reference dates from this one on",
               [filter](const std::string& day) { filter->set_first_reference_date(day); });
  AddDayOption(*command, "--to", "Reference dates up to this one, it included",
               [filter](const std::string& day) { filter->set_last_reference_date(day); });
}

}  // namespace

void AddWatchCommand(CLI::App& app, CommandContext& context) {
  auto* watch = app.add_subcommand("watch", "Print every change as it happens: of figures, alerts, doctors, snapshots");
  watch->group(std::string(kGroupRead));
  watch->footer(
      Join("Example: flosync watch --level nation\n"
           "         flosync watch alerts --severity critical\n"
           "Without a name figures are watched.\n",
           kAboutTokens));
  AddWatchFigures(*watch, context);
  watch->parse_complete_callback([watch] { RefuseOwnOptions(*watch); });

  auto* figures = watch->add_subcommand("indicators", "Print every change of a figure");
  figures->footer(
      Join("Example: flosync watch indicators --level nation\n"
           "         flosync watch indicators --initial-state --output json --measure gp_specialist_share\n"
           "         flosync watch indicators --count 10 --resume-token TOKEN\n",
           kAboutTokens));
  AddWatchFigures(*figures, context);
  AddWatchAlerts(*watch, context);
  AddWatchDoctors(*watch, context);
  AddWatchSnapshots(*watch, context);
}

}  // namespace flosync
