// Options that several commands have: as of when to answer, and how much of the answer is wanted. Whatever the
// callbacks and references name must live as long as the command.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <google/protobuf/timestamp.pb.h>

#include "daemon/cli/command.h"

namespace flosync {

// An option that takes a date yyyy-MM-dd.
CLI::Option* AddDayOption(CLI::App& command, const std::string& name, const std::string& description,
                          const std::function<void(const std::string& day)>& take);
// --known-at: by which records to answer.
CLI::Option* AddKnownAtOption(CLI::App& command,
                              const std::function<void(const google::protobuf::Timestamp& known_at)>& take);

// An option that takes a number from 0 to a billion, e.g. --limit.
CLI::Option* AddCountOption(CLI::App& command, const std::string& name, int64_t& count, const std::string& description);
// For options of CLI11: empty if the text is an address to listen on, such an address of an open daemon, or brokers;
// else what is wrong.
[[nodiscard]] std::string CheckListen(const std::string& text);
[[nodiscard]] std::string CheckOpenListen(const std::string& text);
[[nodiscard]] std::string CheckBrokers(const std::string& text);
// Says that --limit has cut the answer, if its token of the next page is not empty.
void NoteLimit(CommandContext& context, int64_t shown, std::string_view next_page_token);

}  // namespace flosync
