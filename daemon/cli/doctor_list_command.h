// flosync doctor list, and what it shares with flosync doctor.
#pragma once

#include <string_view>

#include <CLI/CLI.hpp>

#include "daemon/cli/command.h"

#include "flosync/v1/doctor_service.pb.h"

namespace flosync {

// "yes", or "no: suspended" and so on.
[[nodiscard]] std::string_view ReasonText(v1::SpecialistReason reason);
void AddDoctorList(CLI::App& doctor, CommandContext& context);

}  // namespace flosync
