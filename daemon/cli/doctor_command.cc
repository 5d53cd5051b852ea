#include <memory>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/rows.h"
#include "domain/text.h"

#include "flosync/v1/doctor_service.grpc.pb.h"

namespace flosync {
namespace {

struct DoctorOptions {
  ClientOptions client;
  v1::GetDoctorRequest request;
  int32_t hpr_number = 0;
};

// "2020-01-01 – 2024-01-01"; an open bound is "…". The last day is outside.
std::string PeriodText(const v1::DayPeriod& period) {
  return Join(period.from().empty() ? "…" : period.from(), " – ", period.to().empty() ? "…" : period.to());
}

template <typename Periods>
std::string PeriodsText(const Periods& periods) {
  std::string text;
  for (const auto& period : periods) text += Join(text.empty() ? "" : ", ", PeriodText(period));
  return text.empty() ? "never" : text;
}

std::string_view SexText(v1::Sex sex) {
  if (sex == v1::SEX_MALE) return "male";
  return sex == v1::SEX_FEMALE ? "female" : "unknown";
}

TextTable ContractTable(const v1::Doctor& doctor) {
  TextTable table({{"doctor_period_id", Align::kRight},
                   {"contract_id", Align::kRight},
                   {"relationship"},
                   {"from"},
                   {"to"},
                   {"current"},
                   {"percentage", Align::kRight},
                   {"hpr_number", Align::kRight},
                   {"substitute_for", Align::kRight}});
  for (const auto& contract : doctor.contracts()) {
    const int32_t substitute_for = contract.substitute_for_hpr_number();
    table.AddRow({{std::to_string(contract.doctor_period_id())},
                  {std::to_string(contract.contract_id())},
                  {contract.relationship()},
                  {contract.period().from()},
                  {contract.period().to()},
                  {contract.current() ? "true" : "false", contract.current() ? Colour::kGood : Colour::kDim},
                  {contract.has_percentage() ? std::to_string(contract.percentage()) : ""},
                  {std::to_string(contract.hpr_number())},
                  {substitute_for == 0 ? "" : std::to_string(substitute_for)}});
  }
  return table;
}

void PrintForPeople(const v1::GetDoctorResponse& answer, CommandContext& context) {
  const v1::Doctor& doctor = answer.doctor();
  const auto line = [&context](std::string_view name, std::string_view text) {
    PrintFact(context.out, name, text, Colour::kNone, context.colours);
  };
  const auto yes = [](bool value) { return value ? "yes" : "no"; };
  line("HPR number", std::to_string(doctor.hpr_number()));
  if (doctor.surviving_hpr_number() != doctor.hpr_number()) {
    line("merged into", std::to_string(doctor.surviving_hpr_number()));
  }
  line("in HPR", yes(doctor.in_hpr()));
  line("specialist today", yes(doctor.specialist()));
  line("authorised today", yes(doctor.authorised()));
  line("birth year", doctor.birth_year() == 0 ? "unknown" : std::to_string(doctor.birth_year()));
  line("sex", SexText(doctor.sex()));
  if (!doctor.death_date().empty()) line("died", doctor.death_date());
  line("specialist", PeriodsText(doctor.specialist_periods()));
  line("authorised", PeriodsText(doctor.authorised_periods()));
  line("updated in HPR", doctor.hpr_updated().empty() ? "never" : doctor.hpr_updated());
  context.out << "Days and times are Europe/Oslo; the end of a period is outside it. Revision " << answer.revision()
              << ".\n\n";
  if (doctor.contracts().empty()) {
    context.out << "On no contract.\n";
  } else {
    ContractTable(doctor).Print(context.out, context.colours);
  }
}

void RunDoctor(DoctorOptions& options, CommandContext& context) {
  options.request.set_hpr_number(options.hpr_number);
  const auto stub = v1::DoctorService::NewStub(Connect(options.client));
  v1::GetDoctorResponse answer;
  const grpc::Status called = Call(*stub, &v1::DoctorService::Stub::GetDoctor, options.request, answer, options.client);
  if (!called.ok()) return Fail(context, DescribeFailure(called, options.client));
  switch (options.client.output) {
    case OutputFormat::kTable:
      return PrintForPeople(answer, context);
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      return;
    case OutputFormat::kCsv:
      return ContractTable(answer.doctor()).PrintCsv(context.out);
  }
}

}  // namespace

void AddDoctorCommand(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand("doctor", "What is known of one doctor");
  command->group(std::string(kGroupRead));
  command->footer(
      "Example: flosync doctor 1234567\n"
      "With csv: the contracts only.");
  auto options = std::make_shared<DoctorOptions>();
  AddClientOptions(*command, options->client);
  command->add_option("HPR", options->hpr_number, "The HPR number, 1..2147483647")
      ->required()
      ->type_name("")
      ->check(CLI::Range(1, INT32_MAX));
  auto* request = &options->request;
  const std::string group = "As of when; the daemon tells what it does not support";
  command
      ->add_option_function<std::string>(
          "--as-of", [request](const std::string& day) { request->set_as_of(day); }, "Instead of today")
      ->type_name("DAY")
      ->check(CheckDay)
      ->group(group);
  command
      ->add_option_function<std::string>(
          "--known-at", [request](const std::string& at) { *request->mutable_known_at() = ToTimestamp(at); },
          "By the records known at that instant; a date means midnight in Oslo")
      ->type_name("INSTANT")
      ->check(CheckInstant)
      ->group(group);
  command->callback([options, &context] { RunDoctor(*options, context); });
}

}  // namespace flosync
