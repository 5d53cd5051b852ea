// How far one replay file has been read, as text for the store (SourceMarks "file/<name>").
//
// Form, one line: `consumed=<bytes> lines=<n> complete=<0|1> open_line=<0|1> size=<bytes> head=<bytes>:<SHA-256, hex>`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flosync {

struct FileMark {
  uint64_t consumed = 0;   // bytes of decompressed content whose lines have been delivered
  int64_t lines = 0;       // lines delivered or skipped, blank ones included
  bool complete = false;   // all there was had been read
  bool open_line = false;  // the last line delivered had no LF behind it
  uint64_t size = 0;       // of the file on disk when it was last opened
  // The first bytes of the file on disk, at most kHeadBytes: tells another file of the same name.
  uint64_t head_bytes = 0;
  std::string head_hash;
  bool operator==(const FileMark&) const = default;
};

inline constexpr uint64_t kHeadBytes = 4096;

[[nodiscard]] std::string FormatFileMark(const FileMark& mark);
// Nothing for text that FormatFileMark did not write.
[[nodiscard]] std::optional<FileMark> ParseFileMark(std::string_view text);

// SHA-256 in lower-case hex.
[[nodiscard]] std::string HashHead(std::string_view head);

}  // namespace flosync
