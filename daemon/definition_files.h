// Definitions beside the shipped ones, from files.
#pragma once

#include <string>

#include <absl/status/statusor.h>

#include "state/indicators/definition.h"

namespace flosync {

// The shipped definitions and those of the .toml files in `directory`, by name; sub-directories are not looked at.
// Errors name file and key and say what to do.
[[nodiscard]] absl::StatusOr<Definitions> LoadDefinitions(const std::string& directory);

}  // namespace flosync
