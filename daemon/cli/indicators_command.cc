#include <memory>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/question_options.h"
#include "daemon/cli/rows.h"
#include "daemon/export_rows.h"
#include "domain/text.h"

#include "flosync/v1/indicator_service.grpc.pb.h"

namespace flosync {
namespace {

struct IndicatorsOptions {
  ClientOptions client;
  v1::QueryIndicatorsRequest request;
  int64_t limit = 0;
  bool list_definitions = false;
};

void PrintForPeople(const v1::QueryIndicatorsResponse& answer, bool live, CommandContext& context) {
  context.out << (live ? "Live figures of " : "Figures of ") << OneLine(answer.reference_date())
              << (live ? " (today in Europe/Oslo)" : " out of the register's history") << ", revision "
              << answer.revision() << ".\n\n";
  TextTable table = FigureTable();
  for (const auto& row : answer.rows()) AddFigure(row, table);
  table.Print(context.out, context.colours);
}

void RunDefinitions(const ClientOptions& options, CommandContext& context) {
  const auto stub = v1::IndicatorService::NewStub(Connect(options));
  v1::ListDefinitionsResponse answer;
  const grpc::Status called =
      Call(*stub, &v1::IndicatorService::Stub::ListDefinitions, v1::ListDefinitionsRequest(), answer, options);
  if (!called.ok()) return FailCall(context, called, options);
  if (options.output == OutputFormat::kJson) {
    context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
    return;
  }
  TextTable table(
      {{"definition"}, {"from"}, {"reference_day"}, {"published"}, {"unit"}, {"relationships"}, {"measures"}});
  for (const auto& definition : answer.definitions()) {
    std::string relationships;
    for (const auto& code : definition.counted_relationships())
      relationships += (relationships.empty() ? "" : ";") + code;
    std::string measures;
    for (const auto& measure : definition.measures()) measures += (measures.empty() ? "" : ";") + measure.measure();
    table.AddRow({{definition.id(), Colour::kBold},
                  {definition.from()},
                  {definition.reference_day() == v1::REFERENCE_DAY_LAST_OF_MONTH ? "last_of_month" : "first_of_month"},
                  {definition.published() ? "yes" : "no"},
                  {definition.unit() == v1::COUNT_UNIT_AGREEMENT ? "agreement" : "unique_doctor"},
                  {relationships},
                  {measures}});
  }
  if (options.output == OutputFormat::kCsv) return table.PrintCsv(context.out);
  table.Print(context.out, context.colours);
}

void RunIndicators(const IndicatorsOptions& options, CommandContext& context) {
  constexpr int32_t kLargestPage = 10'000;
  const auto stub = v1::IndicatorService::NewStub(Connect(options.client));
  v1::QueryIndicatorsResponse answer;
  int64_t first_revision = -1;
  const grpc::Status called = CallPages(*stub, &v1::IndicatorService::Stub::QueryIndicators, options.request, answer,
                                        {.limit = options.limit, .largest_page = kLargestPage}, options.client,
                                        [&first_revision](const v1::QueryIndicatorsResponse& page) {
                                          if (first_revision < 0 && page.revision() > 0)
                                            first_revision = page.revision();
                                          return page.rows_size();
                                        });
  if (!called.ok()) return FailCall(context, called, options.client);
  switch (options.client.output) {
    case OutputFormat::kTable:
      PrintForPeople(answer, options.request.reference_date().empty(), context);
      break;
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      break;
    case OutputFormat::kCsv:
      context.out << ExportCsv(answer);
      break;
  }
  NoteLimit(context, answer.rows_size(), answer.next_page_token());
  if (first_revision >= 0 && first_revision != answer.revision()) {
    Note(context, Join("figures changed while they were read: the rows are of revisions ", first_revision, " to ",
                       answer.revision(), "; run it again if they have to be of one"));
  }
}

}  // namespace

void AddIndicatorsCommand(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand("indicators", "Figures as of now");
  command->group(std::string(kGroupRead));
  command->footer(
      "Example: flosync indicators --level county --measure gp_specialist_share\n"
      "         flosync indicators --area 0301 --output csv > oslo.csv\n"
      "         flosync indicators --definition nki-gp-specialist/2.0 --reference-date 2022-03 --area NO\n"
      "         flosync indicators --reference-date 2024-01-01 --known-at 2024-02-01T05:00:00Z --area NO\n"
      "With csv: the columns of snapshot exports, the edition empty. With a reference date the figures come out of "
      "the\n"
      "register's history as it is known now, or at --known-at; what was published then: flosync snapshot read.");
  auto options = std::make_shared<IndicatorsOptions>();
  AddClientOptions(*command, options->client);
  AddFilterOptions(*command, *options->request.mutable_filter());
  auto* request = &options->request;
  CLI::Option* reference_date =
      command
          ->add_option_function<std::string>(
              "--reference-date", [request](const std::string& day) { request->set_reference_date(day); },
              "Instead of today: a day, or a month, whose first or last day it is as the definition has it")
          ->type_name("DAY|MONTH")
          ->check(CheckDayOrMonth)
          ->group("As of when");
  AddKnownAtOption(*command, [request](const auto& known_at) {
    *request->mutable_known_at() = known_at;
  })->needs(reference_date);
  AddDayOption(*command, "--structure-date", "For the municipal structure of another day",
               [request](const std::string& day) { request->set_structure_date(day); })
      ->needs(reference_date);
  AddCountOption(*command, "--limit", options->limit, "At most so many rows; 0 = all");
  command->add_flag("--list-definitions", options->list_definitions,
                    "Show which definitions there are, and no figures");
  command->callback([options, &context] {
    options->list_definitions ? RunDefinitions(options->client, context) : RunIndicators(*options, context);
  });
}

}  // namespace flosync
