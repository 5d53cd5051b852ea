#include "daemon/cli/command_tree.h"

#include <algorithm>
#include <utility>

#include "domain/text.h"

namespace flosync {
namespace {

// What CLI11 says of a value: "N:INT in [0 - 9]", "TEXT:{info,warning}", "DIR", "table|json|csv". The name comes first.
struct ValueText {
  explicit ValueText(const std::string& text) : all(text), name(text.substr(0, text.find(':'))) {
    const size_t open = text.find(":{");
    if (open != std::string::npos) choices = text.substr(open + 2, text.find('}', open) - open - 2);
    std::replace(choices.begin(), choices.end(), ',', '|');
    // Names of kinds, as DAY|MONTH, are in capitals.
    if (choices.empty() && name.find('|') != std::string::npos && name.front() >= 'a') choices = name;
  }
  std::string all;
  std::string name;
  std::string choices;  // with bars between; empty = free
};

Expects ExpectsOf(const ValueText& value) {
  if (value.all.empty()) return Expects::kNothing;
  if (!value.choices.empty()) return Expects::kChoice;
  if (value.all.find("DIR") != std::string::npos) return Expects::kDirectory;
  const bool file = value.all.find("FILE") != std::string::npos || value.all.find("PATH") != std::string::npos;
  return file ? Expects::kFile : Expects::kText;
}

OptionInfo Describe(const CLI::Option& option) {
  OptionInfo info;
  info.positional = !option.nonpositional();
  info.name = option.get_name(/*positional=*/info.positional);
  if (!info.positional) {
    for (const std::string& name : option.get_snames()) info.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) info.names.push_back("--" + name);
    info.name = option.get_lnames().empty() ? info.names.front() : "--" + option.get_lnames().front();
  }
  const bool takes_value = option.get_expected_max() > 0 && option.get_type_size_max() > 0;
  const ValueText value(info.positional ? info.name : takes_value ? option.get_type_name() : "");
  info.value = value.choices.empty() ? value.name : value.choices;
  info.expects = ExpectsOf(value);
  if (!value.choices.empty()) {
    for (const std::string_view choice : Split(value.choices, '|')) info.choices.emplace_back(choice);
  }
  info.description = option.get_description();
  info.default_value = option.get_default_str();
  info.environment = option.get_envname();
  info.group = option.get_group();
  info.required = option.get_required();
  return info;
}

void Add(const CLI::App& app, const std::string& parent, std::vector<CommandInfo>& all) {
  CommandInfo info;
  info.path = parent.empty() ? app.get_name() : Join(parent, " ", app.get_name());
  info.name = app.get_name();
  info.description = app.get_description();
  info.footer = app.get_footer();
  const auto below = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* child : below) info.children.push_back(child->get_name());
  for (const bool positional : {true, false}) {
    for (const CLI::Option* option : app.get_options()) {
      OptionInfo described = Describe(*option);
      if (described.positional == positional) info.options.push_back(std::move(described));
    }
  }
  const std::string path = info.path;
  all.push_back(std::move(info));
  for (const CLI::App* child : below) Add(*child, path, all);
}

}  // namespace

std::vector<CommandInfo> DescribeCommands(const CLI::App& app) {
  std::vector<CommandInfo> all;
  Add(app, "", all);
  return all;
}

}  // namespace flosync
