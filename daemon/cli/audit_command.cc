// flosync audit: are the figures what the stored records give? Asked of a running daemon, or of a state directory.
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "daemon/audit_message.h"
#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/rows.h"
#include "daemon/definition_files.h"
#include "domain/text.h"
#include "state/core/core.h"
#include "state/geography/stored_tables.h"

#include "flosync/v1/sync_service.grpc.pb.h"

namespace flosync {
namespace {

constexpr int32_t kTimeoutMs = 300'000;

struct AuditOptions {
  ClientOptions client;
  std::string state;  // empty = ask a daemon
  std::string definitions;
};

// "3194/4997 63.9"; what is absent is a dash.
std::string FigureText(bool there, const v1::AuditedFigure& figure) {
  if (!there) return "none";
  const auto number = [](bool known, int64_t value) { return known ? std::to_string(value) : std::string("-"); };
  return Join(number(figure.has_numerator(), figure.numerator()), "/",
              number(figure.has_denominator(), figure.denominator()), " ", figure.value());
}

TextTable DifferenceTable(const v1::AuditStateResponse& report) {
  TextTable table({{"kind"},
                   {"level"},
                   {"area_code"},
                   {"measure"},
                   {"breakdown"},
                   {"definition"},
                   {"stored"},
                   {"recomputed"},
                   {"entity"},
                   {"what"}});
  for (const auto& difference : report.figures()) {
    table.AddRow({{"figure"},
                  {std::string(LevelName(static_cast<Level>(difference.level() - v1::LEVEL_NATION)))},
                  {difference.area_code()},
                  {difference.measure()},
                  {difference.breakdown()},
                  {difference.definition()},
                  {FigureText(difference.has_stored(), difference.stored()), Colour::kBad},
                  {FigureText(difference.has_recomputed(), difference.recomputed()), Colour::kGood},
                  {""},
                  {""}});
  }
  for (const auto& difference : report.states()) {
    table.AddRow({{"state"}, {""}, {""}, {""}, {""}, {""}, {""}, {""}, {difference.entity()}, {difference.what()}});
  }
  return table;
}

void PrintForPeople(const v1::AuditStateResponse& report, CommandContext& context) {
  context.out << "audited revision " << report.revision() << " of " << FormatOslo(ToInstant(report.instant()))
              << ", figures of " << report.reference_date() << ": " << report.figures_compared() << " figures and "
              << report.states_compared() << " states compared, " << report.difference_count() << " differences\n";
  if (report.difference_count() == 0) return;
  context.out << '\n';
  DifferenceTable(report).Print(context.out, context.colours);
}

absl::StatusOr<AuditReport> AuditDirectory(const AuditOptions& options) {
  if (!std::filesystem::is_directory(options.state + "/db")) {
    return absl::NotFoundError(Join("there is no state in ", options.state, "; give the directory of --state"));
  }
  std::optional<Definitions> more;
  if (!options.definitions.empty()) {
    auto loaded = LoadDefinitions(options.definitions);
    if (!loaded.ok()) return loaded.status();
    more = *std::move(loaded);
  }
  const auto store = Store::Open(options.state);
  if (!store.ok()) return store.status();
  const View view(**store);
  if (absl::Status format = CheckStoreFormat(view, options.state); !format.ok()) return format;
  const auto geography = LoadGeography(view);
  if (!geography.ok()) return geography.status();
  return AuditLive(view, **geography, more ? *more : Definitions::Shipped(), [] { return true; });
}

// False after a failure, which has been said.
bool Audit(const AuditOptions& options, v1::AuditStateResponse& report, CommandContext& context) {
  if (!options.state.empty()) {
    const auto audited = AuditDirectory(options);
    if (!audited.ok()) {
      Fail(context, audited.status());
      return false;
    }
    Describe(*audited, report);
    return true;
  }
  const auto stub = v1::SyncService::NewStub(Connect(options.client));
  const grpc::Status called = Call(*stub, &v1::SyncService::Stub::AuditState, {}, report, options.client);
  if (!called.ok()) FailCall(context, called, options.client);
  return called.ok();
}

void RunAudit(const AuditOptions& options, CommandContext& context) {
  v1::AuditStateResponse report;
  if (!Audit(options, report, context)) return;
  switch (options.client.output) {
    case OutputFormat::kTable:
      PrintForPeople(report, context);
      break;
    case OutputFormat::kJson:
      context.out << JsonText(report, JsonStyle::kPretty) << '\n';
      break;
    case OutputFormat::kCsv:
      DifferenceTable(report).PrintCsv(context.out);
      break;
  }
  if (report.difference_count() == 0) return;
  Fail(context, Join(report.difference_count(),
                     " differences; keep the state directory and rebuild the state from the sources"));
}

}  // namespace

void AddAuditCommand(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand("audit", "Compare the figures with a plain recount of the stored records");
  command->group(std::string(kGroupRead));
  command->footer(
      "Exit code 1 if there is a difference. Nothing is repaired.\n"
      "Example: flosync audit\n"
      "         flosync audit --state /var/lib/flosync --output csv    (no daemon may be running on it)");
  auto options = std::make_shared<AuditOptions>();
  options->client.timeout_ms = kTimeoutMs;
  AddClientOptions(*command, options->client);
  CLI::Option* state = command->add_option("--state", options->state, "Audit this state directory instead of a daemon")
                           ->type_name("DIR")
                           ->check(CLI::ExistingDirectory);
  command
      ->add_option("--definitions", options->definitions,
                   "Directory of further definitions (.toml) that the state was made with")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory)
      ->needs(state);
  command->callback([options, &context] { RunAudit(*options, context); });
}

}  // namespace flosync
