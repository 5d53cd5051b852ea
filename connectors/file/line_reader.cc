#include "connectors/file/line_reader.h"

#include <cstring>

namespace flosync {
namespace {

constexpr size_t kChunkBytes = size_t{256} * 1024;

}  // namespace

// Reads more; false at the end of the content.
absl::StatusOr<bool> LineReader::Fill() {
  if (end_ - begin_ > kMaxLineBytes) {
    skipped_ += end_ - begin_;
    begin_ = searched_ = end_ = 0;
  }
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    searched_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() < end_ + kChunkBytes + kPaddingBytes) buffer_.resize(2 * end_ + kChunkBytes + kPaddingBytes);
  const auto count = stream_->Read(buffer_.data() + end_, kChunkBytes);
  if (!count.ok()) return count.status();
  end_ += *count;
  return *count > 0;
}

// The line of `length` bytes at `begin_`.
LineReader::Line LineReader::Take(size_t length, bool terminated) {
  const std::string_view text(buffer_.data() + begin_, length);
  const bool too_long = skipped_ > 0 || length > kMaxLineBytes;
  const size_t taken = length + (terminated ? 1 : 0);
  consumed_ += skipped_ + taken;
  skipped_ = 0;
  begin_ += taken;
  searched_ = begin_;
  if (too_long) return {Kind::kTooLong, {}, terminated};
  return {Kind::kLine, text, terminated};
}

absl::StatusOr<LineReader::Line> LineReader::Next(bool take_unterminated) {
  while (true) {
    if (searched_ < end_) {
      const void* found = std::memchr(buffer_.data() + searched_, '\n', end_ - searched_);
      if (found != nullptr) {
        return Take(static_cast<size_t>(static_cast<const char*>(found) - buffer_.data()) - begin_, true);
      }
      searched_ = end_;
    }
    const auto more = Fill();
    if (!more.ok()) return more.status();
    if (*more) continue;
    if (pending() == 0 || !take_unterminated) return Line{};
    return Take(end_ - begin_, false);
  }
}

}  // namespace flosync
