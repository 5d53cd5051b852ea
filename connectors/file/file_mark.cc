#include "connectors/file/file_mark.h"

#include <array>
#include <charconv>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <openssl/sha.h>

namespace flosync {
namespace {

// Reads `<prefix><number>` off the front of `text`.
template <typename Number>
bool Take(std::string_view& text, std::string_view prefix, Number& number) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc()) return false;
  text.remove_prefix(static_cast<size_t>(result.ptr - text.data()));
  return true;
}

}  // namespace

std::string FormatFileMark(const FileMark& mark) {
  return absl::StrCat("consumed=", mark.consumed, " lines=", mark.lines, " complete=", mark.complete ? 1 : 0,
                      " open_line=", mark.open_line ? 1 : 0, " size=", mark.size, " head=", mark.head_bytes, ":",
                      mark.head_hash);
}

std::optional<FileMark> ParseFileMark(std::string_view text) {
  FileMark mark;
  int complete = 0;
  int open_line = 0;
  const bool read = Take(text, "consumed=", mark.consumed) && Take(text, " lines=", mark.lines) &&
                    Take(text, " complete=", complete) && Take(text, " open_line=", open_line) &&
                    Take(text, " size=", mark.size) && Take(text, " head=", mark.head_bytes);
  if (!read || !text.starts_with(':')) return std::nullopt;
  mark.complete = complete != 0;
  mark.open_line = open_line != 0;
  mark.head_hash = text.substr(1);
  return mark;
}

std::string HashHead(std::string_view head) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(head.data()), head.size(), digest.data());
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace flosync
