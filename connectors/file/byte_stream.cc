#include "connectors/file/byte_stream.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "absl/status/status.h"
#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

namespace flosync {
namespace {

constexpr size_t kBlockBytes = size_t{256} * 1024;

absl::Status SystemError(const std::string& path, const std::string& what) {
  return absl::ErrnoToStatus(errno, "cannot " + what + " " + path);
}

class PlainStream : public ByteStream {
 public:
  PlainStream(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  PlainStream(const PlainStream&) = delete;
  PlainStream& operator=(const PlainStream&) = delete;
  ~PlainStream() override { close(fd_); }

  absl::StatusOr<size_t> Read(char* out, size_t size) override {
    ssize_t count = -1;
    do {
      count = read(fd_, out, size);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return SystemError(path_, "read");
    return static_cast<size_t>(count);
  }

  absl::Status Skip(uint64_t bytes) {
    if (lseek(fd_, static_cast<off_t>(bytes), SEEK_SET) < 0) return SystemError(path_, "seek in");
    return absl::OkStatus();
  }

 private:
  const std::string path_;
  const int fd_;
};

absl::Status Damaged(const std::string& path, const char* detail) {
  return absl::DataLossError("cannot decompress " + path + ": " + (detail == nullptr ? "damaged" : detail) +
                             "; copy the whole file again and restart");
}

absl::Status NotCompressed(const std::string& path) {
  return absl::FailedPreconditionError(path + " is not compressed as its name says; rename it to end in .ndjson");
}

// Reads on until `bytes` of content are behind.
absl::Status SkipContent(ByteStream& stream, const std::string& path, uint64_t bytes) {
  std::vector<char> block(kBlockBytes);
  while (bytes > 0) {
    auto count = stream.Read(block.data(), std::min<uint64_t>(bytes, block.size()));
    if (!count.ok()) return count.status();
    if (*count == 0) {
      return absl::FailedPreconditionError(path + " holds less than was already read from it; put the file back as " +
                                           "it was, or give the new content another name");
    }
    bytes -= *count;
  }
  return absl::OkStatus();
}

// gzip, also of several members, through zlib, which checks sum and length (libarchive does not).
class GzipStream : public ByteStream {
 public:
  explicit GzipStream(std::string path) : path_(std::move(path)), file_(gzopen(path_.c_str(), "rbe")) {}
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  ~GzipStream() override {
    if (file_ != nullptr) gzclose(file_);
  }

  absl::Status Open() {
    if (file_ == nullptr) return SystemError(path_, "open");
    gzbuffer(file_, kBlockBytes);
    // What zlib hands through as it is, is not gzip; an empty file is.
    const int first = gzgetc(file_);
    if (first < 0) return End();
    if (gzdirect(file_) != 0) return NotCompressed(path_);
    gzungetc(first, file_);
    return absl::OkStatus();
  }

  absl::StatusOr<size_t> Read(char* out, size_t size) override {
    const int count = gzread(file_, out, static_cast<unsigned>(size));
    if (count > 0) return static_cast<size_t>(count);
    if (auto status = End(); !status.ok()) return status;
    return 0;
  }

 private:
  // At the end of what can be read: ok if it is the end of the file's content too.
  absl::Status End() {
    int code = Z_OK;
    const char* detail = gzerror(file_, &code);
    if (code == Z_OK || code == Z_STREAM_END) return absl::OkStatus();
    return Damaged(path_, detail);
  }

  const std::string path_;
  const gzFile file_;
};

// zstd, also of several frames, through libarchive.
class ZstdStream : public ByteStream {
 public:
  explicit ZstdStream(std::string path) : path_(std::move(path)), archive_(archive_read_new()) {}
  ZstdStream(const ZstdStream&) = delete;
  ZstdStream& operator=(const ZstdStream&) = delete;
  ~ZstdStream() override { archive_read_free(archive_); }

  absl::Status Open() {
    archive_read_support_filter_zstd(archive_);
    archive_read_support_format_raw(archive_);
    archive_read_support_format_empty(archive_);
    if (archive_read_open_filename(archive_, path_.c_str(), kBlockBytes) != ARCHIVE_OK) {
      const int error = archive_errno(archive_);
      if (error == EMFILE || error == ENFILE) return absl::ErrnoToStatus(error, "cannot open " + path_);
      return Broken();
    }
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(archive_, &entry);
    if (result != ARCHIVE_OK && result != ARCHIVE_EOF) return Broken();
    empty_ = result == ARCHIVE_EOF;
    // The last filter is always "none"; a file that is not compressed has no other.
    return archive_filter_count(archive_) > 1 || empty_ ? absl::OkStatus() : NotCompressed(path_);
  }

  absl::StatusOr<size_t> Read(char* out, size_t size) override {
    if (empty_) return 0;
    const la_ssize_t count = archive_read_data(archive_, out, size);
    if (count < 0) return Broken();
    return static_cast<size_t>(count);
  }

 private:
  absl::Status Broken() const { return Damaged(path_, archive_error_string(archive_)); }

  const std::string path_;
  archive* const archive_;
  bool empty_ = false;
};

// A compressed file behind its first `skip` bytes of content.
template <typename Stream>
absl::StatusOr<std::unique_ptr<ByteStream>> OpenCompressed(const std::string& path, uint64_t skip) {
  auto stream = std::make_unique<Stream>(path);
  if (auto status = stream->Open(); !status.ok()) return status;
  if (auto status = SkipContent(*stream, path, skip); !status.ok()) return status;
  return stream;
}

absl::StatusOr<std::unique_ptr<PlainStream>> OpenPlain(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemError(path, "open");
  return std::make_unique<PlainStream>(path, fd);
}

}  // namespace

bool IsCompressedName(std::string_view name) { return name.ends_with(".gz") || name.ends_with(".zst"); }

absl::StatusOr<std::unique_ptr<ByteStream>> OpenByteStream(const std::string& path, uint64_t skip) {
  if (path.ends_with(".gz")) return OpenCompressed<GzipStream>(path, skip);
  if (path.ends_with(".zst")) return OpenCompressed<ZstdStream>(path, skip);
  auto stream = OpenPlain(path);
  if (!stream.ok()) return stream.status();
  if (auto status = (*stream)->Skip(skip); !status.ok()) return status;
  return *std::move(stream);
}

absl::StatusOr<std::string> ReadHead(const std::string& path, size_t size) {
  auto stream = OpenPlain(path);
  if (!stream.ok()) return stream.status();
  std::string head(size, '\0');
  size_t filled = 0;
  while (filled < size) {
    const auto count = (*stream)->Read(head.data() + filled, size - filled);
    if (!count.ok()) return count.status();
    if (*count == 0) break;
    filled += *count;
  }
  head.resize(filled);
  return head;
}

}  // namespace flosync
