// Completion scripts. All three follow the words typed to the command they name, then offer what that command has; only
// how a shell is told differs.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/cli/command_tree.h"
#include "domain/text.h"

namespace flosync {
namespace {

// In single quotes, for a shell.
std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out.push_back(c);
    }
  }
  return out + "'";
}

std::string Words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += Join(text.empty() ? "" : " ", word);
  return text;
}

// Commands below and options: what may come next.
std::string NextWords(const CommandInfo& command) {
  std::vector<std::string> words = command.children;
  for (const OptionInfo& option : command.options) {
    words.insert(words.end(), option.names.begin(), option.names.end());
    if (option.positional && option.expects == Expects::kChoice)
      words.insert(words.end(), option.choices.begin(), option.choices.end());
  }
  return Words(words);
}

bool TakesFiles(const CommandInfo& command) {
  for (const OptionInfo& option : command.options) {
    if (option.positional && option.expects == Expects::kFile) return true;
  }
  return false;
}

// Lines of a `case` that lead from a command's path and the next word to the path below it.
std::string PathCases(const std::vector<CommandInfo>& commands) {
  std::string cases;
  for (const CommandInfo& command : commands) {
    for (const std::string& child : command.children) {
      const std::string path = Join(command.path, " ", child);
      cases += Join("      ", Quoted(path), ") at=", Quoted(path), " ;;\n");
    }
  }
  return cases;
}

// "'flosync status --output' | 'flosync audit --output'" by what stands behind these options; empty where there is
// none.
std::string OptionPatterns(const std::vector<CommandInfo>& commands, Expects expects, const std::string& value = "") {
  std::string patterns;
  for (const CommandInfo& command : commands) {
    for (const OptionInfo& option : command.options) {
      if (option.positional || option.expects != expects || (!value.empty() && option.value != value)) continue;
      for (const std::string& name : option.names)
        patterns += Join(patterns.empty() ? "" : " | ", Quoted(Join(command.path, " ", name)));
    }
  }
  return patterns;
}

// The different sets of choices, as "table|json|csv".
std::vector<std::string> ChoiceSets(const std::vector<CommandInfo>& commands) {
  std::vector<std::string> sets;
  for (const CommandInfo& command : commands) {
    for (const OptionInfo& option : command.options) {
      if (option.positional || option.expects != Expects::kChoice) continue;
      if (std::find(sets.begin(), sets.end(), option.value) == sets.end()) sets.push_back(option.value);
    }
  }
  return sets;
}

std::string SpacesForBars(std::string choices) {
  std::replace(choices.begin(), choices.end(), '|', ' ');
  return choices;
}

// The `case` on a command and the option before the cursor; `offer` makes the commands that offer words, files or
// directories.
template <typename Offer>
std::string ValueCases(const std::vector<CommandInfo>& commands, const Offer& offer) {
  std::string cases;
  const auto add = [&cases](const std::string& patterns, const std::string& what) {
    if (!patterns.empty()) cases += Join("    ", patterns, ") ", what, "return ;;\n");
  };
  for (const std::string& set : ChoiceSets(commands))
    add(OptionPatterns(commands, Expects::kChoice, set), offer(Expects::kChoice, SpacesForBars(set)));
  add(OptionPatterns(commands, Expects::kFile), offer(Expects::kFile, ""));
  add(OptionPatterns(commands, Expects::kDirectory), offer(Expects::kDirectory, ""));
  add(OptionPatterns(commands, Expects::kText), "");
  return cases;
}

// The `case` on a command that offers what may come next.
template <typename Offer>
std::string CommandCases(const std::vector<CommandInfo>& commands, const Offer& offer) {
  std::string cases;
  for (const CommandInfo& command : commands) {
    cases += Join("    ", Quoted(command.path), ") ", offer(Expects::kChoice, NextWords(command)),
                  TakesFiles(command) ? offer(Expects::kFile, "") : "", ";;\n");
  }
  return cases;
}

