#include "connectors/file/read_share.h"

#include <algorithm>
#include <filesystem>

#include "connectors/file/file_mark.h"

namespace flosync {

ReadShare::ReadShare(const std::string& path) {
  const auto add = [this](const std::filesystem::path& file) {
    std::error_code error;
    const uint64_t size = std::filesystem::file_size(file, error);
    if (error) return;
    sizes_["file/" + file.filename().string()] = size;
    total_ += size;
  };
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    add(path);
    return;
  }
  for (std::filesystem::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
    if (at->is_regular_file(error)) add(at->path());
  }
}

double ReadShare::Of(const SourceMarks& marks) const {
  uint64_t read = 0;
  for (const auto& [name, size] : sizes_) {
    const auto mark = marks.find(name);
    const auto parsed = mark == marks.end() ? std::nullopt : ParseFileMark(mark->second);
    if (!parsed) continue;
    const bool plain = name.ends_with(".ndjson");
    if (parsed->complete) {
      read += size;
    } else if (plain) {
      read += std::min(parsed->consumed, size);
    }
  }
  return total_ == 0 ? 1 : static_cast<double>(read) / static_cast<double>(total_);
}

}  // namespace flosync
