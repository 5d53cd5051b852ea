#include <memory>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/figure_lines.h"
#include "daemon/cli/question_options.h"
#include "daemon/cli/rows.h"
#include "daemon/cli/watch_run.h"

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
  command.callback([question, &context] { WatchRun<Lines>(question->flags, question->request, context).Run(); });
  return request;
}

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
  AddFilterOptions(*command, *AddWatchOptions<FigureLines>(*command, context)->mutable_filter());
}

}  // namespace flosync
