// flosync sync: has a running daemon sync now, pause, go on. flosync backup: has it make a backup.
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/output.h"
#include "domain/text.h"

#include "flosync/v1/sync_service.grpc.pb.h"

namespace flosync {
namespace {

constexpr int32_t kBackupTimeoutMs = 600'000;

struct SyncCommandOptions {
  ClientOptions client;
  std::string by;
  std::string reason;
};

void AddWhoAndWhy(CLI::App& command, SyncCommandOptions& options) {
  command.add_option("--by", options.by, "Who asks; the daemon logs it")->check(CheckSomeText)->required();
  command.add_option("--reason", options.reason, "Why; no national identity numbers")->check(CheckSomeText)->required();
}

// A sentence for people, the whole answer as JSON, or a row.
template <typename Response>
void Print(const Response& answer, const std::string& sentence, const TextTable& row, OutputFormat output,
           CommandContext& context) {
  switch (output) {
    case OutputFormat::kTable:
      context.out << sentence << '\n';
      return;
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      return;
    case OutputFormat::kCsv:
      return row.PrintCsv(context.out);
  }
}

// Asks with who and why; false after a failure, which has been said.
template <typename Request, typename Response>
bool Ask(grpc::Status (v1::SyncService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
         const SyncCommandOptions& options, Response& answer, CommandContext& context) {
  Request request;
  request.set_by(options.by);
  request.set_reason(options.reason);
  const auto stub = v1::SyncService::NewStub(Connect(options.client));
  const grpc::Status called = Call(*stub, method, request, answer, options.client);
  if (!called.ok()) FailCall(context, called, options.client);
  return called.ok();
}

void RunNow(const SyncCommandOptions& options, CommandContext& context) {
  v1::TriggerSyncResponse answer;
  if (!Ask(&v1::SyncService::Stub::TriggerSync, options, answer, context)) return;
  std::string name = "unknown";
  std::string sentence = "the daemon answers what this version does not know";
  if (answer.outcome() == v1::TRIGGER_OUTCOME_STARTED) {
    name = "started";
    sentence = "a sync has begun; `flosync status` tells when it is complete";
  } else if (answer.outcome() == v1::TRIGGER_OUTCOME_RUNNING) {
    name = "running";
    sentence = "a sync is under way already; nothing was changed";
  } else if (answer.outcome() == v1::TRIGGER_OUTCOME_CONTINUOUS) {
    name = "continuous";
    sentence = "the daemon reads its sources all the time; nothing was changed";
  }
  TextTable row({{"outcome"}});
  row.AddRow({{name}});
  Print(answer, sentence, row, options.client.output, context);
}

TextTable PauseTable(const v1::SyncPause& pause) {
  TextTable table({{"since"}, {"by"}, {"reason"}});
  table.AddRow({{FormatUtc(ToInstant(pause.since()))}, {pause.by()}, {pause.reason()}});
  return table;
}

void RunPause(const SyncCommandOptions& options, CommandContext& context) {
  v1::PauseSyncResponse answer;
  if (!Ask(&v1::SyncService::Stub::PauseSync, options, answer, context)) return;
  Print(answer,
        Join("paused since ", FormatOslo(ToInstant(answer.paused().since())), "; go on with `flosync sync resume`"),
        PauseTable(answer.paused()), options.client.output, context);
}

void RunResume(const SyncCommandOptions& options, CommandContext& context) {
  v1::ResumeSyncResponse answer;
  if (!Ask(&v1::SyncService::Stub::ResumeSync, options, answer, context)) return;
  Print(answer, Join("resumed; it was paused since ", FormatOslo(ToInstant(answer.paused().since()))),
        PauseTable(answer.paused()), options.client.output, context);
}

void RunBackup(const SyncCommandOptions& options, CommandContext& context) {
  v1::CreateBackupResponse answer;
  if (!Ask(&v1::SyncService::Stub::CreateBackup, options, answer, context)) return;
  const v1::Backup& backup = answer.backup();
  TextTable row({{"id", Align::kRight},
                 {"created_at"},
                 {"revision", Align::kRight},
                 {"size_bytes", Align::kRight},
                 {"store_epoch"}});
  row.AddRow({{std::to_string(backup.id())},
              {FormatUtc(ToInstant(backup.created_at()))},
              {std::to_string(backup.revision())},
              {std::to_string(backup.size_bytes())},
              {backup.store_epoch()}});
  Print(answer, Join("backup ", backup.id(), " of revision ", backup.revision(), ", ", backup.size_bytes(), " bytes"),
        row, options.client.output, context);
}

void AddOne(CLI::App& parent, const std::string& name, const std::string& explanation, const std::string& footer,
            CommandContext& context, void (*run)(const SyncCommandOptions&, CommandContext&),
            int32_t timeout_ms = ClientOptions().timeout_ms) {
  auto* command = parent.add_subcommand(name, explanation);
  command->footer(footer);
  const auto options = std::make_shared<SyncCommandOptions>();
  options->client.timeout_ms = timeout_ms;
  // The answer may be lost and the work done: a second attempt would make a second backup, or be told of the first.
  options->client.attempts = 1;
  AddClientOptions(*command, options->client);
  AddWhoAndWhy(*command, *options);
  command->callback([options, run, &context] { run(*options, context); });
}

}  // namespace

void AddSyncCommand(CLI::App& app, CommandContext& context) {
  auto* sync = app.add_subcommand("sync", "Sync now, pause, resume");
  sync->group(std::string(kGroupRead));
  sync->footer("Example: flosync sync pause --by kari.nordmann --reason \"mass update at HPR, ticket 4711\"");
  sync->require_subcommand(1);
  AddOne(*sync, "now", "Begin a scheduled sync at once",
         "Example: flosync sync now --by kari.nordmann --reason \"correction of 3 May\"", context, RunNow);
  AddOne(*sync, "pause", "Let no further record take effect until resumed, also after a restart",
         "Example: flosync sync pause --by kari.nordmann --reason \"mass update at HPR, ticket 4711\"", context,
         RunPause);
  AddOne(*sync, "resume", "Read on from where the pause began",
         "Example: flosync sync resume --by kari.nordmann --reason \"update checked\"", context, RunResume);
}

void AddBackupCommand(CLI::App& app, CommandContext& context) {
  AddOne(app, "backup", "Have a running daemon copy its state into its directory for backups",
         "Example: flosync backup --by cron --reason nightly\n"
         "The daemon's configuration says where to and how many are kept: backup.directory, backup.kept_backups.",
         context, RunBackup, kBackupTimeoutMs);
  app.get_subcommand("backup")->group(std::string(kGroupRead));
}

}  // namespace flosync
