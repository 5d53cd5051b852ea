#include "daemon/cli/doctor_list_command.h"

#include <memory>
#include <string>

#include "daemon/cli/client.h"
#include "daemon/cli/json.h"
#include "daemon/cli/question_options.h"
#include "daemon/cli/rows.h"
#include "domain/text.h"

#include "flosync/v1/doctor_service.grpc.pb.h"

namespace flosync {
namespace {

struct DoctorListOptions {
  ClientOptions client;
  v1::ListDoctorsRequest request;
  int64_t limit = 0;
};

// The reason as the API names it, without what all of them begin with.
std::string ReasonName(v1::SpecialistReason reason) {
  constexpr std::string_view kPrefix = "SPECIALIST_REASON_";
  const std::string name = v1::SpecialistReason_Name(reason);
  return name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : name;
}

TextTable DoctorTable(const v1::ListDoctorsResponse& answer, bool for_people) {
  TextTable table({{"hpr_number", Align::kRight},
                   {"surviving_hpr_number", Align::kRight},
                   {"specialist"},
                   {"reason"},
                   {"contracts"}});
  for (const auto& doctor : answer.doctors()) {
    const v1::SpecialistReason reason = doctor.specialist_reason();
    table.AddRow({{std::to_string(doctor.hpr_number()), Colour::kBold},
                  {std::to_string(doctor.surviving_hpr_number())},
                  {doctor.specialist() ? "true" : "false", doctor.specialist() ? Colour::kGood : Colour::kNone},
                  {for_people ? std::string(ReasonText(reason)) : ReasonName(reason)},
                  {ContractsText(doctor.contracts())}});
  }
  return table;
}

void RunList(const DoctorListOptions& options, CommandContext& context) {
  const auto stub = v1::DoctorService::NewStub(Connect(options.client));
  v1::ListDoctorsResponse answer;
  const grpc::Status called =
      CallPages(*stub, &v1::DoctorService::Stub::ListDoctors, options.request, answer, {.limit = options.limit},
                options.client, [](const v1::ListDoctorsResponse& page) { return page.doctors_size(); });
  if (!called.ok()) return FailCall(context, called, options.client);
  switch (options.client.output) {
    case OutputFormat::kTable:
      context.out << answer.doctors_size() << " doctors, revision " << answer.revision()
                  << "; contracts of today (Europe/Oslo).\n\n";
      DoctorTable(answer, true).Print(context.out, context.colours);
      break;
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      break;
    case OutputFormat::kCsv:
      DoctorTable(answer, false).PrintCsv(context.out);
      break;
  }
  NoteLimit(context, answer.doctors_size(), answer.next_page_token());
}

}  // namespace

std::string_view ReasonText(v1::SpecialistReason reason) {
  switch (reason) {
    case v1::SPECIALIST_REASON_SPECIALIST:
      return "yes";
    case v1::SPECIALIST_REASON_NOT_IN_HPR:
      return "no: not in HPR";
    case v1::SPECIALIST_REASON_DECEASED:
      return "no: dead on that day";
    case v1::SPECIALIST_REASON_NO_LE_APPROVAL:
      return "no: no approval as a doctor that counts";
    case v1::SPECIALIST_REASON_APPROVAL_NOT_VALID:
      return "no: no approval as a doctor is valid on that day";
    case v1::SPECIALIST_REASON_NO_SPECIALITY:
      return "no: not approved in general practice";
    case v1::SPECIALIST_REASON_SPECIALITY_NOT_BEGUN:
      return "no: the speciality begins later";
    case v1::SPECIALIST_REASON_SPECIALITY_ENDED:
      return "no: the speciality has ended";
    case v1::SPECIALIST_REASON_ENDED_STATUS:
      return "no: revoked, invalidated or renounced";
    case v1::SPECIALIST_REASON_SUSPENDED:
      return "no: suspended";
    default:
      return "unknown";
  }
}

void AddDoctorList(CLI::App& doctor, CommandContext& context) {
  auto* command = doctor.add_subcommand("list", "The doctors that FLO knows: whoever a doctor period names");
  command->footer(
      "Example: flosync doctor list --current --relationship LPFL --no-specialist\n"
      "         flosync doctor list --municipality 0301 --output csv");
  const auto options = std::make_shared<DoctorListOptions>();
  AddClientOptions(*command, options->client);
  auto* request = &options->request;
  const std::string group = "Which doctors; all where nothing is said";
  command
      ->add_flag_callback(
          "--current", [request] { request->set_current_only(true); }, "Only with a doctor period valid today")
      ->group(group);
  command
      ->add_option_function<std::string>(
          "--municipality", [request](const std::string& code) { request->set_municipality(code); },
          "Only on a list of this municipality today; implies --current")
      ->type_name("CODE")
      ->check(CheckMunicipality)
      ->group(group);
  command
      ->add_option_function<std::string>(
          "--relationship", [request](const std::string& code) { request->set_relationship(code); },
          "Only with a doctor period of this kind: LPFL, LPVI, LPDL")
      ->type_name("CODE")
      ->group(group);
  auto* specialist = command
                         ->add_flag_callback(
                             "--specialist", [request] { request->set_specialist(true); },
                             "Only approved specialists in general practice today")
                         ->group(group);
  command
      ->add_flag_callback(
          "--no-specialist", [request] { request->set_specialist(false); }, "Only those who are none")
      ->excludes(specialist)
      ->group(group);
  AddCountOption(*command, "--limit", options->limit, "At most so many doctors; 0 = all");
  command->callback([options, &context] { RunList(*options, context); });
}

}  // namespace flosync
