// flosync state: what a state directory holds, and the reference tables that figures in it are counted by.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/cli/command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/output.h"
#include "domain/text.h"
#include "state/core/core.h"
#include "state/geography/stored_tables.h"
#include "state/snapshots/snapshot.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTablesSource = "Statistisk sentralbyrå, Klass 131 and table 07459, CC BY 4.0 and NLOD 2.0";

// One line of what is told; `number` where JSON has no quotes around it.
struct Fact {
  std::string name;
  std::string text;
  bool number = false;
};
using Facts = std::vector<Fact>;

void PrintFacts(const Facts& facts, OutputFormat format, CommandContext& context) {
  if (format == OutputFormat::kTable) {
    TextTable table({{"name"}, {"value"}});
    for (const Fact& fact : facts) table.AddRow({{fact.name}, {fact.text}});
    return table.Print(context.out, context.colours);
  }
  context.out << "{";
  for (const Fact& fact : facts) {
    context.out << (&fact == &facts.front() ? "\n  " : ",\n  ") << JsonQuoted(fact.name) << ": "
                << (fact.number ? fact.text : JsonQuoted(fact.text));
  }
  context.out << "\n}\n";
}

// FAILED_PRECONDITION if a daemon has it, if there is none where there must be one, or if another flosync wrote it.
absl::StatusOr<std::unique_ptr<Store>> OpenState(const std::string& directory, bool may_be_new) {
  if (!may_be_new && !fs::exists(fs::path(directory) / "db" / "CURRENT")) {
    return absl::FailedPreconditionError(
        Join("there is no state in ", directory, "; give the --state of a daemon or replay"));
  }
  auto store = Store::Open(directory);
  if (!store.ok()) return store.status();
  const auto format = View(**store).Get(Family::kMeta, kFormatKey);
  if (!format.ok()) return format.status();
  if (format->has_value() && !IsFormatRead(**format)) {
    return absl::FailedPreconditionError(
        Join("state directory ", directory, ": written in a format of another flosync; use that version"));
  }
  return store;
}

absl::StatusOr<std::string> ReadTable(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  // One byte more than is allowed tells that there are more.
  std::string bytes(kReferenceFileMaxBytes + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad() || (!file.eof() && file.gcount() != static_cast<std::streamsize>(bytes.size())))
    return absl::FailedPreconditionError(Join(path.string(), ": cannot be read; check that it is a readable file"));
  bytes.resize(static_cast<size_t>(file.gcount()));
  return bytes;
}

std::string NamesOf(const std::map<std::string, std::string>& files) {
  std::string names;
  for (const auto& [name, bytes] : files) names += Join(names.empty() ? "" : ", ", name);
  return names;
}

// The reference tables in a directory; other CSV files in it are named, in case one was meant to be a table.
absl::StatusOr<std::map<std::string, std::string>> ReadTableFiles(const std::string& directory,
                                                                  CommandContext& context) {
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> all;
  for (const ReferenceFile& known : kReferenceFiles) {
    const std::string name(known.name);
    all[name];
    if (!fs::exists(fs::path(directory) / name)) continue;
    auto bytes = ReadTable(fs::path(directory) / name);
    if (!bytes.ok()) return bytes.status();
    files[name] = *std::move(bytes);
  }
  if (files.empty()) return absl::FailedPreconditionError(Join(directory, ": has none of ", NamesOf(all)));
  std::map<std::string, std::string> others;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (it->path().extension() == ".csv" && !all.contains(name)) others[name];
  }
  if (!others.empty()) Note(context, Join("not used, for they are no reference tables: ", NamesOf(others)));
  return files;
}

// True if the last population lacks a municipality.
bool AddTables(const Geography& geography, Facts& facts) {
  const int year = geography.last_population_year();
  int64_t known = 0;
  const auto rows = ReadTables(geography.tables());
  for (size_t i = 0; rows.ok() && i < rows->population.size(); ++i) known += rows->population[i].year == year ? 1 : 0;
  facts.push_back({"vintage", geography.tables_hash()});
  facts.push_back({"source", std::string(kTablesSource)});
  facts.push_back({"last_structure_date", geography.last_structure_date().ToString()});
  facts.push_back({"last_population_year", std::to_string(year), true});
  const auto municipalities = static_cast<int64_t>(geography.MunicipalitiesAt(Day(year, 1, 1), year).size());
  facts.push_back({"last_population_covers", Join(known, " of ", municipalities, " municipalities")});
  return known < municipalities;
}

struct ImportFlags {
  std::string state;
  std::string tables;
  bool shipped = false;
  bool check_only = false;
};

absl::Status Import(const ImportFlags& flags, CommandContext& context) {
  std::map<std::string, std::string> files;
  if (!flags.shipped) {
    auto read = ReadTableFiles(flags.tables, context);
    if (!read.ok()) return read.status();
    files = *std::move(read);
  }
  const auto store = OpenState(flags.state, !flags.check_only);
  if (!store.ok()) return store.status();
  const View view(**store);
  if (flags.shipped) {
    if (absl::Status put = PutShippedInForce(**store); !put.ok()) return put;
    context.out << "the tables that come with flosync are in force\n";
    return absl::OkStatus();
  }
  const auto geography = ReplaceTables(view, files);
  if (!geography.ok()) return geography.status();
  context.out << "read and in order: " << NamesOf(files) << '\n';
  Facts facts;
  const bool lacks = AddTables(**geography, facts);
  PrintFacts(facts, OutputFormat::kTable, context);
  if (lacks) Note(context, "for municipalities without a figure of the last year the latest earlier one counts");
  if (flags.check_only) {
    context.out << "nothing was changed\n";
    return absl::OkStatus();
  }
  const Instant now{
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count()};
  const TablesImport import{now, fs::absolute(flags.tables).lexically_normal().string()};
  if (absl::Status put = PutInForce(**store, **geography, import); !put.ok()) return put;
  context.out << "imported; figures are counted by these tables from the next start of serve or replay on\n";
  return absl::OkStatus();
}

