// The content of one replay file as a stream of bytes, decompressed where its name ends in .gz or .zst.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace flosync {

// Owned and used by one thread.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Fills up to `size` bytes and says how many; 0 at the end. A plain file may have grown by the next call.
  [[nodiscard]] virtual absl::StatusOr<size_t> Read(char* out, size_t size) = 0;
};

[[nodiscard]] bool IsCompressedName(std::string_view name);

// Opens `path` behind its first `skip` bytes of (decompressed) content. FAILED_PRECONDITION if it holds fewer.
[[nodiscard]] absl::StatusOr<std::unique_ptr<ByteStream>> OpenByteStream(const std::string& path, uint64_t skip);

// The first bytes of the file as it lies on disk, at most `size` of them.
[[nodiscard]] absl::StatusOr<std::string> ReadHead(const std::string& path, size_t size);

}  // namespace flosync
