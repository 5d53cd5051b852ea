#include "daemon/security/access_log_check.h"

#include <jansson.h>

#include <memory>

#include "domain/text.h"
#include "state/store/sha256.h"

namespace flosync {
namespace {

constexpr std::string_view kHashField = ",\"hash\":\"";
constexpr size_t kHashLength = 64;

std::string HashOf(std::string_view previous, std::string_view line_without_hash) {
  Sha256 sha;
  sha.Add(previous);
  sha.Add(line_without_hash);
  return sha.Hex();
}

std::string TextOf(const json_t* object, const char* name) {
  const json_t* value = json_object_get(object, name);
  return json_is_string(value) ? std::string(json_string_value(value), json_string_length(value)) : std::string();
}

}  // namespace

std::string LinkAccessLine(const std::string& fields, AccessLogEnd& end) {
  std::string line = Join("{\"n\":", end.entries + 1, ",", fields, ",\"previous\":\"", end.hash, "\"}");
  const std::string hash = HashOf(end.hash, line);
  line.pop_back();
  line += Join(kHashField, hash, "\"}");
  ++end.entries;
  end.hash = hash;
  return line;
}

std::optional<AccessLineLink> ReadAccessLine(std::string_view line) {
  const size_t tail = kHashField.size() + kHashLength + 2;
  if (line.size() <= tail || line.size() > kMostAccessLineBytes) return std::nullopt;
  const std::string_view end = line.substr(line.size() - tail);
  if (!end.starts_with(kHashField) || !end.ends_with("\"}")) return std::nullopt;
  const std::unique_ptr<json_t, decltype(&json_decref)> root(
      json_loadb(line.data(), line.size(), JSON_REJECT_DUPLICATES, nullptr), json_decref);
  const json_t* number = root ? json_object_get(root.get(), "n") : nullptr;
  if (!json_is_integer(number)) return std::nullopt;
  AccessLineLink link{json_integer_value(number), TextOf(root.get(), "previous"), TextOf(root.get(), "hash")};
  const std::string without_hash = Join(line.substr(0, line.size() - tail), "}");
  if (link.hash != HashOf(link.previous, without_hash)) return std::nullopt;
  return link;
}

bool FollowsInAccessLog(std::string_view line, AccessLogEnd& end) {
  const auto link = ReadAccessLine(line);
  if (!link || link->previous != end.hash || link->number != end.entries + 1) return false;
  end = {link->number, link->hash};
  return true;
}

AccessLogReport VerifyAccessLog(std::istream& file, std::string_view wanted_hash) {
  AccessLogReport report;
  std::string line;
  // Lines are short: one beyond the bound is no line of ours, but it has to be read to be skipped.
  for (int64_t number = 1; std::getline(file, line); ++number) {
    if (file.eof()) {
      report.torn = true;
      break;
    }
    if (!FollowsInAccessLog(line, report.end)) {
      report.first_bad_line = number;
      break;
    }
    if (report.end.hash == wanted_hash) report.contains_wanted = true;
  }
  return report;
}

}  // namespace flosync
