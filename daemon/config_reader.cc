#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <toml++/toml.h>

#include "daemon/config_keys.h"
#include "domain/text.h"

namespace flosync {
namespace {

// "05:00"; nothing for any other text.
std::optional<LocalTime> ParseLocalTime(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = ParseNumber<uint8_t>(text.substr(0, 2));
  const auto minute = ParseNumber<uint8_t>(text.substr(3));
  if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  return LocalTime{*hour, *minute};
}

int32_t LineOf(const toml::source_region& source) { return static_cast<int32_t>(source.begin.line); }

std::string_view TypeName(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a decimal number";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

// Takes each key from the parsed file, or notes why it cannot.
class ConfigReader : public ConfigVisitor {
 public:
  // `root` must outlive this.
  explicit ConfigReader(const toml::table& root) : root_(root) {}

  void Section(std::string_view name, std::string_view /*explanation*/) override {
    section_ = name;
    sections_.insert(section_);
  }

  void Text(std::string_view key, std::string& value, const TextRule& rule, std::string_view /*explanation*/) override {
    const toml::node* node = Find(key);
    if (node == nullptr) return;
    const auto* text = node->as_string();
    if (text == nullptr) return NoteType(key, *node, Join(rule.allowed, " in quotes"));
    if (!rule.allows(text->get())) {
      return Note(key, *node, Join("has to be ", rule.allowed, ", not \"", text->get(), "\""));
    }
    value = text->get();
  }

  void Number(std::string_view key, int32_t& value, int32_t least, int32_t most,
              std::string_view /*explanation*/) override {
    const toml::node* node = Find(key);
    if (node == nullptr) return;
    const auto* number = node->as_integer();
    const std::string allowed = Join(least, "..", most);
    if (number == nullptr) return NoteType(key, *node, Join("a whole number ", allowed));
    if (number->get() < least || number->get() > most) {
      return Note(key, *node, Join("has to be ", allowed, ", not ", number->get()));
    }
    value = static_cast<int32_t>(number->get());
  }

  void Flag(std::string_view key, bool& value, std::string_view /*explanation*/) override {
    const toml::node* node = Find(key);
    if (node == nullptr) return;
    if (!node->is_boolean()) return NoteType(key, *node, "true or false without quotes");
    value = node->as_boolean()->get();
  }

  void Times(std::string_view key, std::vector<LocalTime>& value, std::string_view /*explanation*/) override {
    constexpr std::string_view kAllowed = "a list of 1..96 times \"HH:MM\" from 00:00 to 23:59, none twice";
    const toml::node* node = Find(key);
    if (node == nullptr) return;
    const toml::array* list = node->as_array();
    if (list == nullptr) return NoteType(key, *node, kAllowed);
    constexpr size_t kMostTimes = 96;
    std::set<LocalTime> times;
    for (const toml::node& element : *list) {
      const auto* text = element.as_string();
      const auto time = text == nullptr ? std::nullopt : ParseLocalTime(text->get());
      if (!time) return Note(key, element, Join("has to be ", kAllowed));
      if (!times.insert(*time).second) return Note(key, element, Join("has ", time->ToString(), " twice"));
    }
    if (times.empty() || times.size() > kMostTimes) return Note(key, *node, Join("has to be ", kAllowed));
    value.assign(times.begin(), times.end());
  }

  void Settings(std::string_view key, std::map<std::string, std::string>& value, const TableRule& rule,
                std::string_view /*explanation*/) override {
    const toml::node* node = Find(key);
    free_tables_.insert(PathOf(key));
    if (node == nullptr) return;
    if (!node->is_table()) return NoteType(key, *node, rule.what);
    TakeSettings(*node->as_table(), PathOf(key), "", rule, value);
  }

  // Once every key has been visited: what the file has beyond them.
  void NoteUnknown() { NoteUnknownBelow(root_, ""); }

  // Two topics of one name could not be told apart.
  void NoteSharedTopics(const KafkaConfig& kafka) {
    constexpr std::array<std::string_view, kTopicCount> kKeys = {"contract", "doctor_period", "patient_count", "event",
                                                                 "person"};
    section_ = "source.kafka.topics";
    for (size_t i = 0; i < kKeys.size(); ++i) {
      for (size_t j = i + 1; j < kKeys.size(); ++j) {
        if (kafka.topic_names[i] != kafka.topic_names[j]) continue;
        // At least one of the two is in the file, for the defaults differ.
        const size_t at = Find(kKeys[j]) != nullptr ? j : i;
        Note(kKeys[at], *Find(kKeys[at]),
             Join("names the topic \"", kafka.topic_names[i], "\", and so does ", kKeys[at == i ? j : i],
                  "; give each a topic of its own"));
      }
    }
  }

  [[nodiscard]] std::vector<ConfigMistake> TakeMistakes() {
    std::ranges::stable_sort(mistakes_, {}, &ConfigMistake::line);
    return std::move(mistakes_);
  }

 protected:
  void OneOf(std::string_view key, size_t& index, std::span<const std::string_view> names,
             std::string_view /*explanation*/) override {
    const toml::node* node = Find(key);
    if (node == nullptr) return;
    std::string allowed;
    for (const std::string_view name : names) allowed += Join(allowed.empty() ? "\"" : ", \"", name, "\"");
    const auto* text = node->as_string();
    if (text == nullptr) return NoteType(key, *node, Join("one of ", allowed));
    const auto found = std::ranges::find(names, std::string_view(text->get()));
    if (found == names.end())
      return Note(key, *node, Join("has to be one of ", allowed, ", not \"", text->get(), "\""));
    index = static_cast<size_t>(found - names.begin());
  }

 private:
  [[nodiscard]] std::string PathOf(std::string_view key) const { return Join(section_, ".", key); }

  // The value of a key of the current section; null if the file has none.
  [[nodiscard]] const toml::node* Find(std::string_view key) {
    keys_[section_].insert(std::string(key));
    const toml::table* table = &root_;
    for (const std::string_view part : Split(section_, '.')) {
      const toml::node* below = table->get(part);
      if (below == nullptr || !below->is_table()) return nullptr;
      table = below->as_table();
    }
    return table->get(key);
  }

  void Note(std::string_view key, const toml::node& node, std::string what) {
    mistakes_.push_back({LineOf(node.source()), PathOf(key), std::move(what)});
  }

  void NoteType(std::string_view key, const toml::node& node, std::string_view allowed) {
    Note(key, node, Join("has to be ", allowed, ", not ", TypeName(node)));
  }

  // librdkafka's names have dots; TOML reads them as tables below tables unless they are quoted, and both ways are
  // meant alike.
  void TakeSettings(const toml::table& table, const std::string& path, const std::string& prefix, const TableRule& rule,
                    std::map<std::string, std::string>& out) {
    for (const auto& [key, node] : table) {
      const std::string name = prefix + std::string(key.str());
      if (node.is_table()) {
        TakeSettings(*node.as_table(), path, name + ".", rule, out);
        continue;
      }
      std::string value;
      if (const auto* text = node.as_string()) {
        value = text->get();
      } else if (const auto* number = node.as_integer()) {
        value = std::to_string(number->get());
      } else if (const auto* flag = node.as_boolean()) {
        value = flag->get() ? "true" : "false";
      } else {
        NoteAt(LineOf(key.source()), Join(path, ".", name),
               Join("has to be a text, a whole number, true or false, not ", TypeName(node)));
        continue;
      }
      if (!rule.value.allows(value)) {
        NoteAt(LineOf(key.source()), Join(path, ".", name), Join("has to be ", rule.value.allowed));
        continue;
      }
      if (rule.has_secrets && IsSecretSetting(name) && (!value.starts_with("env:") || value.size() <= 4)) {
        NoteAt(LineOf(key.source()), Join(path, ".", name),
               "is a secret: write \"env:NAME\" and give it in the environment variable NAME");
        continue;
      }
      out[name] = std::move(value);
    }
  }

  void NoteUnknownBelow(const toml::table& table, const std::string& path) {
    for (const auto& [key, node] : table) {
      const std::string below = path.empty() ? std::string(key.str()) : Join(path, ".", key.str());
      if (free_tables_.contains(below) || (keys_.contains(path) && keys_[path].contains(std::string(key.str()))))
        continue;
      if (!IsSection(below)) {
        NoteAt(LineOf(key.source()), below, Join("is not known; ", WhatBelongs(path)));
      } else if (node.is_table()) {
        NoteUnknownBelow(*node.as_table(), below);
      } else {
        NoteAt(LineOf(key.source()), below, Join("is a section: write [", below, "] and its keys below it"));
      }
    }
  }

  void NoteAt(int32_t line, std::string key, std::string what) {
    mistakes_.push_back({line, std::move(key), std::move(what)});
  }

  // Named itself, or only there to hold sections.
  [[nodiscard]] bool IsSection(const std::string& path) const {
    return std::ranges::any_of(
        sections_, [&path](const std::string& section) { return section == path || section.starts_with(path + "."); });
  }

  [[nodiscard]] std::string WhatBelongs(const std::string& path) {
    std::string list;
    if (keys_.contains(path)) {
      for (const std::string& key : keys_[path]) list += Join(list.empty() ? "" : ", ", key);
      return Join("[", path, "] takes ", list);
    }
    for (const std::string& section : sections_) list += Join(list.empty() ? "[" : ", [", section, "]");
    return Join("the sections are ", list);
  }

  const toml::table& root_;
  std::string section_;
  std::set<std::string> sections_;
  std::map<std::string, std::set<std::string>> keys_;  // by section
  std::set<std::string> free_tables_;                  // paths of tables whose names are not ours
  std::vector<ConfigMistake> mistakes_;
};

ParsedConfig Read(const toml::table& root) {
  ParsedConfig parsed;
  ConfigReader reader(root);
  VisitConfig(parsed.config, reader);
  reader.NoteUnknown();
  reader.NoteSharedTopics(parsed.config.source.kafka);
  parsed.mistakes = reader.TakeMistakes();
  return parsed;
}

}  // namespace

ParsedConfig ParseConfig(std::string_view text) {
  // The library's only way to say that a text is not TOML is an exception; it ends here.
  try {
    return Read(toml::parse(text));
  } catch (const toml::parse_error& error) {
    ParsedConfig parsed;
    parsed.mistakes.push_back({LineOf(error.source()), "", Join("is not TOML: ", error.description())});
    return parsed;
  }
}

}  // namespace flosync
