// Writing a file as a whole, the one way in which everything that is exported is written.
#pragma once

#include <string>
#include <string_view>

#include <absl/status/status.h>

namespace flosync {

// All or nothing: the bytes go to a file beside it, which then takes its name, so that a reader never sees a part. A
// link is followed; a pipe, terminal or device is written as it is, and nothing put in its place. UNAVAILABLE with the
// path and what is wrong; what was there then stays.
[[nodiscard]] absl::Status WriteOutputFile(const std::string& path, std::string_view bytes);

// Waits until a file, or the names in a directory, are on disk.
[[nodiscard]] absl::Status SyncPath(const std::string& path);

}  // namespace flosync
