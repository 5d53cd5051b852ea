// The target of a request, taken apart. Pure; any thread.
//
//   ParseTarget("/api/v1/doctors/999000011?as_of=2024-01-01")
//     // segments api, v1, doctors, 999000011; parameters (as_of, 2024-01-01)
//
// Nothing is put right: there are no files behind a path, so "..", "." and empty segments are segments like others,
// which no address has.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/message.h"

namespace flosync {

struct Target {
  std::vector<std::string> segments;  // decoded; of "/" none
  HttpFields parameters;              // decoded, in order; "+" is a plus
  bool operator==(const Target&) const = default;
};

// Nothing for what is no absolute path: a host in front, a fragment, a broken escape, an escaped slash in a segment,
// control characters, what is no UTF-8.
[[nodiscard]] std::optional<Target> ParseTarget(std::string_view text);

// `text` with everything escaped but letters, digits and "-._~".
[[nodiscard]] std::string EscapeForTarget(std::string_view text);

}  // namespace flosync
