#include <memory>
#include <string>
#include <vector>

#include "daemon/cli/alert_rows.h"
#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/output.h"
#include "domain/text.h"

#include "flosync/v1/alert_service.grpc.pb.h"

namespace flosync {
namespace {

struct AlertsOptions {
  ClientOptions client;
  v1::ListAlertsRequest request;
  v1::AcknowledgeAlertRequest acknowledgement;
  int64_t alert_id = 0;
  int64_t limit = 0;
};

template <typename Alerts>
TextTable AlertTable(const Alerts& alerts) {
  TextTable table(AlertColumns());
  for (const v1::Alert& alert : alerts) table.AddRow(AlertCells(alert));
  return table;
}

void RunList(const AlertsOptions& options, CommandContext& context) {
  const auto stub = v1::AlertService::NewStub(Connect(options.client));
  v1::ListAlertsResponse answer;
  const grpc::Status called =
      CallPages(*stub, &v1::AlertService::Stub::ListAlerts, options.request, answer, {.limit = options.limit},
                options.client, [](const v1::ListAlertsResponse& page) { return page.alerts_size(); });
  if (!called.ok()) return FailCall(context, called, options.client);
  switch (options.client.output) {
    case OutputFormat::kTable:
      context.out << answer.alerts_size() << " alerts, revision " << answer.revision() << "; times in UTC.\n\n";
      AlertTable(answer.alerts()).Print(context.out, context.colours);
      break;
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      break;
    case OutputFormat::kCsv:
      AlertTable(answer.alerts()).PrintCsv(context.out);
      break;
  }
  if (!answer.next_page_token().empty()) {
    Note(context, Join("these are the first ", answer.alerts_size(), "; there are more, see --limit"));
  }
}

void PrintFacts(const v1::Alert& alert, CommandContext& context) {
  const auto fact = [&](std::string_view name, const std::string& text, Colour colour = Colour::kNone) {
    if (!text.empty()) PrintFact(context.out, name, OneLine(text), colour, context.colours);
  };
  fact("alert", Join(alert.alert_id(), " ", alert.kind()), Colour::kBold);
  fact("severity", SeverityName(alert.severity()), ColourOf(alert));
  fact("status", StatusName(alert.status()));
  fact("subject", alert.subject());
  fact("municipalities", Listed(alert.municipalities()));
  fact("lists", Listed(alert.contract_ids()));
  fact("doctors", Listed(alert.hpr_numbers()));
  fact("patients", alert.has_patients() ? std::to_string(alert.patients()) : "");
  fact("since", alert.since());
  fact("covered", alert.has_covered() ? (alert.covered() ? "by a substitute" : "no") : "");
  fact("detail", alert.detail());
  fact("opened", TimeText(alert.has_opened_at(), alert.opened_at()));
  fact("changed", TimeText(alert.has_changed_at(), alert.changed_at()));
  fact("acknowledged", alert.acknowledged_by().empty()
                           ? ""
                           : Join(TimeText(true, alert.acknowledged_at()), " by ", alert.acknowledged_by()));
  fact("note", alert.acknowledgement_note());
  fact("resolved", TimeText(alert.has_resolved_at(), alert.resolved_at()));
}

void PrintOne(const v1::Alert& alert, const AlertsOptions& options, CommandContext& context) {
  switch (options.client.output) {
    case OutputFormat::kTable:
      return PrintFacts(alert, context);
    case OutputFormat::kJson:
      context.out << JsonText(alert, JsonStyle::kPretty) << '\n';
      return;
    case OutputFormat::kCsv:
      return AlertTable(std::vector<v1::Alert>{alert}).PrintCsv(context.out);
  }
}

void RunShow(const AlertsOptions& options, CommandContext& context) {
  const auto stub = v1::AlertService::NewStub(Connect(options.client));
  v1::GetAlertRequest request;
  request.set_alert_id(options.alert_id);
  v1::GetAlertResponse answer;
  const grpc::Status called = Call(*stub, &v1::AlertService::Stub::GetAlert, request, answer, options.client);
  if (!called.ok()) return FailCall(context, called, options.client);
  PrintOne(answer.alert(), options, context);
}

void RunAcknowledge(AlertsOptions& options, CommandContext& context) {
  const auto stub = v1::AlertService::NewStub(Connect(options.client));
  options.acknowledgement.set_alert_id(options.alert_id);
  v1::AcknowledgeAlertResponse answer;
  const grpc::Status called =
      Call(*stub, &v1::AlertService::Stub::AcknowledgeAlert, options.acknowledgement, answer, options.client);
  if (!called.ok()) return FailCall(context, called, options.client);
  PrintOne(answer.alert(), options, context);
}

void AddList(CLI::App& group, const std::shared_ptr<AlertsOptions>& options, CommandContext& context) {
  auto* command = group.add_subcommand("list", "Alerts, open and resolved of late");
  command->footer(
      "Example: flosync alerts list --status open --severity critical\n"
      "         flosync alerts list --kind LIST_UNSTAFFED --municipality 5501 --output csv");
  AddClientOptions(*command, options->client);
  AddAlertFilterOptions(*command, *options->request.mutable_filter());
  command->add_option("--limit", options->limit, "At most so many alerts; 0 = all")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{0}, int64_t{1'000'000'000}));
  command->callback([options, &context] { RunList(*options, context); });
}

}  // namespace

void AddAlertsCommand(CLI::App& app, CommandContext& context) {
  auto* group = app.add_subcommand("alerts", "What somebody should look at, and who has taken it in hand");
  group->group(std::string(kGroupRead));
  group->require_subcommand(1);
  group->footer("Example: flosync alerts list --status open");
  auto options = std::make_shared<AlertsOptions>();
  AddList(*group, options, context);

  auto* show = group->add_subcommand("show", "One alert with all that is known of it");
  show->footer("Example: flosync alerts show 17");
  AddClientOptions(*show, options->client);
  show->add_option("ALERT_ID", options->alert_id, "Its number, as listed")->check(CheckId())->required();
  show->callback([options, &context] { RunShow(*options, context); });

  auto* ack = group->add_subcommand("ack", "Say who looks after an open alert");
  ack->footer("Example: flosync alerts ack 17 --who \"FLO operations\" --note \"substitute ordered\"");
  AddClientOptions(*ack, options->client);
  ack->add_option("ALERT_ID", options->alert_id, "Its number, as listed")->check(CheckId())->required();
  ack->add_option_function<std::string>(
         "--who", [options](const std::string& who) { options->acknowledgement.set_who(who); },
         "Who looks after it: a person or a desk")
      ->check(CheckSomeText)
      ->required();
  ack->add_option_function<std::string>(
      "--note", [options](const std::string& note) { options->acknowledgement.set_note(note); }, "What is being done");
  ack->callback([options, &context] { RunAcknowledge(*options, context); });
}

}  // namespace flosync
