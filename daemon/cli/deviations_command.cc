// flosync deviations: bad and doubtful records and state, and what was decided about them.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/cli/client.h"
#include "daemon/cli/command.h"
#include "daemon/cli/json.h"
#include "daemon/cli/output.h"
#include "domain/text.h"

#include "flosync/v1/deviation_service.grpc.pb.h"

namespace flosync {
namespace {

// All refused records are fetched before there is an answer.
constexpr int32_t kRedriveTimeoutMs = 600'000;

struct DeviationsOptions {
  ClientOptions client;
  v1::ListDeviationsRequest list;
  v1::GetDeviationRequest get;
  v1::ResolveDeviationRequest resolve;
  v1::RedriveDeviationsRequest redrive;
  int64_t limit = 0;
};

const std::map<std::string, v1::DeviationStatus>& Statuses() {
  static const std::map<std::string, v1::DeviationStatus> kNames = {{"open", v1::DEVIATION_STATUS_OPEN},
                                                                    {"resolved", v1::DEVIATION_STATUS_RESOLVED},
                                                                    {"ignored", v1::DEVIATION_STATUS_IGNORED}};
  return kNames;
}

const std::map<std::string, v1::DeviationPriority>& Priorities() {
  static const std::map<std::string, v1::DeviationPriority> kNames = {{"low", v1::DEVIATION_PRIORITY_LOW},
                                                                      {"normal", v1::DEVIATION_PRIORITY_NORMAL},
                                                                      {"high", v1::DEVIATION_PRIORITY_HIGH}};
  return kNames;
}

const std::map<std::string, v1::DeviationOwner>& Owners() {
  static const std::map<std::string, v1::DeviationOwner> kNames = {
      {"helfo", v1::DEVIATION_OWNER_HELFO},
      {"helsedirektoratet", v1::DEVIATION_OWNER_HELSEDIREKTORATET},
      {"nhn", v1::DEVIATION_OWNER_NHN}};
  return kNames;
}

// The name of a value; a value that a newer daemon knows has none.
template <typename Value>
std::string NameOf(const std::map<std::string, Value>& names, int value) {
  for (const auto& [name, named] : names) {
    if (named == value) return name;
  }
  return "?";
}

std::string UtcText(bool there, const google::protobuf::Timestamp& time) {
  return there ? FormatUtc(ToInstant(time)) : std::string();
}

TextTable DeviationTable(const v1::ListDeviationsResponse& answer) {
  TextTable table({{"id", Align::kRight},
                   {"code"},
                   {"priority"},
                   {"owner"},
                   {"status"},
                   {"entity"},
                   {"first_seen"},
                   {"last_seen"},
                   {"count", Align::kRight},
                   {"detail"}});
  for (const auto& d : answer.deviations()) {
    const bool high = d.priority() == v1::DEVIATION_PRIORITY_HIGH;
    table.AddRow({{std::to_string(d.id())},
                  {d.code()},
                  {NameOf(Priorities(), d.priority()), high ? Colour::kBad : Colour::kNone},
                  {NameOf(Owners(), d.owner())},
                  {NameOf(Statuses(), d.status())},
                  {d.entity()},
                  {UtcText(d.has_first_seen(), d.first_seen())},
                  {UtcText(d.has_last_seen(), d.last_seen())},
                  {std::to_string(d.count())},
                  {d.detail()}});
  }
  return table;
}

std::string PositionText(const v1::RecordPosition& position) {
  return Join(OneLine(position.topic()), "/", position.partition(), "/", position.offset());
}

void PrintForPeople(const v1::Deviation& d, CommandContext& context) {
  const auto fact = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) PrintFact(context.out, name, OneLine(text), Colour::kNone, context.colours);
  };
  fact("id", std::to_string(d.id()));
  fact("code", d.code());
  fact("entity", d.entity());
  fact("status", NameOf(Statuses(), d.status()));
  fact("priority", NameOf(Priorities(), d.priority()));
  fact("owner", NameOf(Owners(), d.owner()));
  fact("what", d.detail());
  fact("what to do", d.remedy());
  fact("count", std::to_string(d.count()));
  fact("line", d.line());
  if (d.has_first()) fact("first record", PositionText(d.first()));
  if (d.has_last()) fact("last record", PositionText(d.last()));
  fact("first seen", UtcText(d.has_first_seen(), d.first_seen()));
  fact("last seen", UtcText(d.has_last_seen(), d.last_seen()));
  if (!d.has_decision()) return;
  fact("decision", Join(NameOf(Statuses(), d.decision().status()), " by ", d.decision().by(), " at ",
                        UtcText(true, d.decision().decided_at()), ": ", d.decision().reason()));
}

