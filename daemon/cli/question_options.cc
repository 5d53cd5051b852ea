#include "daemon/cli/question_options.h"

#include "daemon/cli/rows.h"
#include "daemon/config.h"
#include "domain/address.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr const char* kGroup = "As of when";

}  // namespace

CLI::Option* AddDayOption(CLI::App& command, const std::string& name, const std::string& description,
                          const std::function<void(const std::string& day)>& take) {
  return command.add_option_function<std::string>(name, take, description)
      ->type_name("DAY")
      ->check(CheckDay)
      ->group(kGroup);
}

CLI::Option* AddKnownAtOption(CLI::App& command,
                              const std::function<void(const google::protobuf::Timestamp& known_at)>& take) {
  return command
      .add_option_function<std::string>(
          "--known-at", [take](const std::string& text) { take(ToTimestamp(text)); },
          "By the records known before that instant; a date means midnight in Oslo")
      ->type_name("INSTANT")
      ->check(CheckInstant)
      ->group(kGroup);
}

CLI::Option* AddCountOption(CLI::App& command, const std::string& name, int64_t& count,
                            const std::string& description) {
  return command.add_option(name, count, description)
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{0}, int64_t{1'000'000'000}));
}

std::string CheckOpenListen(const std::string& text) {
  return std::string(CheckListenAddress(text, SecurityConfig()).message());
}

std::string CheckListen(const std::string& text) {
  return IsHostAndPort(text) ? "" : Join("has to be HOST:PORT, e.g. 127.0.0.1:7401, not ", text);
}

std::string CheckBrokers(const std::string& text) {
  return IsBrokerList(text) ? "" : Join("has to be HOST:PORT, several separated by commas, not ", text);
}

void NoteLimit(CommandContext& context, int64_t shown, std::string_view next_page_token) {
  if (next_page_token.empty()) return;
  Note(context, Join("these are the first ", shown, "; there are more, see --limit"));
}

}  // namespace flosync
