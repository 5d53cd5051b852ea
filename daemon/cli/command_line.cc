#include "daemon/cli/command_line.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/cli/command.h"
#include "daemon/cli/command_tree.h"
#include "daemon/cli/output.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::string_view kDescription =
    "Keeps FLO's view of every doctor current with HPR and turns it into indicators on the GP scheme.";
constexpr std::string_view kFooter =
    "Examples:\n"
    "  flosync demo                                   see it work on synthetic data\n"
    "  flosync serve --state DIR --brokers HOST:PORT  run the daemon\n"
    "  flosync status                                 ask a running daemon how it stands\n"
    "\n"
    "flosync COMMAND --help explains a command. Exit codes: 0 done, 1 failed, 2 usage.";

// The text of a variable of the environment. No other thread runs yet that could change it.
std::string_view Environment(const char* name) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? "" : text;
}

// A terminal that understands more than lines.
bool IsTerminal(int descriptor) {
  return isatty(descriptor) == 1 && !Environment("TERM").empty() && Environment("TERM") != "dumb";
}

void AddCommands(CLI::App& app, CommandContext& context) {
  AddServeCommand(app, context);
  AddReplayCommand(app, context);
  AddStatusCommand(app, context);
  AddIndicatorsCommand(app, context);
  AddWatchCommand(app, context);
  AddSnapshotCommand(app, context);
  AddDoctorCommand(app, context);
  AddListsCommand(app, context);
  AddStateCommand(app, context);
  AddDeviationsCommand(app, context);
  AddAlertsCommand(app, context);
  AddAuditCommand(app, context);
  AddSyncCommand(app, context);
  AddBackupCommand(app, context);
  AddRestoreCommand(app, context);
  AddConfigCommand(app, context);
  AddAccessLogCommand(app, context);
  AddGenerateCommand(app, context);
  AddDemoCommand(app, context);
  AddCompletionCommand(app, context);
  AddManCommand(app, context);
}

// Before anything is parsed.
void SetUp(CLI::App& app, CommandContext& context) {
  app.footer(std::string(kFooter));
  app.set_version_flag("--version", "flosync " FLOSYNC_VERSION, "Print the version and exit");
  app.require_subcommand(1);
  AddCommands(app, context);
}

// "flosync snapshot list": the command as far as it was understood.
std::string CommandSoFar(const CLI::App& app) {
  std::string command = app.get_name();
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    command += " " + at->get_name();
  }
  return command;
}

// What is wrong with the arguments, and where to read on.
std::string UsageText(const CLI::App& app, const CLI::ParseError& error, bool nothing_given) {
  const std::string command = CommandSoFar(app);
  if (nothing_given) return Join("name a command; `", command, " --help` lists them");
  const std::vector<std::string> unknown = app.remaining(/*recurse=*/true);
  // CLI11 only says that some command is missing.
  if (error.get_name() == "RequiredError" && !unknown.empty()) {
    return Join("there is no ", command, " ", OneLine(unknown.front()), "; `", command, " --help` lists what there is");
  }
  return Join(OneLine(error.what()), "; `", command, " --help` explains");
}

int Run(int argc, const char* const* argv, CommandContext& context) {
  CLI::App app{std::string(kDescription), "flosync"};
  SetUp(app, context);
  // CLI11 reports by exceptions; they end here.
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    context.out << app.help();
  } catch (const CLI::CallForVersion& version) {
    context.out << version.what() << '\n';
  } catch (const CLI::ParseError& error) {
    Note(context, UsageText(app, error, argc < 2));
    return kExitUsage;
  }
  context.out.flush();
  if (context.exit_code == kExitDone && !context.out)
    Fail(context, "cannot write to standard output; is its disk full?");
  return context.exit_code;
}

}  // namespace

int RunCommandLine(int argc, char** argv) {
  CommandContext context{.out = std::cout,
                         .err = std::cerr,
                         .colours = IsTerminal(STDOUT_FILENO) && Environment("NO_COLOR").empty(),
                         .progress = IsTerminal(STDERR_FILENO)};
  return Run(argc, argv, context);
}

std::vector<CommandInfo> AllCommands() {
  std::ostringstream nowhere;
  CommandContext context{.out = nowhere, .err = nowhere};
  CLI::App app{std::string(kDescription), "flosync"};
  SetUp(app, context);
  return DescribeCommands(app);
}

int RunCommandLine(int argc, const char* const* argv, std::ostream& out, std::ostream& err) {
  CommandContext context{.out = out, .err = err};
  return Run(argc, argv, context);
}

}  // namespace flosync
