#include <memory>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/question_options.h"
#include "daemon/cli/rows.h"
#include "domain/text.h"

#include "flosync/v1/patient_list_service.grpc.pb.h"

namespace flosync {
namespace {

struct ListsOptions {
  ClientOptions client;
  v1::ListPatientListsRequest request;
  v1::GetPatientListRequest one;
  int64_t limit = 0;
};

template <typename Numbers>
std::string NumbersText(const Numbers& numbers) {
  std::string text;
  for (const auto number : numbers) text += Join(text.empty() ? "" : " ", number);
  return text;
}

TextTable ListTable(const v1::ListPatientListsResponse& answer) {
  TextTable table({{"contract_id", Align::kRight},
                   {"municipality"},
                   {"municipality_today"},
                   {"staffed"},
                   {"unstaffed_since"},
                   {"over_1y"},
                   {"patients", Align::kRight},
                   {"list_cap", Align::kRight},
                   {"fixed_salary"},
                   {"regular_gps"},
                   {"substitutes"}});
  const auto number = [](bool there, int64_t value) { return there ? std::to_string(value) : std::string(); };
  const auto yes = [](bool value) { return std::string(value ? "true" : "false"); };
  for (const auto& list : answer.patient_lists()) {
    table.AddRow({{std::to_string(list.contract_id())},
                  {list.municipality()},
                  {list.municipality_today()},
                  {yes(list.staffed()), list.staffed() ? Colour::kNone : Colour::kBad},
                  {list.unstaffed_since()},
                  {yes(list.unstaffed_over_1y())},
                  {number(list.has_patients(), list.patients())},
                  {number(list.has_list_cap(), list.list_cap())},
                  {yes(list.fixed_salary())},
                  {NumbersText(list.regular_gps())},
                  {NumbersText(list.substitutes())}});
  }
  return table;
}

void RunLists(const ListsOptions& options, CommandContext& context) {
  const auto stub = v1::PatientListService::NewStub(Connect(options.client));
  v1::ListPatientListsResponse answer;
  const grpc::Status called = CallPages(
      *stub, &v1::PatientListService::Stub::ListPatientLists, options.request, answer, {.limit = options.limit},
      options.client, [](const v1::ListPatientListsResponse& page) { return page.patient_lists_size(); });
  if (!called.ok()) return FailCall(context, called, options.client);
  switch (options.client.output) {
    case OutputFormat::kTable:
      context.out << answer.patient_lists_size() << " active lists today (Europe/Oslo), revision " << answer.revision()
                  << "; GPs by HPR number.\n\n";
      ListTable(answer).Print(context.out, context.colours);
      break;
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      break;
    case OutputFormat::kCsv:
      ListTable(answer).PrintCsv(context.out);
      break;
  }
  NoteLimit(context, answer.patient_lists_size(), answer.next_page_token());
}

void RunOne(const ListsOptions& options, CommandContext& context) {
  const auto stub = v1::PatientListService::NewStub(Connect(options.client));
  v1::GetPatientListResponse answer;
  const grpc::Status called =
      Call(*stub, &v1::PatientListService::Stub::GetPatientList, options.one, answer, options.client);
  if (!called.ok()) return FailCall(context, called, options.client);
  v1::ListPatientListsResponse list;
  *list.add_patient_lists() = answer.patient_list();
  switch (options.client.output) {
    case OutputFormat::kTable:
      context.out << "The list today (Europe/Oslo), revision " << answer.revision() << "; GPs by HPR number.\n\n";
      return ListTable(list).Print(context.out, context.colours);
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      return;
    case OutputFormat::kCsv:
      return ListTable(list).PrintCsv(context.out);
  }
}

}  // namespace

void AddListsCommand(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand("lists", "Patient lists as of today, and which lack a GP");
  command->group(std::string(kGroupRead));
  command->footer(
      "Example: flosync lists --unstaffed --municipality 5501\n"
      "         flosync lists 900101\n"
      "         flosync lists --since 2024-01-01 --without-substitute --output csv");
  auto options = std::make_shared<ListsOptions>();
  AddClientOptions(*command, options->client);
  auto* request = &options->request;
  const std::string group = "Which lists; all active ones where nothing is said";
  auto* id = command
                 ->add_option_function<int64_t>(
                     "ID", [options](int64_t contract_id) { options->one.set_contract_id(contract_id); },
                     "Only this list, by the id of its contract")
                 ->type_name("")
                 ->check(CheckId());
  command
      ->add_flag_callback(
          "--unstaffed", [request] { request->set_unstaffed_only(true); }, "Only lists without a regular GP")
      ->excludes(id)
      ->group(group);
  command
      ->add_option_function<std::string>(
          "--since", [request](const std::string& day) { request->set_unstaffed_before(day); },
          "Only lists that have been unstaffed since before this day")
      ->type_name("DAY")
      ->check(CheckDay)
      ->excludes(id)
      ->group(group);
  command
      ->add_option_function<std::string>(
          "--municipality", [request](const std::string& code) { request->set_municipality(code); },
          "Only lists of this municipality, by today's structure")
      ->type_name("CODE")
      ->check(CheckMunicipality)
      ->excludes(id)
      ->group(group);
  command
      ->add_flag_callback(
          "--without-substitute", [request] { request->set_without_substitute(true); },
          "Only unstaffed lists that no substitute covers today")
      ->excludes(id)
      ->group(group);
  AddCountOption(*command, "--limit", options->limit, "At most so many lists; 0 = all")->excludes(id);
  command->callback([options, &context] {
    options->one.contract_id() == 0 ? RunLists(*options, context) : RunOne(*options, context);
  });
}

}  // namespace flosync
