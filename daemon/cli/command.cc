#include "daemon/cli/command.h"

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

}  // namespace flosync
