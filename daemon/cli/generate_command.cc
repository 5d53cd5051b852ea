// flosync generate: a synthetic national register as replay files.
#include <chrono>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/cli/command.h"
#include "daemon/cli/output.h"
#include "daemon/cli/progress_bar.h"
#include "daemon/cli/rows.h"
#include "daemon/synthetic_register.h"
#include "domain/text.h"

namespace flosync {
namespace {

struct GenerateFlags {
  synthetic::GeneratorOptions options;
  std::string from;
  std::string to;
  std::string out;
};

// NAME=VALUE each. Anything else is a usage error.
void SetRates(const std::vector<std::string>& settings, synthetic::Rates& rates) {
  for (const std::string& setting : settings) {
    const std::vector<std::string_view> parts = Split(setting, '=');
    const auto value = parts.size() == 2 ? ParseNumber<double>(parts[1]) : std::nullopt;
    if (!value) throw CLI::ValidationError("--rate", "NAME=VALUE is wanted, with a number");
    const std::string error = synthetic::SetRate(rates, parts[0], *value);
    if (!error.empty()) throw CLI::ValidationError("--rate", OneLine(error));
  }
}

std::string ListRates() {
  const synthetic::Rates defaults;
  std::ostringstream out;
  TextTable table({{"rate"}, {"default", Align::kRight}, {"meaning"}});
  for (const synthetic::RateInfo& rate : synthetic::AllRates()) {
    std::ostringstream value;
    value << defaults.*rate.value;
    table.AddRow({{std::string(rate.name)}, {value.str()}, {std::string(rate.meaning)}});
  }
  table.Print(out, false);
  out << "\nper_month: in the whole country at scale 1. per_mille, per_million, share: of what the meaning names.";
  return out.str();
}

// Months from `from` to the one that a part is named after: "2021-12"; 0 for the load.
int32_t MonthsUpTo(std::string_view part, Day from) {
  const auto day = ParseDay(Join(part, "-01"));
  if (!day) return 0;
  const auto months = [](Day d) {
    const std::chrono::year_month_day date(ToSysDays(d));
    return static_cast<int32_t>(date.year()) * 12 + static_cast<int32_t>(static_cast<unsigned>(date.month()));
  };
  return months(*day) - months(from) + 1;
}

synthetic::GeneratorSummary GenerateWithBar(const GenerateFlags& flags,
                                            const std::vector<synthetic::MunicipalityEra>& eras, Day from, Day to,
                                            CommandContext& context) {
  ProgressBar bar(context, "generating");
  const int32_t all = MonthsUpTo(to.ToString().substr(0, 7), from) + 1;
  return synthetic::GenerateFiles(flags.options, eras, flags.out, [&](std::string_view part) {
    bar.Show(static_cast<double>(MonthsUpTo(part, from)) / all, part);
  });
}

void RunGenerate(GenerateFlags& flags, CommandContext& context) {
  const Day from = *ParseDay(flags.from);
  const Day to = *ParseDay(flags.to);
  flags.options.from = ToSysDays(from);
  flags.options.to = ToSysDays(to);
  if (from < kFirstStructureDate)
    return FailUsage(context, Join("--from has to be ", kFirstStructureDate.ToString(), " or later"));
  const auto eras = MunicipalityEras(Geography::Shipped(), from, to);
  if (const std::string error = synthetic::Validate(flags.options, eras); !error.empty())
    return FailUsage(context, Join(error, "; `flosync generate --help` explains"));
  const auto made = GenerateWithBar(flags, eras, from, to, context);
  if (!made.error.empty()) return Fail(context, made.error);
  context.out << "wrote " << made.records << " records (" << made.bytes / 1000000 << " MB) in " << made.files
              << " files to " << flags.out << ": " << made.persons << " persons, " << made.lists << " lists, "
              << made.doctor_periods << " doctor periods\nnext: flosync replay --input " << flags.out
              << " --state DIR --export DIR\n";
}

}  // namespace

void AddGenerateCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("generate", "Write a synthetic national register as replay files");
  command->group(std::string(kGroupTry));
  const auto flags = std::make_shared<GenerateFlags>();
  command->add_option("--seed", flags->options.seed, "Same seed, same bytes")->capture_default_str();
  command->add_option("--from", flags->from, "The register of this day is loaded first, yyyy-MM-dd")
      ->required()
      ->check(CheckDay);
  command->add_option("--to", flags->to, "Changes up to this day, yyyy-MM-dd")->required()->check(CheckDay);
  command->add_option("--out", flags->out, "Directory to write to, made if missing")->type_name("DIR")->required();
  command->add_option("--scale", flags->options.scale, "Factor on lists, doctors and persons")->capture_default_str();
  command->add_option("--persons", flags->options.persons, "Persons in HPR before scaling")->capture_default_str();
  command
      ->add_option("--records", flags->options.records,
                   "Records in all, reached by re-sent persons; 0 = as the changes give")
      ->capture_default_str();
  command
      ->add_option_function<std::vector<std::string>>(
          "--rate", [flags](const std::vector<std::string>& rates) { SetRates(rates, flags->options.rates); },
          "How often something happens; may be given several times")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command->set_version_flag("--rates", ListRates, "List the rates with their defaults, and exit");
  command->footer(
      "Files 0001-load.ndjson and YYYY-MM.ndjson in the directory are replaced.\n"
      "Everything in it is made up; shares and counts follow the published national figures.\n\n"
      "Examples:\n"
      "  flosync generate --seed 1 --from 2022-01-01 --to 2024-01-01 --out /tmp/register\n"
      "  flosync generate --from 2023-11-01 --to 2024-03-01 --rate merge_cycles_per_month=5 --out /tmp/register");
  command->callback([flags, &context] { RunGenerate(*flags, context); });
}

}  // namespace flosync
