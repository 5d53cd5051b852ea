// The subcommands of `flosync`, one file each.
//
// Each Add…Command registers a CLI11 subcommand whose callback does the work, writes to the context's streams and sets
// its exit code. Everything runs on the thread that called RunCommandLine; the context outlives the app.
//
//   CLI::App app;
//   CommandContext context{.out = std::cout, .err = std::cerr};
//   AddStatusCommand(app, context);
#pragma once

#include <ostream>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <absl/status/status.h>

namespace flosync {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

struct CommandContext {
  std::ostream& out;
  std::ostream& err;
  bool colours = false;   // `out` is a terminal that may be coloured
  bool progress = false;  // `err` is a terminal that lines may be drawn over on
  int exit_code = kExitDone;
};

// Writes "flosync: what" as one line to `err` and sets the exit code to kExitFailed. `what` says what to do next.
void Fail(CommandContext& context, std::string_view what);
void Fail(CommandContext& context, const absl::Status& status);
// The same for arguments that nobody can have meant: the exit code is kExitUsage.
void FailUsage(CommandContext& context, std::string_view what);
// Writes "flosync: what" as one line to `err`: something to know that is no failure.
void Note(CommandContext& context, std::string_view what);

// For options of CLI11: empty if the text says something, else what is wanted.
[[nodiscard]] std::string CheckSomeText(const std::string& text);
// The same for the number of an alert or a deviation.
[[nodiscard]] CLI::Validator CheckId();

// Headings of the commands in `flosync --help`.
inline constexpr std::string_view kGroupRun = "Run";
inline constexpr std::string_view kGroupRead = "Ask a running daemon";
inline constexpr std::string_view kGroupTry = "Try it out";
inline constexpr std::string_view kGroupSetUp = "Set up";

void AddServeCommand(CLI::App& app, CommandContext& context);
void AddReplayCommand(CLI::App& app, CommandContext& context);
void AddGenerateCommand(CLI::App& app, CommandContext& context);
void AddDemoCommand(CLI::App& app, CommandContext& context);
void AddStatusCommand(CLI::App& app, CommandContext& context);
void AddIndicatorsCommand(CLI::App& app, CommandContext& context);
void AddWatchCommand(CLI::App& app, CommandContext& context);
void AddSnapshotCommand(CLI::App& app, CommandContext& context);
void AddDoctorCommand(CLI::App& app, CommandContext& context);
void AddListsCommand(CLI::App& app, CommandContext& context);
void AddStateCommand(CLI::App& app, CommandContext& context);
void AddDeviationsCommand(CLI::App& app, CommandContext& context);
void AddAlertsCommand(CLI::App& app, CommandContext& context);
void AddAuditCommand(CLI::App& app, CommandContext& context);
void AddConfigCommand(CLI::App& app, CommandContext& context);
void AddSyncCommand(CLI::App& app, CommandContext& context);
void AddBackupCommand(CLI::App& app, CommandContext& context);
void AddRestoreCommand(CLI::App& app, CommandContext& context);
void AddAccessLogCommand(CLI::App& app, CommandContext& context);
void AddCompletionCommand(CLI::App& app, CommandContext& context);
void AddManCommand(CLI::App& app, CommandContext& context);

}  // namespace flosync
