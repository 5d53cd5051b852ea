#include <memory>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/doctor_history_printer.h"
#include "daemon/cli/doctor_list_command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/question_options.h"
#include "domain/text.h"

#include "flosync/v1/doctor_service.grpc.pb.h"

namespace flosync {
namespace {

struct DoctorOptions {
  ClientOptions client;
  v1::GetDoctorRequest request;
  bool history = false;
  int64_t limit = 0;  // of the history
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

// "2024-03-01 at 2024-03-01 06:00:00 +01:00, by the records known before 2024-04-01 00:00:00 +02:00".
std::string WhenText(const v1::GetDoctorResponse& answer) {
  std::string text = Join(answer.reference_date(), " at ", FormatOslo(ToInstant(answer.reference_instant())));
  if (!answer.has_known_at()) return text + ", by all records read";
  return Join(text, ", by the records known before ", FormatOslo(ToInstant(answer.known_at())));
}

// "hpr.person/0/17, known from 2024-03-01 06:00:00 +01:00".
std::string RecordText(const v1::RecordPosition& record) {
  return Join(record.topic(), "/", record.partition(), "/", record.offset(), ", known from ",
              FormatOslo(ToInstant(record.known_from())));
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
  line("as of", WhenText(answer));
  line("in HPR", yes(doctor.in_hpr()));
  line("is specialist", ReasonText(doctor.specialist_reason()));
  line("is authorised", yes(doctor.authorised()));
  line("birth year", doctor.birth_year() == 0 ? "unknown" : std::to_string(doctor.birth_year()));
  line("sex", SexText(doctor.sex()));
  if (!doctor.death_date().empty()) line("died", doctor.death_date());
  line("specialist", PeriodsText(doctor.specialist_periods()));
  line("authorised", PeriodsText(doctor.authorised_periods()));
  line("updated in HPR", doctor.hpr_updated().empty() ? "never" : doctor.hpr_updated());
  if (doctor.has_hpr_record()) line("by the record", RecordText(doctor.hpr_record()));
  context.out << "Days and times are Europe/Oslo; the end of a period is outside it. Revision " << answer.revision()
              << ".\n\n";
  if (doctor.contracts().empty()) {
    context.out << "On no contract.\n";
  } else {
    ContractTable(doctor).Print(context.out, context.colours);
  }
}

void RunDoctor(const DoctorOptions& options, CommandContext& context) {
  const auto stub = v1::DoctorService::NewStub(Connect(options.client));
  v1::GetDoctorResponse answer;
  const grpc::Status called = Call(*stub, &v1::DoctorService::Stub::GetDoctor, options.request, answer, options.client);
  if (!called.ok()) return FailCall(context, called, options.client);
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

void RunHistory(const DoctorOptions& options, CommandContext& context) {
  v1::GetDoctorHistoryRequest request;
  request.set_hpr_number(options.request.hpr_number());
  if (options.request.has_known_at()) *request.mutable_known_at() = options.request.known_at();
  const auto stub = v1::DoctorService::NewStub(Connect(options.client));
  v1::GetDoctorHistoryResponse answer;
  const grpc::Status called =
      CallPages(*stub, &v1::DoctorService::Stub::GetDoctorHistory, request, answer, {.limit = options.limit},
                options.client, [](const v1::GetDoctorHistoryResponse& page) { return page.records_size(); });
  if (!called.ok()) return FailCall(context, called, options.client);
  switch (options.client.output) {
    case OutputFormat::kTable:
      context.out << answer.records_size() << " records of HPR number " << request.hpr_number()
                  << " and its doctor periods, by when they were known (Europe/Oslo); the end of a period is outside "
                     "it. Revision "
                  << answer.revision() << ".\n\n";
      HistoryTable(answer, HistoryLayout::kForPeople).Print(context.out, context.colours);
      break;
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      break;
    case OutputFormat::kCsv:
      HistoryTable(answer, HistoryLayout::kWhole).PrintCsv(context.out);
      break;
  }
  NoteLimit(context, answer.records_size(), answer.next_page_token());
}

}  // namespace

void AddDoctorCommand(CLI::App& app, CommandContext& context) {
  auto* command = app.add_subcommand("doctor", "What is known of one doctor, or was on another day; all doctors");
  command->group(std::string(kGroupRead));
  command->footer(
      "Example: flosync doctor 1234567\n"
      "         flosync doctor 1234567 --as-of 2024-03-01 --known-at 2024-04-01T05:00:00Z\n"
      "         flosync doctor 1234567 --history --output csv\n"
      "         flosync doctor list --current\n"
      "With csv: the contracts only, or the history. Days and times are Europe/Oslo.\n"
      "--as-of alone goes by all records; --known-at alone is as of its own day and instant.");
  auto options = std::make_shared<DoctorOptions>();
  AddClientOptions(*command, options->client);
  auto* request = &options->request;
  command
      ->add_option_function<int32_t>(
          "HPR", [request](int32_t number) { request->set_hpr_number(number); }, "The HPR number, 1..2147483647")
      ->type_name("")
      ->check(CLI::Range(1, INT32_MAX));
  auto* as_of = AddDayOption(*command, "--as-of", "As of 06:00 on that day instead of now",
                             [request](const std::string& day) { request->set_as_of(day); });
  AddKnownAtOption(*command, [request](const auto& known_at) { *request->mutable_known_at() = known_at; });
  auto* history =
      command->add_flag("--history", options->history, "Every record, from when it was known and what it changed")
          ->excludes(as_of);
  AddCountOption(*command, "--limit", options->limit, "At most so many records of the history; 0 = all")
      ->needs(history);
  AddDoctorList(*command, context);
  command->callback([options, command, &context] {
    if (!command->get_subcommands().empty()) return;
    if (options->request.hpr_number() == 0) throw CLI::RequiredError("HPR or list");
    if (options->history) {
      RunHistory(*options, context);
    } else {
      RunDoctor(*options, context);
    }
  });
}

}  // namespace flosync
