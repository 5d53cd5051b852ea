#include <memory>
#include <optional>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/question_options.h"
#include "daemon/cli/rows.h"
#include "daemon/cli/snapshot_questions.h"
#include "daemon/cli/snapshot_withdrawal.h"
#include "daemon/export_rows.h"
#include "daemon/output_file.h"
#include "domain/text.h"
#include "state/store/sha256.h"

#include "flosync/v1/snapshot_service.grpc.pb.h"

namespace flosync {
namespace {

struct SnapshotOptions {
  ClientOptions client;
  v1::ReadSnapshotRequest request;
  std::string out_path;
  int64_t limit = 0;
};

// The whole snapshot as one message: description and rows. A snapshot has some ten thousand rows.
grpc::Status Read(const SnapshotOptions& options, v1::ReadSnapshotResponse& all) {
  const auto stub = v1::SnapshotService::NewStub(Connect(options.client));
  grpc::ClientContext context;
  if (grpc::Status begun = client::Attempts(options.client).Begin(context); !begun.ok()) return begun;
  const auto reader = stub->ReadSnapshot(&context, options.request);
  v1::ReadSnapshotResponse message;
  while (reader->Read(&message)) all.MergeFrom(message);
  return reader->Finish();
}

// The CSV of the export file, or nothing after a failure. What does not have the snapshot's own hash is never passed
// on; a public export has other bytes by its nature.
std::optional<std::string> VerifiedCsv(const v1::ReadSnapshotResponse& all, bool for_public, CommandContext& context) {
  std::string csv = ExportCsv(all);
  Sha256 sha;
  sha.Add(csv);
  const std::string hash = sha.Hex();
  const v1::Snapshot& snapshot = all.snapshot();
  if (for_public && all.rows_size() == snapshot.row_count()) return csv;
  if (hash == snapshot.content_hash() && all.rows_size() == snapshot.row_count()) return csv;
  Fail(context,
       Join("snapshot ", snapshot.reference_date(), " edition ", snapshot.edition(), " arrived with ", all.rows_size(),
            " rows and SHA-256 ", hash, ", but was made with ", snapshot.row_count(), " rows and ",
            snapshot.content_hash(), "; use a flosync of the daemon's version, or check the daemon's disk"));
  return std::nullopt;
}

void RunExport(const SnapshotOptions& options, CommandContext& context) {
  v1::ReadSnapshotResponse all;
  const grpc::Status read = Read(options, all);
  if (!read.ok()) return FailCall(context, read, options.client);
  const auto csv = VerifiedCsv(all, options.request.for_public(), context);
  if (!csv) return;
  NoteWithdrawal(all.snapshot(), context);
  if (options.out_path.empty()) {
    context.out << *csv;
    return;
  }
  if (absl::Status written = WriteOutputFile(options.out_path, *csv); !written.ok()) return Fail(context, written);
  Note(context, Join("wrote snapshot ", all.snapshot().reference_date(), " edition ", all.snapshot().edition(), ", ",
                     all.rows_size(), " rows, to ", options.out_path));
}

void PrintRowsForPeople(const SnapshotOptions& options, const v1::ReadSnapshotResponse& all, CommandContext& context) {
  const v1::Snapshot& snapshot = all.snapshot();
  context.out << "Snapshot " << OneLine(snapshot.reference_date()) << " edition " << snapshot.edition()
              << ", by what was known at " << FormatOslo(ToInstant(snapshot.known_at())) << " (Europe/Oslo).\n\n";
  TextTable table = FigureTable();
  int64_t shown = 0;
  for (const auto& row : all.rows()) {
    if (options.limit > 0 && shown == options.limit) break;
    AddFigure(row, table);
    ++shown;
  }
  table.Print(context.out, context.colours);
  if (shown < all.rows_size()) Note(context, Join("these are the first ", shown, " of ", all.rows_size(), " rows"));
}

void RunRead(const SnapshotOptions& options, CommandContext& context) {
  v1::ReadSnapshotResponse all;
  const grpc::Status read = Read(options, all);
  if (!read.ok()) return FailCall(context, read, options.client);
  const auto csv = VerifiedCsv(all, options.request.for_public(), context);
  if (!csv) return;
  NoteWithdrawal(all.snapshot(), context);
  switch (options.client.output) {
    case OutputFormat::kTable:
      return PrintRowsForPeople(options, all, context);
    case OutputFormat::kJson:
      context.out << JsonText(all, JsonStyle::kPretty) << '\n';
      return;
    case OutputFormat::kCsv:
      context.out << *csv;
      return;
  }
}

// Empty for an edition that stands.
std::string WithdrawnText(const v1::Snapshot& snapshot, bool for_people) {
  if (!snapshot.has_withdrawal()) return {};
  const Instant at = ToInstant(snapshot.withdrawal().withdrawn_at());
  return for_people ? FormatOslo(at) : FormatUtc(at);
}

TextTable SnapshotTable(const v1::ListSnapshotsResponse& answer, bool for_people) {
  TextTable table({{"reference_date"},
                   {"edition", Align::kRight},
                   {"row_count", Align::kRight},
                   {"known_at"},
                   {"content_hash"},
                   {"withdrawn_at"}});
  for (const auto& snapshot : answer.snapshots()) {
    const Instant known_at = ToInstant(snapshot.known_at());
    table.AddRow({{snapshot.reference_date(), Colour::kBold},
                  {std::to_string(snapshot.edition())},
                  {std::to_string(snapshot.row_count())},
                  {for_people ? FormatOslo(known_at) : FormatUtc(known_at)},
                  {snapshot.content_hash(), Colour::kDim},
                  {WithdrawnText(snapshot, for_people), Colour::kBad}});
  }
  return table;
}

void RunList(const ClientOptions& options, CommandContext& context) {
  const auto stub = v1::SnapshotService::NewStub(Connect(options));
  v1::ListSnapshotsResponse answer;
  const grpc::Status called =
      CallPages(*stub, &v1::SnapshotService::Stub::ListSnapshots, v1::ListSnapshotsRequest(), answer, {}, options,
                [](const v1::ListSnapshotsResponse& page) { return page.snapshots_size(); });
  if (!called.ok()) return FailCall(context, called, options);
  switch (options.output) {
    case OutputFormat::kTable:
      SnapshotTable(answer, true).Print(context.out, context.colours);
      context.out << "\nTimes are Europe/Oslo with their offset from UTC.\n";
      return;
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      return;
    case OutputFormat::kCsv:
      return SnapshotTable(answer, false).PrintCsv(context.out);
  }
}

void AddWhichOptions(CLI::App& command, SnapshotOptions& options) {
  auto* request = &options.request;
  command
      .add_option_function<std::string>(
          "--reference-date", [request](const std::string& day) { request->set_reference_date(day); },
          "The first of a month; the latest snapshot where nothing is said")
      ->type_name("DAY")
      ->check(CheckDay);
  command
      .add_option_function<int32_t>(
          "--edition", [request](const int32_t& edition) { request->set_edition(edition); }, "0 = the latest")
      ->type_name("N")
      ->default_str("0")
      ->check(CLI::Range(0, INT32_MAX));
}

}  // namespace

void AddSnapshotCommand(CLI::App& app, CommandContext& context) {
  auto* snapshot =
      app.add_subcommand("snapshot", "First-of-month snapshots: list, read, export, compare, explain, withdraw");
  snapshot->group(std::string(kGroupRead));
  snapshot->require_subcommand(1);
  snapshot->footer("Example: flosync snapshot export --reference-date 2024-01-01 --out 2024-01-01.csv");

  auto* list = snapshot->add_subcommand("list", "Which snapshots there are");
  list->footer("Example: flosync snapshot list");
  auto list_options = std::make_shared<ClientOptions>();
  AddClientOptions(*list, *list_options);
  list->callback([list_options, &context] { RunList(*list_options, context); });

  auto* read = snapshot->add_subcommand("read", "Show a snapshot's rows");
  read->footer("Example: flosync snapshot read --reference-date 2024-01-01 --output json");
  auto read_options = std::make_shared<SnapshotOptions>();
  AddClientOptions(*read, read_options->client);
  AddWhichOptions(*read, *read_options);
  AddCountOption(*read, "--limit", read_options->limit, "Show at most so many rows in a table; 0 = all");
  read->callback([read_options, &context] { RunRead(*read_options, context); });

  AddSnapshotQuestions(*snapshot, context);
  AddSnapshotWithdraw(*snapshot, context);

  auto* export_command = snapshot->add_subcommand("export", "Write a snapshot as the very CSV file it was made as");
  export_command->footer(
      "Example: flosync snapshot export --reference-date 2024-01-01 --out 2024-01-01.csv\n"
      "         flosync snapshot export --reference-date 2024-01-01 --public --out public.csv\n"
      "The bytes are checked against the snapshot's SHA-256 first; nothing is written if they differ.");
  auto export_options = std::make_shared<SnapshotOptions>();
  AddClientOptions(*export_command, export_options->client);
  AddWhichOptions(*export_command, *export_options);
  export_command->add_flag_callback(
      "--public", [request = &export_options->request] { request->set_for_public(true); },
      "Blank what could point at single doctors: areas with fewer than five GPs, or lists");
  export_command->add_option("--out", export_options->out_path, "Where to write; standard output where nothing is said")
      ->type_name("FILE");
  export_command->callback([export_options, &context] { RunExport(*export_options, context); });
}

}  // namespace flosync