// What the core knows; a state that nothing has been read into yet has none of it.
absl::Status AddCore(Store& store, const Geography& geography, Facts& facts) {
  const View view(store);
  const auto format = view.Get(Family::kMeta, kFormatKey);
  if (!format.ok()) return format.status();
  if (!format->has_value()) return absl::OkStatus();
  const auto core = Core::Open(&store, &geography, "");
  if (!core.ok()) return core.status();
  facts.push_back({"format", **format});
  facts.push_back({"epoch", (*core)->epoch()});
  facts.push_back({"revision", std::to_string((*core)->revision()), true});
  if ((*core)->clock() != Instant::Min()) {
    facts.push_back({"clock", FormatUtc((*core)->clock())});
    facts.push_back({"counted_by", (*core)->counted_by()});
  }
  facts.push_back({"records_read", std::to_string((*core)->counts().read), true});
  const auto headers = ListSnapshots(view);
  if (!headers.ok()) return headers.status();
  facts.push_back({"snapshots", std::to_string(headers->size()), true});
  if (!headers->empty()) facts.push_back({"last_snapshot", headers->back().reference_date.ToString()});
  return absl::OkStatus();
}

absl::Status Inspect(const std::string& directory, OutputFormat format, CommandContext& context) {
  const auto store = OpenState(directory, false);
  if (!store.ok()) return store.status();
  const View view(**store);
  const auto geography = LoadGeography(view);
  if (!geography.ok()) return geography.status();
  const auto import = LastImport(view);
  if (!import.ok()) return import.status();
  Facts facts = {{"state", directory}};
  if (absl::Status added = AddCore(**store, **geography, facts); !added.ok()) return added;
  for (int i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    facts.push_back({Join("about_", FamilyName(family)), std::to_string((*store)->EstimateEntries(family)), true});
  }
  facts.push_back({"tables", *import ? "imported" : "shipped"});
  if (*import) {
    facts.push_back({"imported_at", FormatUtc((*import)->at)});
    facts.push_back({"imported_from", (*import)->from});
  }
  (void)AddTables(**geography, facts);
  for (const ReferenceFile& file : kReferenceFiles) {
    const std::string_view text = (*geography)->tables().*file.text;
    // The header is no row, and the last line may lack its end.
    const auto lines = std::ranges::count(text, '\n') + (text.ends_with('\n') ? 0 : 1);
    facts.push_back({std::string(file.name), std::to_string(lines - 1), true});
  }
  PrintFacts(facts, format, context);
  return absl::OkStatus();
}

void AddImportReference(CLI::App& state, CommandContext& context) {
  CLI::App* command = state.add_subcommand("import-reference", "Load municipalities, counties, groups or population");
  const auto flags = std::make_shared<ImportFlags>();
  command->add_option("--state", flags->state, "State directory, made if missing; no daemon may be running on it")
      ->type_name("DIR")
      ->required();
  CLI::Option* tables = command
                            ->add_option("--tables", flags->tables,
                                         "Directory with any of kommuner.csv, kommune_names.csv, kommune_changes.csv, "
                                         "fylker.csv, population.csv, population_2024_borders.csv, kommunegrupper.csv; "
                                         "each replaces the whole table, the others stay as they are")
                            ->type_name("DIR")
                            ->check(CLI::ExistingDirectory);
  CLI::Option* shipped =
      command->add_flag("--shipped", flags->shipped, "Go back to the tables that come with flosync")->excludes(tables);
  command->add_flag("--check-only", flags->check_only, "Check, and change nothing")->excludes(shipped);
  command->footer(
      "Nothing is changed if anything is wrong. Snapshots made before keep their rows and the vintage they name.\n"
      "Example:\n  flosync state import-reference --state /var/lib/flosync --tables /tmp/tables-2027");
  command->callback([flags, tables, &context] {
    if (!flags->shipped && tables->empty()) throw CLI::RequiredError("--tables or --shipped");
    const absl::Status done = Import(*flags, context);
    if (!done.ok()) Fail(context, done);
  });
}

}  // namespace

void AddStateCommand(CLI::App& app, CommandContext& context) {
  CLI::App* state = app.add_subcommand("state", "Look into a state directory; load reference tables");
  state->group(std::string(kGroupSetUp));
  state->require_subcommand(1);
  state->footer("Example: flosync state inspect --state /var/lib/flosync");
  AddImportReference(*state, context);

  CLI::App* inspect = state->add_subcommand("inspect", "Tell what a state directory holds and by which tables");
  const auto directory = std::make_shared<std::string>();
  inspect->add_option("--state", *directory, "State directory; no daemon may be running on it")
      ->type_name("DIR")
      ->required();
  const auto output = std::make_shared<std::string>("table");
  inspect->add_option("--output", *output, "table or json")->check(CLI::IsMember({"table", "json"}));
  inspect->footer("Example:\n  flosync state inspect --state /var/lib/flosync");
  inspect->callback([directory, output, &context] {
    const auto format = *output == "json" ? OutputFormat::kJson : OutputFormat::kTable;
    const absl::Status done = Inspect(*directory, format, context);
    if (!done.ok()) Fail(context, done);
  });
}

}  // namespace flosync
