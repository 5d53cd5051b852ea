#include "daemon/cli/snapshot_withdrawal.h"

#include <memory>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/json.h"
#include "daemon/cli/output.h"
#include "daemon/cli/rows.h"
#include "domain/text.h"

#include "flosync/v1/snapshot_service.grpc.pb.h"

namespace flosync {
namespace {

struct WithdrawOptions {
  ClientOptions client;
  v1::WithdrawSnapshotRequest request;
};

void RunWithdraw(const WithdrawOptions& options, CommandContext& context) {
  const auto stub = v1::SnapshotService::NewStub(Connect(options.client));
  v1::WithdrawSnapshotResponse answer;
  const grpc::Status called =
      Call(*stub, &v1::SnapshotService::Stub::WithdrawSnapshot, options.request, answer, options.client);
  if (!called.ok()) return FailCall(context, called, options.client);
  const v1::Snapshot& snapshot = answer.snapshot();
  const v1::SnapshotWithdrawal& withdrawal = snapshot.withdrawal();
  TextTable row({{"reference_date"}, {"edition", Align::kRight}, {"withdrawn_at"}, {"by"}, {"reason"}});
  row.AddRow({{snapshot.reference_date()},
              {std::to_string(snapshot.edition())},
              {FormatUtc(ToInstant(withdrawal.withdrawn_at()))},
              {withdrawal.by()},
              {withdrawal.reason()}});
  switch (options.client.output) {
    case OutputFormat::kTable:
      context.out << "snapshot " << OneLine(snapshot.reference_date()) << " edition " << snapshot.edition()
                  << " is withdrawn; watchers have been told\n";
      return;
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      return;
    case OutputFormat::kCsv:
      return row.PrintCsv(context.out);
  }
}

}  // namespace

void NoteWithdrawal(const v1::Snapshot& snapshot, CommandContext& context) {
  if (!snapshot.has_withdrawal()) return;
  const v1::SnapshotWithdrawal& withdrawal = snapshot.withdrawal();
  Note(context, OneLine(Join("WARNING: snapshot ", snapshot.reference_date(), " edition ", snapshot.edition(),
                             " was withdrawn at ", FormatUtc(ToInstant(withdrawal.withdrawn_at())), " by ",
                             withdrawal.by(), ": ", withdrawal.reason(), "; publish nothing from it")));
}

void AddSnapshotWithdraw(CLI::App& snapshot, CommandContext& context) {
  auto* command = snapshot.add_subcommand("withdraw", "Withdraw an edition that is wrong, for good; it stays readable");
  command->footer(
      "Example: flosync snapshot withdraw --reference-date 2024-01-01 --edition 2 --by kari.nordmann \\\n"
      "           --reason \"counts of 3 January were wrong at the source\"\n"
      "Whoever asks for the latest edition gets the latest that is not withdrawn; watchers are told.");
  const auto options = std::make_shared<WithdrawOptions>();
  options->client.attempts = 1;  // a second one would be told that it is withdrawn already
  AddClientOptions(*command, options->client);
  auto* request = &options->request;
  command
      ->add_option_function<std::string>(
          "--reference-date", [request](const std::string& day) { request->set_reference_date(day); },
          "The first of a month")
      ->type_name("DAY")
      ->check(CheckDay)
      ->required();
  command
      ->add_option_function<int32_t>(
          "--edition", [request](const int32_t& edition) { request->set_edition(edition); }, "Its number, from 1")
      ->type_name("N")
      ->check(CLI::Range(1, INT32_MAX))
      ->required();
  command
      ->add_option_function<std::string>(
          "--by", [request](const std::string& who) { request->set_by(who); }, "Who decides")
      ->check(CheckSomeText)
      ->required();
  command
      ->add_option_function<std::string>(
          "--reason", [request](const std::string& why) { request->set_reason(why); },
          "Why, as all readers will see it; no national identity numbers")
      ->check(CheckSomeText)
      ->required();
  command->callback([options, &context] { RunWithdraw(*options, context); });
}

}  // namespace flosync
