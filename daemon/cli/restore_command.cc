// flosync restore: puts a backup into a state directory.
#include <memory>
#include <string>

#include "daemon/backups.h"
#include "daemon/cli/command.h"
#include "daemon/cli/output.h"
#include "daemon/cli/process.h"
#include "daemon/epoch.h"
#include "domain/text.h"

namespace flosync {
namespace {

struct RestoreFlags {
  std::string from;
  int64_t backup = 0;
  std::string state;
};

void Print(const RestoredState& restored, CommandContext& context) {
  const auto fact = [&context](std::string_view name, const std::string& text) {
    PrintFact(context.out, name, text, Colour::kNone, context.colours);
  };
  fact("backup", std::to_string(restored.backup.id));
  fact("made", FormatUtc(restored.backup.created_at));
  fact("revision", std::to_string(restored.backup.revision));
  fact("epoch before", restored.backup.epoch);
  fact("epoch now", restored.epoch);
  context.out << "Watchers' resume tokens hold no more: STORE_EPOCH_CHANGED. Reading goes on from these positions.\n\n";
  TextTable table({{"topic"}, {"partition", Align::kRight}, {"position", Align::kRight}});
  for (const auto& [key, partition] : restored.partitions.all()) {
    table.AddRow({{key.first}, {std::to_string(key.second)}, {std::to_string(partition.position)}});
  }
  table.Print(context.out, context.colours);
}

}  // namespace

void AddRestoreCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("restore", "Put a backup into an empty state directory");
  command->group(std::string(kGroupSetUp));
  const auto flags = std::make_shared<RestoreFlags>();
  command->add_option("--from", flags->from, "The directory for backups, as backup.directory names it")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory)
      ->required();
  command->add_option("--backup", flags->backup, "Its number; the latest where nothing is said")
      ->type_name("ID")
      ->check(CheckId());
  command->add_option("--state", flags->state, "State directory, empty or not there yet")->type_name("DIR")->required();
  command->footer(
      "Every check sum is compared before anything is written. No daemon may be making a backup there meanwhile.\n"
      "Example: flosync restore --from /srv/backup/flosync --state /var/lib/flosync");
  command->callback([flags, &context] {
    KeepFilesToOwner();
    const auto restored = RestoreBackup(flags->from, flags->backup, flags->state, NewEpoch());
    if (!restored.ok()) return Fail(context, restored.status());
    Print(*restored, context);
  });
}

}  // namespace flosync
