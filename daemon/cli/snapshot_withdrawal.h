// flosync snapshot withdraw, and the warning about editions that are withdrawn.
#pragma once

#include <CLI/CLI.hpp>

#include "daemon/cli/command.h"

#include "flosync/v1/snapshot_service.pb.h"

namespace flosync {

// Warns on standard error if the edition is withdrawn.
void NoteWithdrawal(const v1::Snapshot& snapshot, CommandContext& context);
void AddSnapshotWithdraw(CLI::App& snapshot, CommandContext& context);

}  // namespace flosync
