#include <memory>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/question_options.h"
#include "daemon/cli/rows.h"
#include "domain/text.h"

#include "flosync/v1/indicator_service.grpc.pb.h"

namespace flosync {
namespace {

struct IndicatorsOptions {
  ClientOptions client;
  v1::QueryIndicatorsRequest request;
  int64_t limit = 0;
};

// The columns of exports; live figures are of no edition.
void PrintCsv(const v1::QueryIndicatorsResponse& answer, CommandContext& context) {
  std::string text = Join(kExportHeader, "\n");
  for (const auto& row : answer.rows()) AppendCsv(answer.reference_date(), "", ToExportRow(row), text);
  context.out << text;
}

void PrintForPeople(const v1::QueryIndicatorsResponse& answer, CommandContext& context) {
  context.out << "Live figures of " << OneLine(answer.reference_date()) << " (today in Europe/Oslo), revision "
              << answer.revision() << ".\n\n";
  TextTable table = FigureTable();
  for (const auto& row : answer.rows()) AddFigure(row, table);
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
  if (!called.ok()) return Fail(context, DescribeFailure(called, options.client));
  switch (options.client.output) {
    case OutputFormat::kTable:
      PrintForPeople(answer, context);
      break;
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      break;
    case OutputFormat::kCsv:
      PrintCsv(answer, context);
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
      "With csv: the columns of snapshot exports, the edition empty. Figures of a past first of a month: flosync "
      "snapshot read.");
  auto options = std::make_shared<IndicatorsOptions>();
  AddClientOptions(*command, options->client);
  AddFilterOptions(*command, *options->request.mutable_filter());
  auto* request = &options->request;
  AddDayOption(*command, "--reference-date", "Instead of today",
               [request](const std::string& day) { request->set_reference_date(day); });
  AddKnownAtOption(*command, [request](const auto& known_at) { *request->mutable_known_at() = known_at; });
  AddDayOption(*command, "--structure-date", "For the municipal structure of another day",
               [request](const std::string& day) { request->set_structure_date(day); });
  AddCountOption(*command, "--limit", options->limit, "At most so many rows; 0 = all");
  command->callback([options, &context] { RunIndicators(*options, context); });
}

}  // namespace flosync
