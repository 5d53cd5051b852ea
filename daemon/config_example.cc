#include <algorithm>
#include <iterator>
#include <string>

#include "daemon/config_keys.h"
#include "domain/text.h"

namespace flosync {
namespace {

std::string Quoted(std::string_view text) { return Join("\"", text, "\""); }

// Writes each key as the file would have it. The defaults hold neither quotes nor backslashes, so texts need no
// escapes; a test reads the example back.
class ExampleWriter : public ConfigVisitor {
 public:
  void Section(std::string_view name, std::string_view explanation) override {
    section_ = name;
    // A section without explanation only says whose key comes next.
    if (explanation.empty()) return;
    text_ += '\n';
    Comment(explanation);
    text_ += Join("[", name, "]\n");
  }

  void Text(std::string_view key, std::string& value, const TextRule& rule, std::string_view explanation) override {
    Key(key, Quoted(value), explanation, rule.allowed);
  }

  void Number(std::string_view key, int32_t& value, int32_t least, int32_t most,
              std::string_view explanation) override {
    Key(key, std::to_string(value), explanation, Join(least, "..", most));
  }

  void Flag(std::string_view key, bool& value, std::string_view explanation) override {
    Key(key, value ? "true" : "false", explanation, "true, false");
  }

  void Times(std::string_view key, std::vector<LocalTime>& value, std::string_view explanation) override {
    std::string list;
    for (const LocalTime& time : value) list += Join(list.empty() ? "" : ", ", Quoted(time.ToString()));
    Key(key, Join("[", list, "]"), explanation, "1..96 times \"HH:MM\", none twice");
  }

  void Settings(std::string_view key, std::map<std::string, std::string>& /*value*/, const TableRule& rule,
                std::string_view explanation) override {
    text_ += '\n';
    Comment(explanation);
    text_ += Join("[", section_, ".", key, "]\n");
    for (const std::string_view line : rule.examples) text_ += Join("# ", line, "\n");
  }

  [[nodiscard]] std::string Take() { return std::move(text_); }

 protected:
  void OneOf(std::string_view key, size_t& index, std::span<const std::string_view> names,
             std::string_view explanation) override {
    std::string allowed;
    for (const std::string_view name : names) allowed += Join(allowed.empty() ? "" : ", ", Quoted(name));
    Key(key, Quoted(names[index]), explanation, allowed);
  }

 private:
  void Comment(std::string_view lines) {
    for (const std::string_view line : Split(lines, '\n')) text_ += Join("# ", line, "\n");
  }

  void Key(std::string_view key, std::string_view value, std::string_view explanation, std::string_view allowed) {
    Comment(explanation);
    Comment(Join("Allowed: ", allowed, "."));
    text_ += Join(key, " = ", value, "\n");
  }

  std::string section_;
  std::string text_ =
      "# The configuration of flosync, with every key at its default. A key may be left out; flags of the command line "
      "win.\n"
      "# Check a file with: flosync config check FILE\n";
};

}  // namespace

std::string ExampleConfig() {
  Config defaults;
  ExampleWriter writer;
  VisitConfig(defaults, writer);
  return writer.Take();
}

}  // namespace flosync
