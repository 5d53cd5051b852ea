// The executable's command line: everything that `flosync` does begins here.
#pragma once

#include <iosfwd>
#include <vector>

#include "daemon/cli/command_tree.h"

namespace flosync {

// Runs one command and returns the exit code: 0 done, 1 failed, 2 usage.
[[nodiscard]] int RunCommandLine(int argc, char** argv);

// The same on other streams, without colours: for tests.
//
//   RunCommandLine({"status", "--output", "json"}) as argv prints the daemon's status to `out`.
[[nodiscard]] int RunCommandLine(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

// All commands of the program, `flosync` first.
[[nodiscard]] std::vector<CommandInfo> AllCommands();

}  // namespace flosync