void PrintOne(const v1::Deviation& deviation, OutputFormat output, CommandContext& context) {
  if (output == OutputFormat::kTable) return PrintForPeople(deviation, context);
  if (output == OutputFormat::kJson) {
    context.out << JsonText(deviation, JsonStyle::kPretty) << '\n';
    return;
  }
  v1::ListDeviationsResponse one;
  *one.add_deviations() = deviation;
  DeviationTable(one).PrintCsv(context.out);
}

void RunList(const DeviationsOptions& options, CommandContext& context) {
  const auto stub = v1::DeviationService::NewStub(Connect(options.client));
  v1::ListDeviationsResponse answer;
  const grpc::Status called =
      CallPages(*stub, &v1::DeviationService::Stub::ListDeviations, options.list, answer, {.limit = options.limit},
                options.client, [](const v1::ListDeviationsResponse& page) { return page.deviations_size(); });
  if (!called.ok()) return FailCall(context, called, options.client);
  switch (options.client.output) {
    case OutputFormat::kTable:
      context.out << answer.deviations_size() << " deviations, revision " << answer.revision() << "; times in UTC.\n\n";
      DeviationTable(answer).Print(context.out, context.colours);
      break;
    case OutputFormat::kJson:
      context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
      break;
    case OutputFormat::kCsv:
      DeviationTable(answer).PrintCsv(context.out);
      break;
  }
  if (!answer.next_page_token().empty()) {
    Note(context, Join("these are the first ", answer.deviations_size(), "; there are more, see --limit"));
  }
}

void RunShow(const DeviationsOptions& options, CommandContext& context) {
  const auto stub = v1::DeviationService::NewStub(Connect(options.client));
  v1::GetDeviationResponse answer;
  const grpc::Status called =
      Call(*stub, &v1::DeviationService::Stub::GetDeviation, options.get, answer, options.client);
  if (!called.ok()) return FailCall(context, called, options.client);
  PrintOne(answer.deviation(), options.client.output, context);
}

void RunDecide(const DeviationsOptions& options, CommandContext& context) {
  const auto stub = v1::DeviationService::NewStub(Connect(options.client));
  v1::ResolveDeviationResponse answer;
  const grpc::Status called =
      Call(*stub, &v1::DeviationService::Stub::ResolveDeviation, options.resolve, answer, options.client);
  if (!called.ok()) return FailCall(context, called, options.client);
  PrintOne(answer.deviation(), options.client.output, context);
}

void PrintRedrive(const v1::RedriveDeviationsResponse& answer, OutputFormat output, CommandContext& context) {
  if (output == OutputFormat::kJson) {
    context.out << JsonText(answer, JsonStyle::kPretty) << '\n';
    return;
  }
  if (output == OutputFormat::kTable) {
    context.out << answer.read_again() << " records read again: " << answer.taken() << " taken, "
                << answer.still_refused() << " still refused; " << answer.gone() << " gone\n";
    return;
  }
  TextTable row({{"read_again", Align::kRight},
                 {"taken", Align::kRight},
                 {"still_refused", Align::kRight},
                 {"gone", Align::kRight},
                 {"revision", Align::kRight}});
  row.AddRow({{std::to_string(answer.read_again())},
              {std::to_string(answer.taken())},
              {std::to_string(answer.still_refused())},
              {std::to_string(answer.gone())},
              {std::to_string(answer.revision())}});
  row.PrintCsv(context.out);
}

void RunRedrive(const DeviationsOptions& options, CommandContext& context) {
  const auto stub = v1::DeviationService::NewStub(Connect(options.client));
  v1::RedriveDeviationsResponse answer;
  const grpc::Status called =
      Call(*stub, &v1::DeviationService::Stub::RedriveDeviations, options.redrive, answer, options.client);
  if (called.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return Fail(context, Join("no answer within ", options.client.timeout_ms,
                              " ms; the daemon goes on reading, and its log will say what came of it"));
  }
  if (!called.ok()) return FailCall(context, called, options.client);
  PrintRedrive(answer, options.client.output, context);
}

// An option that may be given several times or with commas, whose values have names.
template <typename Value, typename Add>
void AddNamed(CLI::App& command, const std::string& name, const std::map<std::string, Value>& names,
              const std::string& explanation, Add add) {
  command
      .add_option_function<std::vector<std::string>>(
          name,
          [&names, add](const std::vector<std::string>& given) {
            for (const std::string& one : given) add(names.at(one));
          },
          explanation)
      ->delimiter(',')
      ->check(CLI::IsMember(&names))
      ->group("Which deviations; all where nothing is said");
}

