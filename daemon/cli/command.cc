#include "daemon/cli/command.h"

#include <cstdint>
#include <string>

#include "daemon/cli/output.h"

namespace flosync {

void Note(CommandContext& context, std::string_view what) {
  // What was printed before belongs before this, also where both go to one terminal.
  context.out.flush();
  context.err << "flosync: " << OneLine(what) << '\n' << std::flush;
}

void Fail(CommandContext& context, std::string_view what) {
  Note(context, what);
  context.exit_code = kExitFailed;
}

void Fail(CommandContext& context, const absl::Status& status) { Fail(context, std::string(status.message())); }

void FailUsage(CommandContext& context, std::string_view what) {
  Note(context, what);
  context.exit_code = kExitUsage;
}

std::string CheckSomeText(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos ? "must not be empty" : "";
}

CLI::Validator CheckId() { return CLI::Range(int64_t{1}, INT64_MAX); }

}  // namespace flosync
