#include <memory>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/output.h"
#include "domain/text.h"

#include "flosync/v1/sync_service.grpc.pb.h"

namespace flosync {
namespace {

std::string TimeOr(bool there, const google::protobuf::Timestamp& time, std::string_view otherwise) {
  return there ? FormatOslo(ToInstant(time)) : std::string(otherwise);
}

std::string RecordsText(const v1::RecordCounts& r) {
  return Join(r.read(), " read: ", r.applied(), " applied, ", r.duplicate(), " duplicate, ", r.older(), " older, ",
              r.conflicting(), " conflicting, ", r.refused(), " refused, ", r.ignored(), " ignored, ", r.skipped(),
              " skipped");
}

std::string SnapshotText(const v1::GetSyncStatusResponse& status) {
  if (!status.has_latest_snapshot()) return "none yet";
  const v1::Snapshot& snapshot = status.latest_snapshot();
  return Join(snapshot.reference_date(), " edition ", snapshot.edition(), ", ", snapshot.row_count(), " rows",
              snapshot.has_withdrawal() ? ", WITHDRAWN" : "");
}

std::string DeviationsText(const v1::GetSyncStatusResponse& status) {
  std::string text;
  for (const auto& deviation : status.deviations()) {
    if (deviation.count() > 0) text += Join(text.empty() ? "" : ", ", deviation.count(), " ", deviation.code());
  }
  return text.empty() ? "none open" : text;
}

std::string AuditText(const v1::GetSyncStatusResponse& status) {
  if (!status.has_latest_audit()) return "none yet";
  const v1::Audit& audit = status.latest_audit();
  const std::string at = FormatOslo(ToInstant(audit.finished_at()));
  if (audit.ok()) return Join(at, ", no difference");
  if (!audit.error().empty()) return Join(at, ", could not be carried out: ", audit.error());
  return Join(at, ", ", audit.difference_count(), " differences: see `flosync audit`");
}

std::string PauseText(const v1::SyncPause& pause) {
  return Join("since ", FormatOslo(ToInstant(pause.since())), " by ", OneLine(pause.by()), ": ",
              OneLine(pause.reason()));
}

std::string BackupText(const v1::GetSyncStatusResponse& status) {
  if (!status.has_latest_backup()) return "none";
  const v1::Backup& backup = status.latest_backup();
  return Join(FormatOslo(ToInstant(backup.created_at())), ", number ", backup.id(), ", revision ", backup.revision(),
              ", ", backup.size_bytes(), " bytes");
}

std::string ConnectionText(const v1::SourceConnection& connection) {
  if (connection.connected()) return "connected";
  std::string text = "not connected";
  if (connection.has_disconnected_since()) text += " since " + FormatOslo(ToInstant(connection.disconnected_since()));
  if (!connection.error().empty()) text += ": " + connection.error();
  return text;
}

TextTable SourceTable(const v1::GetSyncStatusResponse& status) {
  TextTable table({{"topic"},
                   {"partition", Align::kRight},
                   {"position", Align::kRight},
                   {"end", Align::kRight},
                   {"lag_records", Align::kRight},
                   {"age_seconds", Align::kRight},
                   {"caught_up"}});
  const auto number = [](bool there, int64_t value) { return there ? std::to_string(value) : std::string(); };
  for (const auto& source : status.sources()) {
    table.AddRow({{source.topic()},
                  {std::to_string(source.partition())},
                  {std::to_string(source.position())},
                  {number(source.has_end(), source.end())},
                  {number(source.has_lag_records(), source.lag_records())},
                  {number(source.has_age_seconds(), source.age_seconds())},
                  {source.caught_up() ? "true" : "false", source.caught_up() ? Colour::kGood : Colour::kBad}});
  }
  return table;
}

void PrintForPeople(const v1::GetSyncStatusResponse& status, const ClientOptions& options, CommandContext& context) {
  const bool colours = context.colours;
  const auto line = [&context, colours](std::string_view name, std::string_view text, Colour colour = Colour::kNone) {
    PrintFact(context.out, name, text, colour, colours);
  };
  const bool connected = status.connection().connected();
  const bool deviations = DeviationsText(status) != "none open";
  line("daemon", Join("flosync ", status.version(), " at ", options.address), Colour::kBold);
  line("started", TimeOr(status.has_started_at(), status.started_at(), "unknown"));
  line("source", ConnectionText(status.connection()), connected ? Colour::kGood : Colour::kBad);
  if (status.has_paused()) line("paused", PauseText(status.paused()), Colour::kBad);
  line("synced", TimeOr(status.has_synced_at(), status.synced_at(), "not yet"));
  line("last complete sync", TimeOr(status.has_last_complete_sync(), status.last_complete_sync(), "none yet"));
  line("next timer", TimeOr(status.has_next_timer(), status.next_timer(), "nothing is due"));
  line("latest snapshot", SnapshotText(status));
  line("records", RecordsText(status.records()));
  line("deviations", DeviationsText(status), deviations ? Colour::kBad : Colour::kNone);
  line("latest audit", AuditText(status),
       status.has_latest_audit() && !status.latest_audit().ok() ? Colour::kBad : Colour::kNone);
  line("latest backup", BackupText(status));
  const v1::Holdings& holdings = status.holdings();
  line("holdings", Join(holdings.persons(), " persons, ", holdings.contracts(), " contracts, ",
                        holdings.doctor_periods(), " doctor periods"));
  const v1::Work& work = status.work();
  line("work", Join(work.commits(), " commits, ", work.lists_derived(), " lists derived, ", work.cells_touched(),
                    " cells touched"));
  line("store", Join("epoch ", status.store_epoch(), ", revision ", status.revision()));
  context.out << "Times are Europe/Oslo with their offset from UTC.\n\n";
  SourceTable(status).Print(context.out, colours);
}

void RunStatus(const ClientOptions& options, CommandContext& context) {
  const auto stub = v1::SyncService::NewStub(Connect(options));
  v1::GetSyncStatusResponse status;
  const grpc::Status called = Call(*stub, &v1::SyncService::Stub::GetSyncStatus, {}, status, options);
  if (!called.ok()) return FailCall(context, called, options);
  switch (options.output) {
    case OutputFormat::kTable:
      return PrintForPeople(status, options, context);
    case OutputFormat::kJson:
      context.out << JsonText(status, JsonStyle::kPretty) << '\n';
      return;
    case OutputFormat::kCsv:
      return SourceTable(status).PrintCsv(context.out);
  }
}

}  // namespace

void AddStatusCommand(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand("status", "How the daemon stands: sources, records, last sync, next timer");
  command->group(std::string(kGroupRead));
  command->footer(
      "Example: flosync status --output json | jq '.records.applied'\n"
      "With csv: the sources only. Times of json are UTC.");
  auto options = std::make_shared<ClientOptions>();
  AddClientOptions(*command, *options);
  command->callback([options, &context] { RunStatus(*options, context); });
}

}  // namespace flosync
