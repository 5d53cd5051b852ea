// All commands, walked: each explains itself with an example, and mistakes are told from failures.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/cli/command_line.h"
#include "daemon/cli/progress_bar.h"
#include "tests/unit/cli_testing.h"

namespace flosync {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> WordsOf(const CommandInfo& command) {
  std::vector<std::string> words;
  for (const std::string_view word : Split(command.path, ' ')) words.emplace_back(word);
  words.erase(words.begin());
  return words;
}

Ran RunWith(const CommandInfo& command, const std::vector<std::string>& more) {
  std::vector<std::string> words = WordsOf(command);
  words.insert(words.end(), more.begin(), more.end());
  return RunFlosync(words);
}

bool Has(const CommandInfo& command, const std::string& option) {
  for (const OptionInfo& info : command.options) {
    if (info.name == option) return true;
  }
  return false;
}

TEST(CommandTree, HasTheCommandsThereAre) {
  const auto commands = AllCommands();
  ASSERT_GT(commands.size(), 40U);
  EXPECT_EQ(commands.front().path, "flosync");
}

TEST(CommandTree, EveryCommandExplainsItselfWithAnExampleOfItsOwn) {
  for (const CommandInfo& command : AllCommands()) {
    SCOPED_TRACE(command.path);
    const Ran ran = RunWith(command, {"--help"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "");
    EXPECT_THAT(ran.out, HasSubstr(command.description));
    EXPECT_THAT(command.footer, HasSubstr("Example"));
    EXPECT_THAT(command.footer, HasSubstr(command.path)) << "an example of another command";
    for (const OptionInfo& option : command.options) EXPECT_THAT(option.description, Not(IsEmpty())) << option.name;
  }
}

TEST(CommandTree, WhatNoCommandKnowsIsUsage) {
  for (const CommandInfo& command : AllCommands()) {
    SCOPED_TRACE(command.path);
    const Ran ran = RunWith(command, {"--frobnicate"});
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(Lines(ran.err), 1U) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("--help"));
    if (!command.children.empty() && command.name != "watch") {
      EXPECT_EQ(RunWith(command, {}).code, 2);
    }
  }
}

TEST(CommandTree, WithoutADaemonAQuestionFails) {
  for (const CommandInfo& command : AllCommands()) {
    if (!Has(command, "--address") || !Has(command, "--tls-ca")) continue;
    SCOPED_TRACE(command.path);
    std::vector<std::string> words = {"--address", "127.0.0.1:1", "--timeout-ms", "100"};
    for (const OptionInfo& option : command.options) {
      if (!option.required) continue;
      if (!option.positional) words.push_back(option.name);
      const bool date = option.name == "--from" || option.name == "--to" || option.name == "--reference-date";
      words.emplace_back(date ? "2024-01-01" : option.name == "--level" ? "nation" : "7");
    }
    // Of whom, where no command is named behind it.
    if (command.name == "doctor") words.emplace_back("7");
    const Ran ran = RunWith(command, words);
    EXPECT_EQ(ran.code, 1) << ran.err;
    EXPECT_THAT(ran.err, AnyOf(HasSubstr("start the daemon with `flosync serve"), HasSubstr("did not answer")));
  }
}

TEST(CommandTree, EveryListOfRowsComesAsTableJsonAndCsv) {
  for (const CommandInfo& command : AllCommands()) {
    if (!Has(command, "--address") || !Has(command, "--tls-ca")) continue;
    SCOPED_TRACE(command.path);
    for (const std::string format : {"table", "json", "csv"}) {
      EXPECT_EQ(RunWith(command, {"--output", format, "--frobnicate"}).err.find(format), std::string::npos);
    }
    EXPECT_EQ(RunWith(command, {"--output", "xml"}).code, 2);
  }
}

TEST(CommandTree, DescribesOptionsAsAShellNeedsThem) {
  for (const CommandInfo& command : AllCommands()) {
    for (const OptionInfo& option : command.options) {
      SCOPED_TRACE(command.path + " " + option.name);
      if (option.name == "--output" && Has(command, "--tls-ca")) {
        EXPECT_EQ(option.expects, Expects::kChoice);
        EXPECT_THAT(option.choices, ::testing::ElementsAre("table", "json", "csv"));
      }
      if (option.name == "--level") {
        EXPECT_THAT(option.choices, ::testing::ElementsAre("nation", "county", "municipality_group", "municipality"));
      }
      if (option.name == "--help") {
        EXPECT_EQ(option.expects, Expects::kNothing);
      }
      if (option.name == "--state") {
        EXPECT_EQ(option.expects, Expects::kDirectory);
      }
      if (option.name == "--config" || option.name == "FILE") {
        EXPECT_EQ(option.expects, Expects::kFile);
      }
      if (option.name == "--limit") {
        EXPECT_EQ(option.expects, Expects::kText);
      }
    }
  }
}

TEST(ManPage, NamesEveryCommandAndOption) {
  const Ran ran = RunFlosync({"man"});
  EXPECT_EQ(ran.code, 0);
  for (const CommandInfo& command : AllCommands()) {
    if (command.path == "flosync") continue;
    std::string path = command.path;
    for (size_t at = 0; (at = path.find('-', at)) != std::string::npos; at += 2) path.replace(at, 1, "\\-");
    EXPECT_THAT(ran.out, HasSubstr(".SS " + path + "\n"));
  }
  EXPECT_THAT(ran.out, HasSubstr("\\fBFLOSYNC_TOKEN\\fR"));
  EXPECT_THAT(ran.out, HasSubstr("\\fB\\-\\-output\\fR, \\fB\\-\\-format\\fR \\fItable|json|csv\\fR\n"));
  EXPECT_EQ(RunFlosync({"man"}).out, ran.out);
}

TEST(ProgressBar, IsDrawnOnATerminalOnly) {
  std::ostringstream out;
  std::ostringstream err;
  CommandContext context{.out = out, .err = err};
  { ProgressBar(context, "replaying").Show(0.5, "7 records"); }
  EXPECT_EQ(err.str(), "");
  context.progress = true;
  { ProgressBar(context, "replaying").Show(0.5, "7 records"); }
  EXPECT_THAT(err.str(), HasSubstr("\r\x1b[Kreplaying  [###############---------------]  50 %  7 records\r\x1b[K"));
  EXPECT_EQ(out.str(), "");
}

}  // namespace
}  // namespace flosync
