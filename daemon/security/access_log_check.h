// The hash chain of the access log: one line's link, and the whole file verified.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/security/access_log.h"

namespace flosync {

inline constexpr size_t kMostAccessLineBytes = size_t{1} << 20;

// The entry's fields (`"n":1,"at":…`) as the line that follows `end`, without a line feed; `end` moves on to it.
[[nodiscard]] std::string LinkAccessLine(const std::string& fields, AccessLogEnd& end);

// Whether `line` follows `end`; if so, `end` moves on to it.
[[nodiscard]] bool FollowsInAccessLog(std::string_view line, AccessLogEnd& end);

// The number and hashes that a line gives of itself, whatever stands before it; nothing if its own hash is wrong.
struct AccessLineLink {
  int64_t number = 0;
  std::string previous;
  std::string hash;
};
[[nodiscard]] std::optional<AccessLineLink> ReadAccessLine(std::string_view line);

struct AccessLogReport {
  AccessLogEnd end;              // the last good entry
  int64_t first_bad_line = 0;    // from 1; 0 = none
  bool torn = false;             // the last line has no end
  bool contains_wanted = false;  // an entry has the hash asked for
};
[[nodiscard]] AccessLogReport VerifyAccessLog(std::istream& file, std::string_view wanted_hash);

}  // namespace flosync
