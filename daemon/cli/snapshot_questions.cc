#include "daemon/cli/snapshot_questions.h"

#include <map>
#include <memory>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/json.h"
#include "daemon/cli/rows.h"
#include "daemon/cli/snapshot_withdrawal.h"
#include "daemon/export_rows.h"
#include "domain/text.h"

#include "flosync/v1/snapshot_service.grpc.pb.h"

namespace flosync {
namespace {

constexpr int32_t kLargestPage = 10'000;

struct CompareOptions {
  ClientOptions client;
  v1::CompareSnapshotsRequest request;
  int64_t limit = 0;
};

struct ExplainOptions {
  ClientOptions client;
  v1::ExplainFigureRequest request;
  int64_t limit = 0;
};

std::string TitleOf(const v1::Snapshot& snapshot) {
  return Join(snapshot.reference_date(), " edition ", snapshot.edition());
}

TextTable DifferenceTable(const v1::CompareSnapshotsResponse& answer) {
  TextTable table(
      {{"level"}, {"area"}, {"name"}, {"measure"}, {"breakdown"}, {"before", Align::kRight}, {"after", Align::kRight}});
  for (const auto& difference : answer.differences()) {
    const v1::IndicatorRow& row = difference.has_after() ? difference.after() : difference.before();
    table.AddRow({{std::string(LevelName(ToExportRow(row).level))},
                  {row.area().code()},
                  {row.area().name()},
                  {row.measure()},
                  {row.breakdown()},
                  {difference.has_before() ? FigureText(difference.before()) : "not there", Colour::kDim},
                  {difference.has_after() ? FigureText(difference.after()) : "not there", Colour::kBold}});
  }
  return table;
}

void RunCompare(const CompareOptions& options, CommandContext& context) {
  const auto stub = v1::SnapshotService::NewStub(Connect(options.client));
  v1::CompareSnapshotsResponse answer;
  const grpc::Status called =
      CallPages(*stub, &v1::SnapshotService::Stub::CompareSnapshots, options.request, answer,
                {.limit = options.limit, .largest_page = kLargestPage}, options.client,
                [](const v1::CompareSnapshotsResponse& page) { return page.differences_size(); });
  if (!called.ok()) return FailCall(context, called, options.client);
  NoteWithdrawal(answer.before(), context);
  NoteWithdrawal(answer.after(), context);
  switch (options.client.output) {
    case OutputFormat::kTable:
      context.out << "From " << TitleOf(answer.before()) << " to " << TitleOf(answer.after()) << ": "
                  << answer.differences_size() << " rows differ.\n\n";
      DifferenceTable(answer).Print(context.out, context.colours);
      break;
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      break;
    case OutputFormat::kCsv:
      DifferenceTable(answer).PrintCsv(context.out);
      break;
  }
  if (!answer.next_page_token().empty()) Note(context, "there are more differences, see --limit");
}

// "1/1", and what it brings to a median.
std::string ContributionText(const v1::Contribution& contribution) {
  std::string text;
  for (const std::string& value : contribution.observed()) text += Join(text.empty() ? "" : " ", value);
  return text.empty() ? Join(contribution.numerator(), "/", contribution.denominator()) : text;
}

std::string ChangeText(v1::ContributorChange change) {
  switch (change) {
    case v1::CONTRIBUTOR_CHANGE_ENTERED:
      return "entered";
    case v1::CONTRIBUTOR_CHANGE_LEFT:
      return "left";
    case v1::CONTRIBUTOR_CHANGE_CHANGED:
      return "changed";
    default:
      return "";
  }
}

TextTable ContributorTable(const v1::ExplainFigureResponse& answer, bool for_people) {
  TextTable table(
      {{"subject"}, {"change"}, {"before", Align::kRight}, {"now", Align::kRight}, {"record"}, {"of"}, {"known_from"}});
  for (const auto& contributor : answer.contributors()) {
    const std::string before = contributor.has_before() ? ContributionText(contributor.before()) : "";
    const std::string now = contributor.has_now() ? ContributionText(contributor.now()) : "";
    std::vector<TextTable::Cell> row = {{contributor.subject(), Colour::kBold},
                                        {ChangeText(contributor.change())},
                                        {before, Colour::kDim},
                                        {now},
                                        {""},
                                        {""},
                                        {""}};
    if (contributor.records().empty()) table.AddRow(row);
    for (const auto& explaining : contributor.records()) {
      const v1::RecordPosition& record = explaining.record();
      const Instant known = ToInstant(record.known_from());
      row[4].text = Join(record.topic(), "/", record.partition(), "/", record.offset());
      row[5].text = explaining.entity();
      row[6].text = for_people ? FormatOslo(known) : FormatUtc(known);
      table.AddRow(row);
      if (for_people) row[0].text = row[1].text = row[2].text = row[3].text = "";
    }
  }
  return table;
}

void RunExplain(const ExplainOptions& options, CommandContext& context) {
  const auto stub = v1::SnapshotService::NewStub(Connect(options.client));
  v1::ExplainFigureResponse answer;
  const grpc::Status called = CallPages(*stub, &v1::SnapshotService::Stub::ExplainFigure, options.request, answer,
                                        {.limit = options.limit, .largest_page = kLargestPage}, options.client,
                                        [](const v1::ExplainFigureResponse& page) { return page.contributors_size(); });
  if (!called.ok()) return FailCall(context, called, options.client);
  NoteWithdrawal(answer.snapshot(), context);
  if (answer.has_compared_with()) NoteWithdrawal(answer.compared_with(), context);
  switch (options.client.output) {
    case OutputFormat::kTable:
      context.out << answer.row().measure() << " " << answer.row().breakdown() << " of " << answer.row().area().name()
                  << " (" << answer.row().definition() << "): ";
      if (answer.has_compared_row()) context.out << FigureText(answer.compared_row()) << " became ";
      context.out << FigureText(answer.row()) << ".\n\n";
      ContributorTable(answer, true).Print(context.out, context.colours);
      context.out << "\nTimes are Europe/Oslo with their offset from UTC.\n";
      break;
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      break;
    case OutputFormat::kCsv:
      ContributorTable(answer, false).PrintCsv(context.out);
      break;
  }
  if (!answer.next_page_token().empty()) Note(context, "there are more contributors, see --limit");
}

// Adds options for the date and edition of a snapshot; `name` gives the message to fill.
template <typename Name>
void AddSnapshotName(CLI::App& command, const std::string& date_option, const std::string& edition_option,
                     const std::string& description, Name name) {
  command
      .add_option_function<std::string>(
          date_option, [name](const std::string& day) { name()->set_reference_date(day); }, description)
      ->type_name("DAY")
      ->check(CheckDay);
  command
      .add_option_function<int32_t>(
          edition_option, [name](const int32_t& edition) { name()->set_edition(edition); }, "0 = the latest")
      ->type_name("N")
      ->default_str("0")
      ->check(CLI::Range(0, INT32_MAX));
}

void AddLimit(CLI::App& command, int64_t& limit) {
  command.add_option("--limit", limit, "At most so many; 0 = all")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{0}, int64_t{1'000'000'000}));
}

void AddCompare(CLI::App& snapshot, CommandContext& context) {
  auto* command = snapshot.add_subcommand("compare", "Rows in which two editions or two dates differ");
  command->footer(
      "Example: flosync snapshot compare --from 2024-01-01 --from-edition 1 --to 2024-01-01\n"
      "         flosync snapshot compare --from 2024-01-01 --to 2024-02-01 --area NO");
  auto options = std::make_shared<CompareOptions>();
  AddClientOptions(*command, options->client);
  AddSnapshotName(*command, "--from", "--from-edition", "The one to compare from; the latest where nothing is said",
                  [request = &options->request] { return request->mutable_before(); });
  AddSnapshotName(*command, "--to", "--to-edition", "The one to compare to; the latest where nothing is said",
                  [request = &options->request] { return request->mutable_after(); });
  AddFilterOptions(*command, *options->request.mutable_filter());
  AddLimit(*command, options->limit);
  command->callback([options, &context] { RunCompare(*options, context); });
}

void AddExplain(CLI::App& snapshot, CommandContext& context) {
  auto* command =
      snapshot.add_subcommand("explain", "Who is behind a figure, or who changed it since another snapshot");
  command->footer(
      "Example: flosync snapshot explain --reference-date 2024-01-01 --level municipality --area 0301 --measure "
      "gp_specialist_share\n"
      "         flosync snapshot explain --reference-date 2024-01-01 --compared-with 2024-01-01 --compared-edition 1 "
      "--level nation --area NO --measure list_count\n"
      "A contributor without records was changed by the clock: the reference date is another.");
  auto options = std::make_shared<ExplainOptions>();
  auto* request = &options->request;
  AddClientOptions(*command, options->client);
  AddSnapshotName(*command, "--reference-date", "--edition", "The snapshot; the latest where nothing is said",
                  [request] { return request->mutable_snapshot(); });
  AddSnapshotName(*command, "--compared-with", "--compared-edition", "Tell what changed since this snapshot",
                  [request] { return request->mutable_compared_with(); });
  const std::map<std::string, int> levels = {{"nation", v1::LEVEL_NATION},
                                             {"county", v1::LEVEL_COUNTY},
                                             {"municipality_group", v1::LEVEL_MUNICIPALITY_GROUP},
                                             {"municipality", v1::LEVEL_MUNICIPALITY}};
  command
      ->add_option_function<int>(
          "--level", [request](const int& level) { request->set_level(static_cast<v1::Level>(level)); },
          "The level of the area")
      ->type_name("nation|county|municipality_group|municipality")
      ->transform(CLI::CheckedTransformer(levels))
      ->required();
  const auto text = [&](const std::string& name, const std::string& type, const std::string& description,
                        void (v1::ExplainFigureRequest::*set)(const std::string&)) {
    return command
        ->add_option_function<std::string>(
            name, [request, set](const std::string& value) { (request->*set)(value); }, description)
        ->type_name(type);
  };
  text("--area", "CODE", "Of the area: NO, 03, 0301, 2000_4999", &v1::ExplainFigureRequest::set_area_code)->required();
  text("--measure", "NAME", "E.g. gp_specialist_share", &v1::ExplainFigureRequest::set_measure)->required();
  text("--breakdown", "NAME", "all where nothing is said", &v1::ExplainFigureRequest::set_breakdown);
  text("--definition", "ID", "The published one where nothing is said", &v1::ExplainFigureRequest::set_definition);
  AddLimit(*command, options->limit);
  command->callback([options, &context] { RunExplain(*options, context); });
}

}  // namespace

void AddSnapshotQuestions(CLI::App& snapshot, CommandContext& context) {
  AddCompare(snapshot, context);
  AddExplain(snapshot, context);
}

}  // namespace flosync
