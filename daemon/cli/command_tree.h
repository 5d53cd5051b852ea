// The commands of `flosync` as data: one source for completion, the man page and the test that walks them all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace flosync {

// What stands after an option or for an argument, as far as a shell can help with it.
enum class Expects : uint8_t { kNothing, kText, kChoice, kFile, kDirectory };

struct OptionInfo {
  std::string name;                // "--output"; of an argument "FILE"
  std::vector<std::string> names;  // all of them: "-h", "--help"
  std::string value;               // "table|json|csv"; empty for flags
  std::string description;
  std::string default_value;
  std::string environment;  // a variable that stands in for it; empty = none
  std::string group;
  Expects expects = Expects::kNothing;
  std::vector<std::string> choices;
  bool positional = false;
  bool required = false;
};

struct CommandInfo {
  std::string path;  // "flosync snapshot list"
  std::string name;  // "list"
  std::string description;
  std::string footer;                 // examples and what else there is to say
  std::vector<std::string> children;  // names of the commands below it
  std::vector<OptionInfo> options;    // arguments first, then options in the order of --help
};

// The command and all below it, each before its children.
[[nodiscard]] std::vector<CommandInfo> DescribeCommands(const CLI::App& app);

// A script that completes commands, options and their values, for bash, zsh or fish.
[[nodiscard]] std::string BashCompletion(const std::vector<CommandInfo>& commands);
[[nodiscard]] std::string ZshCompletion(const std::vector<CommandInfo>& commands);
[[nodiscard]] std::string FishCompletion(const std::vector<CommandInfo>& commands);

// The manual page flosync(1) in the man macros.
[[nodiscard]] std::string ManPage(const std::vector<CommandInfo>& commands, const std::string& version);

}  // namespace flosync
