// flosync doctor list, and what it shares with flosync doctor and flosync watch doctors.
#pragma once

#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "daemon/cli/command.h"

#include "flosync/v1/doctor_service.pb.h"

namespace flosync {

// "LPFL 900101, LPVI 900102".
template <typename Contracts>
[[nodiscard]] std::string ContractsText(const Contracts& contracts) {
  std::string text;
  for (const auto& contract : contracts) {
    text += (text.empty() ? "" : ", ") + contract.relationship() + " " + std::to_string(contract.contract_id());
  }
  return text;
}
// "yes", or "no: suspended" and so on.
[[nodiscard]] std::string_view ReasonText(v1::SpecialistReason reason);
void AddDoctorList(CLI::App& doctor, CommandContext& context);

}  // namespace flosync
