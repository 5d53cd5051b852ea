#include <memory>
#include <string>

#include "daemon/cli/command.h"
#include "daemon/config.h"
#include "domain/text.h"

namespace flosync {
namespace {

// Every mistake on a line of its own, on stderr; where each key is good, what a daemon would refuse of the whole.
void RunCheck(const std::string& path, CommandContext& context) {
  const auto text = ReadConfigFile(path);
  if (!text.ok()) return Fail(context, text.status());
  const ParsedConfig parsed = ParseConfig(*text);
  for (const ConfigMistake& mistake : parsed.mistakes) Fail(context, DescribeMistake(path, mistake));
  if (!parsed.mistakes.empty()) return;
  absl::Status checked = CheckConfig(parsed.config);
  if (checked.ok()) checked = CheckNamedFiles(parsed.config);
  if (!checked.ok()) return Fail(context, Join(path, ": ", std::string(checked.message())));
  context.out << path << ": ok\n";
}

}  // namespace

void AddConfigCommand(CLI::App& app, CommandContext& context) {
  auto* config = app.add_subcommand("config", "Check a configuration file, or print one to begin with");
  config->group(std::string(kGroupSetUp));
  config->require_subcommand(1);
  config->footer("Example: flosync config example > flosync.toml && flosync config check flosync.toml");

  auto* check = config->add_subcommand("check", "Tell every mistake in a configuration file, with its line");
  check->footer("Example: flosync config check /etc/flosync/flosync.toml");
  auto path = std::make_shared<std::string>("/etc/flosync/flosync.toml");
  check->add_option("FILE", *path, "The file")->type_name("")->capture_default_str();
  check->callback([path, &context] { RunCheck(*path, context); });

  auto* example =
      config->add_subcommand("example", "Print a configuration with every key, its default and what it does");
  example->footer("Example: flosync config example > flosync.toml");
  example->callback([&context] { context.out << ExampleConfig(); });
}

}  // namespace flosync
