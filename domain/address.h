// Addresses as text. Pure; any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "domain/text.h"

namespace flosync {

// HOST:PORT with a port up to 65535; a host with colons in brackets.
[[nodiscard]] inline bool IsHostAndPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view host = text.substr(0, colon);
  if (host.find_first_of(" \t/,") != std::string_view::npos) return false;
  // An address of colons needs brackets, or its last part would be taken for the port.
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (host.find(':') != std::string_view::npos && !bracketed) return false;
  return ParseNumber<uint16_t>(text.substr(colon + 1)).has_value();
}

// Whether the host of HOST:PORT is this machine: localhost, 127.…, [::1].
[[nodiscard]] inline bool IsLoopbackHost(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  const auto parts = Split(host, '.');
  return parts.size() == 4 && parts[0] == "127" &&
         std::ranges::all_of(parts, [](std::string_view part) { return ParseNumber<uint8_t>(part).has_value(); });
}

}  // namespace flosync
