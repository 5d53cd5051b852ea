// Cuts a stream of bytes into lines, in bounded memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "connectors/file/byte_stream.h"

namespace flosync {

// A longer line is skipped to its end.
inline constexpr size_t kMaxLineBytes = size_t{32} * 1024 * 1024;

// Owned and used by one thread.
class LineReader {
 public:
  enum class Kind : uint8_t { kLine, kTooLong, kEnd };
  struct Line {
    Kind kind = Kind::kEnd;
    // Without its LF; may be read kPaddingBytes beyond its end. Lives until the next call.
    std::string_view text;
    bool terminated = true;
  };
  static constexpr size_t kPaddingBytes = 64;

  // `consumed` bytes of the content are behind `stream` already.
  LineReader(std::unique_ptr<ByteStream> stream, uint64_t consumed) : stream_(std::move(stream)), consumed_(consumed) {}

  // kEnd at the end of the content, also if bytes without LF are left there, unless `take_unterminated`: then these are
  // a line. May be called again after kEnd, and goes on if a plain file has grown.
  [[nodiscard]] absl::StatusOr<Line> Next(bool take_unterminated);

  // Bytes of content up to the end of the last line returned.
  [[nodiscard]] uint64_t consumed() const { return consumed_; }
  // Bytes read behind that, of a line whose end has not come yet (meaningful after kEnd).
  [[nodiscard]] uint64_t pending() const { return skipped_ + (end_ - begin_); }

 private:
  [[nodiscard]] absl::StatusOr<bool> Fill();
  Line Take(size_t length, bool terminated);

  std::unique_ptr<ByteStream> stream_;
  std::vector<char> buffer_;
  size_t begin_ = 0;      // of the line not yet returned
  size_t searched_ = 0;   // no LF in [begin_, searched_)
  size_t end_ = 0;        // of the bytes read
  uint64_t skipped_ = 0;  // bytes of a too long line that are gone already
  uint64_t consumed_ = 0;
};

}  // namespace flosync