void AddList(CLI::App& parent, const std::shared_ptr<DeviationsOptions>& options, CommandContext& context) {
  auto* command = parent.add_subcommand("list", "Deviations by code and entity");
  command->footer(
      "Example: flosync deviations list --status open --priority high\n"
      "         flosync deviations list --code INVALID_PERIOD --entity contract: --output csv");
  AddClientOptions(*command, options->client);
  auto* request = &options->list;
  const std::string group = "Which deviations; all where nothing is said";
  command
      ->add_option_function<std::vector<std::string>>(
          "--code",
          [request](const std::vector<std::string>& codes) {
            for (const std::string& code : codes) request->add_codes(code);
          },
          "Only these codes, e.g. INVALID_PERIOD")
      ->delimiter(',')
      ->group(group);
  AddNamed(*command, "--status", Statuses(), "Only in these states",
           [request](v1::DeviationStatus status) { request->add_statuses(status); });
  AddNamed(*command, "--priority", Priorities(), "Only of these priorities, as of today",
           [request](v1::DeviationPriority priority) { request->add_priorities(priority); });
  AddNamed(*command, "--owner", Owners(), "Only what these have to mend",
           [request](v1::DeviationOwner owner) { request->add_owners(owner); });
  command
      ->add_option_function<std::string>(
          "--entity", [request](const std::string& prefix) { request->set_entity_prefix(prefix); },
          "Only entities that begin so: contract:900101, or person: for a kind")
      ->type_name("PREFIX")
      ->group(group);
  command->add_option("--limit", options->limit, "At most so many; 0 = all")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{0}, int64_t{1'000'000'000}));
  command->callback([options, &context] { RunList(*options, context); });
}

void AddShow(CLI::App& parent, const std::shared_ptr<DeviationsOptions>& options, CommandContext& context) {
  auto* command = parent.add_subcommand("show", "One deviation: what is wrong and what to do");
  command->footer("Example: flosync deviations show 17");
  AddClientOptions(*command, options->client);
  command
      ->add_option_function<int64_t>(
          "ID", [options](int64_t id) { options->get.set_id(id); }, "As `list` shows it")
      ->check(CheckId())
      ->required();
  command->callback([options, &context] { RunShow(*options, context); });
}

void AddDecide(CLI::App& parent, const std::string& name, v1::DeviationStatus status, const std::string& explanation,
               const std::shared_ptr<DeviationsOptions>& options, CommandContext& context) {
  auto* command = parent.add_subcommand(name, explanation);
  command->footer(Join("Example: flosync deviations ", name, " 17 --by kari.nordmann --reason \"known, ticket 4711\""));
  AddClientOptions(*command, options->client);
  command
      ->add_option_function<int64_t>(
          "ID", [options](int64_t id) { options->resolve.set_id(id); }, "As `list` shows it")
      ->check(CheckId())
      ->required();
  command
      ->add_option_function<std::string>(
          "--by", [options](const std::string& who) { options->resolve.set_by(who); }, "Who decides")
      ->check(CheckSomeText)
      ->required();
  command
      ->add_option_function<std::string>(
          "--reason", [options](const std::string& why) { options->resolve.set_reason(why); },
          "Why; no national identity numbers")
      ->check(CheckSomeText)
      ->required();
  command->callback([options, status, &context] {
    options->resolve.set_status(status);
    RunDecide(*options, context);
  });
}

void AddRedrive(CLI::App& parent, CommandContext& context) {
  auto* command = parent.add_subcommand("redrive", "Read refused records again, after the decoder was mended");
  command->footer(
      "Example: flosync deviations redrive --by kari.nordmann --reason \"decoder mended, ticket 4711\"\n"
      "What is taken takes effect at its old place and is known from now on. If the answer takes too long, the daemon "
      "goes on.");
  // Of its own: it has more time than the others.
  const auto options = std::make_shared<DeviationsOptions>();
  options->client.timeout_ms = kRedriveTimeoutMs;
  options->client.attempts = 1;  // a second one would meet the first
  AddClientOptions(*command, options->client);
  command
      ->add_option_function<std::string>(
          "--by", [options](const std::string& who) { options->redrive.set_by(who); }, "Who asks; the daemon logs it")
      ->check(CheckSomeText)
      ->required();
  command
      ->add_option_function<std::string>(
          "--reason", [options](const std::string& why) { options->redrive.set_reason(why); },
          "Why; no national identity numbers")
      ->check(CheckSomeText)
      ->required();
  command->callback([options, &context] { RunRedrive(*options, context); });
}

}  // namespace

void AddDeviationsCommand(CLI::App& app, CommandContext& context) {
  auto* command =
      app.add_subcommand("deviations", "Bad and doubtful records: list them, decide on them, read them again");
  command->group(std::string(kGroupRead));
  command->require_subcommand(1);
  command->footer("Example: flosync deviations list --status open");
  const auto options = std::make_shared<DeviationsOptions>();
  AddList(*command, options, context);
  AddShow(*command, options, context);
  AddDecide(*command, "resolve", v1::DEVIATION_STATUS_RESOLVED, "Count a deviation as mended until it occurs again",
            options, context);
  AddDecide(*command, "ignore", v1::DEVIATION_STATUS_IGNORED, "Set a deviation aside until it occurs again", options,
            context);
  AddRedrive(*command, context);
}

}  // namespace flosync
