// flosync generate: a synthetic national register as replay files.
#include <memory>
#include <string>

#include "daemon/cli/command.h"
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

void RunGenerate(GenerateFlags& flags, CommandContext& context) {
  const Day from = *ParseDay(flags.from);
  const Day to = *ParseDay(flags.to);
  flags.options.from = ToSysDays(from);
  flags.options.to = ToSysDays(to);
  const auto made =
      synthetic::GenerateFiles(flags.options, MunicipalityEras(Geography::Shipped(), from, to), flags.out);
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
  command->add_option("--out", flags->out, "Directory to write to, made if missing")->required();
  command->add_option("--scale", flags->options.scale, "Factor on lists, doctors and persons")->capture_default_str();
  command->add_option("--persons", flags->options.persons, "Persons in HPR before scaling")->capture_default_str();
  command
      ->add_option("--records", flags->options.records,
                   "Records in all, reached by re-sent persons; 0 = as the changes give")
      ->capture_default_str();
  command->add_option("--duplicate-per-mille", flags->options.duplicate_per_mille, "Records sent twice")
      ->capture_default_str();
  command->add_option("--late-per-mille", flags->options.late_per_mille, "Records held back")->capture_default_str();
  command->add_option("--out-of-order-per-mille", flags->options.out_of_order_per_mille, "Older states sent again")
      ->capture_default_str();
  command
      ->add_option("--malformed-per-million", flags->options.malformed_per_million,
                   "Damaged copies before the good record")
      ->capture_default_str();
  command->add_option("--corrected-per-mille", flags->options.corrected_per_mille, "Wrong states corrected days later")
      ->capture_default_str();
  command->footer(
      "Files 0001-load.ndjson and YYYY-MM.ndjson in the directory are replaced.\n"
      "Everything in it is made up; shares and counts follow the published national figures.\n\n"
      "Example:\n  flosync generate --seed 1 --from 2022-01-01 --to 2024-01-01 --out /tmp/register");
  command->callback([flags, &context] { RunGenerate(*flags, context); });
}

}  // namespace flosync
