#include "daemon/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "domain/text.h"

namespace flosync {
namespace {

// Call it at once: it tells of the last system call that failed.
absl::Status CannotWrite(const std::string& path) {
  const int error = errno == 0 ? EIO : errno;
  return absl::UnavailableError(Join("cannot write ", path, " (", std::generic_category().message(error),
                                     "); check the disk, or give another place"));
}

bool Write(const std::string& path, std::string_view bytes) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  file.close();
  return static_cast<bool>(file);
}

}  // namespace

absl::Status WriteOutputFile(const std::string& path, std::string_view bytes) {
  std::error_code ignored;
  const std::string canonical = std::filesystem::weakly_canonical(path, ignored).string();
  const std::string& target = canonical.empty() ? path : canonical;
  if (std::filesystem::exists(target, ignored) && !std::filesystem::is_regular_file(target, ignored)) {
    return Write(target, bytes) ? absl::OkStatus() : CannotWrite(path);
  }
  const std::string partial = Join(target, ".", getpid(), ".partial");
  if (Write(partial, bytes) && std::rename(partial.c_str(), target.c_str()) == 0) return absl::OkStatus();
  absl::Status failed = CannotWrite(path);
  std::remove(partial.c_str());
  return failed;
}

absl::Status SyncPath(const std::string& path) {
  errno = 0;
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return CannotWrite(path);
  const absl::Status synced = fsync(file) == 0 ? absl::OkStatus() : CannotWrite(path);
  close(file);
  return synced;
}

}  // namespace flosync