// The lines of fish for one option; `begin` names the command.
std::string FishOption(const OptionInfo& option, const std::string& begin) {
  std::string lines;
  if (option.positional && option.expects == Expects::kChoice)
    lines += Join(begin, " -a ", Quoted(Words(option.choices)), "\n");
  for (const std::string& name : option.names) {
    const bool is_long = name.starts_with("--");
    lines += Join(begin, is_long ? " -l " : " -s ", name.substr(is_long ? 2 : 1));
    if (option.expects == Expects::kChoice) lines += Join(" -x -a ", Quoted(Words(option.choices)));
    if (option.expects == Expects::kText) lines += " -x";
    if (option.expects == Expects::kFile) lines += " -r -F";
    if (option.expects == Expects::kDirectory) lines += " -x -a '(__fish_complete_directories)'";
    lines += Join(" -d ", Quoted(option.description), "\n");
  }
  return lines;
}

// The lines of fish for a command: what is below it, and its options.
std::string FishCommand(const CommandInfo& command, const std::vector<CommandInfo>& commands) {
  const std::string begin = Join("complete -c flosync -n ", Quoted(Join("__flosync_at ", command.path)));
  std::string lines = TakesFiles(command) ? begin + " -F\n" : "";
  for (const CommandInfo& child : commands) {
    if (child.path == Join(command.path, " ", child.name))
      lines += Join(begin, " -a ", child.name, " -d ", Quoted(child.description), "\n");
  }
  for (const OptionInfo& option : command.options) lines += FishOption(option, begin);
  return lines;
}

}  // namespace

std::string BashCompletion(const std::vector<CommandInfo>& commands) {
  const auto offer = [](Expects expects, const std::string& words) -> std::string {
    const std::string_view how = expects == Expects::kFile ? "-f" : "-d";
    const std::string what = expects == Expects::kChoice ? "-W " + Quoted(words) : std::string(how);
    return Join("COMPREPLY+=($(compgen ", what, " -- \"$cur\")); ");
  };
  return Join(
      "# bash completion for flosync; made by `flosync completion bash`.\n"
      "_flosync() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} at=flosync i\n"
      "  COMPREPLY=()\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$at ${COMP_WORDS[i]}\" in\n",
      PathCases(commands),
      "    esac\n"
      "  done\n"
      "  case \"$at $prev\" in\n",
      ValueCases(commands, offer),
      "  esac\n"
      "  case $at in\n",
      CommandCases(commands, offer),
      "  esac\n"
      "}\n"
      "complete -o filenames -F _flosync flosync\n");
}

std::string ZshCompletion(const std::vector<CommandInfo>& commands) {
  const auto offer = [](Expects expects, const std::string& words) -> std::string {
    if (expects == Expects::kFile) return "_files; ";
    if (expects == Expects::kDirectory) return "_files -/; ";
    return Join("compadd -- ", words, "; ");
  };
  return Join(
      "#compdef flosync\n"
      "# zsh completion for flosync; made by `flosync completion zsh`.\n"
      "_flosync() {\n"
      "  local at=flosync i\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n"
      "    case \"$at ${words[i]}\" in\n",
      PathCases(commands),
      "    esac\n"
      "  done\n"
      "  case \"$at ${words[CURRENT - 1]}\" in\n",
      ValueCases(commands, offer),
      "  esac\n"
      "  case $at in\n",
      CommandCases(commands, offer),
      "  esac\n"
      "}\n"
      "if [[ ${funcstack[1]:-} == _flosync ]]; then _flosync \"$@\"; else compdef _flosync flosync; fi\n");
}

std::string FishCompletion(const std::vector<CommandInfo>& commands) {
  std::string script =
      "# fish completion for flosync; made by `flosync completion fish`.\n"
      "function __flosync_at\n"
      "  set -l at flosync\n"
      "  for word in (commandline -opc)[2..]\n"
      "    switch \"$at $word\"\n";
  for (const CommandInfo& command : commands) {
    for (const std::string& child : command.children) {
      const std::string path = Quoted(Join(command.path, " ", child));
      script += Join("      case ", path, "\n        set at ", path, "\n");
    }
  }
  script +=
      "    end\n"
      "  end\n"
      "  test \"$at\" = \"$argv\"\n"
      "end\n"
      "complete -c flosync -f\n";
  for (const CommandInfo& command : commands) script += FishCommand(command, commands);
  return script;
}

}  // namespace flosync
