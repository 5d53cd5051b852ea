// Every key of the configuration, said once: name, default, what is allowed, explanation. The reader and the example
// both walk this list, so neither can know a key that the other does not.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config.h"

namespace flosync {

// What a text may be.
struct TextRule {
  bool (*allows)(std::string_view text) = nullptr;
  std::string_view allowed;  // for people: "HOST:PORT"
};

// What a table of free names holds.
struct TableRule {
  std::string_view what;  // for people: "a table of …"
  TextRule value;
  bool has_secrets = false;  // names such as "sasl.password" take "env:NAME" only
  std::span<const std::string_view> examples;
};

// What is done with each key, in the order of the file. Names are without their section.
class ConfigVisitor {
 public:
  virtual ~ConfigVisitor() = default;
  // Keys that follow are of this section, e.g. "source.kafka".
  virtual void Section(std::string_view name, std::string_view explanation) = 0;
  virtual void Text(std::string_view key, std::string& value, const TextRule& rule, std::string_view explanation) = 0;
  virtual void Number(std::string_view key, int32_t& value, int32_t least, int32_t most,
                      std::string_view explanation) = 0;
  virtual void Flag(std::string_view key, bool& value, std::string_view explanation) = 0;
  virtual void Times(std::string_view key, std::vector<LocalTime>& value, std::string_view explanation) = 0;
  // A table of free names below the section.
  virtual void Settings(std::string_view key, std::map<std::string, std::string>& value, const TableRule& rule,
                        std::string_view explanation) = 0;

  // `names` are those of the enumerators from 0.
  template <typename Enum>
  void Choice(std::string_view key, Enum& value, std::span<const std::string_view> names,
              std::string_view explanation) {
    auto index = static_cast<size_t>(value);
    OneOf(key, index, names, explanation);
    value = static_cast<Enum>(index);
  }

 protected:
  virtual void OneOf(std::string_view key, size_t& index, std::span<const std::string_view> names,
                     std::string_view explanation) = 0;
};

void VisitConfig(Config& config, ConfigVisitor& visitor);

// True for the name of a librdkafka property whose value is a secret.
[[nodiscard]] bool IsSecretSetting(std::string_view name);

}  // namespace flosync
