// flosync completion and flosync man: the command line described by itself.
#include <memory>
#include <string>

#include "daemon/cli/command.h"
#include "daemon/cli/command_tree.h"

namespace flosync {
namespace {

CLI::App* AddShell(CLI::App& completion, const CLI::App& app, CommandContext& context, const std::string& shell,
                   std::string (*script)(const std::vector<CommandInfo>&)) {
  auto* command = completion.add_subcommand(shell, "Print the completion script of " + shell);
  command->callback([&app, &context, script] { context.out << script(DescribeCommands(app)); });
  return command;
}

}  // namespace

void AddCompletionCommand(CLI::App& app, CommandContext& context) {
  auto* completion =
      app.add_subcommand("completion", "Print a script that completes commands and options in your shell");
  completion->group(std::string(kGroupSetUp));
  completion->require_subcommand(1);
  completion->footer("Example: source <(flosync completion bash)");
  AddShell(*completion, app, context, "bash", BashCompletion)
      ->footer(
          "Example: source <(flosync completion bash)\n"
          "         flosync completion bash > ~/.local/share/bash-completion/completions/flosync");
  AddShell(*completion, app, context, "zsh", ZshCompletion)
      ->footer(
          "Example: source <(flosync completion zsh)\n"
          "         flosync completion zsh > ~/.zfunc/_flosync");
  AddShell(*completion, app, context, "fish", FishCompletion)
      ->footer(
          "Example: flosync completion fish | source\n"
          "         flosync completion fish > ~/.config/fish/completions/flosync.fish");
}

void AddManCommand(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand("man", "Print the manual page of all commands, in roff");
  command->group(std::string(kGroupSetUp));
  command->footer("Example: flosync man | man -l -");
  command->callback([&app, &context] { context.out << ManPage(DescribeCommands(app), FLOSYNC_VERSION); });
}

}  // namespace flosync
