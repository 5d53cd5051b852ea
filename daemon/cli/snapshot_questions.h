// flosync snapshot compare and explain.
#pragma once

#include <CLI/CLI.hpp>

#include "daemon/cli/command.h"

namespace flosync {

// Adds both under `snapshot`.
void AddSnapshotQuestions(CLI::App& snapshot, CommandContext& context);

}  // namespace flosync
