// Where the sources of the project are, for tests that read samples, protos or scripts. Only one file is compiled with
// that place, so that clones in different places share the compiler's cache.
#pragma once

#include <string>

namespace flosync {

// Absolute, without a slash at the end.
[[nodiscard]] std::string SourceDirectory();

}  // namespace flosync
