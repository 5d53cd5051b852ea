#include "daemon/cli/doctor_lines.h"

#include "daemon/cli/doctor_list_command.h"
#include "daemon/cli/figure_lines.h"
#include "daemon/cli/output.h"
#include "domain/text.h"
#include "state/indicators/indicator_row.h"

namespace flosync {
namespace {

// "specialist, LPFL 900101"; what everybody has is not said.
std::string StatusText(const v1::DoctorStatus& status) {
  std::string text = status.specialist() ? "specialist" : "no specialist";
  const auto add = [&text](const std::string& more) { text += ", " + more; };
  if (!status.in_hpr()) add("not in HPR");
  if (status.in_hpr() && !status.authorised()) add("not authorised");
  if (!status.death_date().empty()) add("died " + status.death_date());
  if (status.surviving_hpr_number() != status.hpr_number()) add(Join("merged into ", status.surviving_hpr_number()));
  add(status.contracts().empty() ? "no contract" : ContractsText(status.contracts()));
  return text;
}

std::string_view TrueOrFalse(bool value) { return value ? "true" : "false"; }

// The columns of one side; all empty where there is none.
std::string SideCsv(const v1::DoctorStatus* status) {
  if (status == nullptr) return ",,,,,";
  std::string line =
      Join(status->surviving_hpr_number(), ",", TrueOrFalse(status->in_hpr()), ",", TrueOrFalse(status->specialist()),
           ",", TrueOrFalse(status->authorised()), ",", status->death_date(), ",");
  AppendCsvField(ContractsText(status->contracts()), line);
  return line;
}

}  // namespace

std::string DoctorLines::Text(const v1::DoctorUpdate& update, bool colours) {
  const int32_t number = update.has_new_status() ? update.new_status().hpr_number() : update.old_status().hpr_number();
  const std::string before = update.has_old_status() ? StatusText(update.old_status()) + " → " : "";
  const std::string after = update.has_new_status() ? StatusText(update.new_status()) : "no doctor period any more";
  const std::string cause = CauseText(update);
  return Join(number, "  ", OneLine(before), Paint(OneLine(after), Colour::kBold, colours), cause.empty() ? "" : "  ",
              Paint(OneLine(cause), Colour::kDim, colours && !cause.empty()));
}

std::string DoctorLines::Csv(const v1::DoctorUpdate& update) {
  const v1::DoctorStatus* before = update.has_old_status() ? &update.old_status() : nullptr;
  const v1::DoctorStatus* after = update.has_new_status() ? &update.new_status() : nullptr;
  const int32_t number = (after != nullptr ? *after : update.old_status()).hpr_number();
  std::string line = Join(number, ",", SideCsv(before), ",", SideCsv(after), ",");
  AppendCsvField(CauseText(update), line);
  return line;
}

}  // namespace flosync
