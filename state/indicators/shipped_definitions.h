// The definitions that are part of the program: the files of definitions/, by name.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace flosync {

[[nodiscard]] std::vector<std::pair<std::string, std::string>> ShippedDefinitions();

}  // namespace flosync
