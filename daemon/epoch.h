// The name of a new store, which tells resume tokens of one store from those of another.
#pragma once

#include <string>

namespace flosync {

// 32 hex digits from the system's random source.
[[nodiscard]] std::string NewEpoch();

}  // namespace flosync
