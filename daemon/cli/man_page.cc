// The manual page, in the man macros of groff and mandoc.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/cli/command_tree.h"
#include "domain/text.h"

namespace flosync {
namespace {

// Text of a line, with what roff would take for its own.
std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '`') {
      out += "\\(ga";
    } else if (c == '\'') {
      out += "\\(aq";
    } else {
      out.push_back(c);
    }
  }
  if (!out.empty() && (out.front() == '.' || out.front() == '\'')) out.insert(0, "\\&");
  return out;
}

// Lines as they are, as in a terminal.
std::string Verbatim(std::string_view text) {
  std::string out = ".nf\n";
  for (const std::string_view line : Split(text, '\n')) out += line.empty() ? ".sp\n" : Join(Escaped(line), "\n");
  return out + ".fi\n";
}

std::string OptionText(const OptionInfo& option) {
  std::string names;
  for (const std::string& name : option.names) names += Join(names.empty() ? "" : ", ", "\\fB", Escaped(name), "\\fR");
  if (option.positional) names = Join("\\fI", Escaped(option.name), "\\fR");
  if (!option.positional && !option.value.empty()) names += Join(" \\fI", Escaped(option.value), "\\fR");
  std::string text = option.description;
  if (option.required) text += " (required)";
  if (!option.default_value.empty()) text += Join(" [", option.default_value, "]");
  if (!option.environment.empty()) text += Join(" (or ", option.environment, ")");
  return Join(".TP\n", names, "\n", Escaped(text), "\n");
}

std::string CommandText(const CommandInfo& command) {
  std::string text = Join(".SS ", Escaped(command.path), "\n", Escaped(command.description), ".\n");
  if (!command.children.empty()) return text + (command.footer.empty() ? "" : Verbatim(command.footer));
  for (const OptionInfo& option : command.options) {
    if (option.name != "--help") text += OptionText(option);
  }
  return command.footer.empty() ? text : Join(text, ".PP\n", Verbatim(command.footer));
}

// The variables that stand in for options, and the two that are none.
std::string EnvironmentText(const std::vector<CommandInfo>& commands) {
  std::map<std::string, std::string> variables = {
      {"FLOSYNC_TOKEN", "A bearer token, where no file of one is given."},
      {"NO_COLOR", "If set to anything, nothing is coloured. Without a terminal nothing is either."}};
  for (const CommandInfo& command : commands) {
    for (const OptionInfo& option : command.options) {
      if (!option.environment.empty()) variables[option.environment] = Join("Stands in for ", option.name, ".");
    }
  }
  std::string text;
  for (const auto& [name, meaning] : variables)
    text += Join(".TP\n\\fB", Escaped(name), "\\fR\n", Escaped(meaning), "\n");
  return text;
}

}  // namespace

std::string ManPage(const std::vector<CommandInfo>& commands, const std::string& version) {
  const CommandInfo& program = commands.front();
  std::string text = Join(
      ".\\\" Made by `flosync man`.\n"
      ".TH FLOSYNC 1 \"\" \"flosync ",
      Escaped(version),
      "\" \"User Commands\"\n"
      ".SH NAME\n"
      "flosync \\- doctors of the Norwegian GP scheme, kept current, and the indicators on them\n"
      ".SH SYNOPSIS\n"
      "\\fBflosync\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n"
      ".SH DESCRIPTION\n",
      Escaped(program.description),
      "\n.PP\nTimes are Europe/Oslo where nothing else is said; those of json and csv are UTC.\n", ".SH COMMANDS\n");
  for (size_t i = 1; i < commands.size(); ++i) text += CommandText(commands[i]);
  text += Join(
      ".SH EXIT STATUS\n"
      ".TP\n0\nDone, or stopped by a signal.\n"
      ".TP\n1\nFailed; the last line on standard error says what is wrong and what to do.\n"
      ".TP\n2\nThe command line could not be meant so.\n"
      ".SH ENVIRONMENT\n",
      EnvironmentText(commands), ".SH EXAMPLES\n", Verbatim(program.footer));
  return text;
}

}  // namespace flosync
