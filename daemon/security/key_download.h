// Fetching a key set, by libcurl: bounded in bytes and time, no redirects, certificates verified. Any thread.
#pragma once

#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace flosync {

// Whether keys may be fetched from there: https, or http on this machine.
[[nodiscard]] bool IsKeyUrl(std::string_view text);

// UNAVAILABLE says what to check.
[[nodiscard]] absl::StatusOr<std::string> DownloadKeys(const std::string& url);

}  // namespace flosync
