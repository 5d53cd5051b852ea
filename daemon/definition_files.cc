#include "daemon/definition_files.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "domain/text.h"

namespace flosync {
namespace {

constexpr uintmax_t kMaxFileBytes = 1U << 20U;
constexpr size_t kMaxFiles = 100;

}  // namespace

absl::StatusOr<Definitions> LoadDefinitions(const std::string& directory) {
  std::error_code error;
  std::map<std::string, std::string> texts;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() != ".toml" || !it->is_regular_file(error)) continue;
    if (it->file_size(error) > kMaxFileBytes) {
      return absl::InvalidArgumentError(Join(it->path().string(), ": larger than 1 MiB; that is no definition"));
    }
    std::ifstream file(it->path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return absl::InvalidArgumentError(Join(it->path().string(), ": cannot be read; check its permissions"));
    texts[it->path().string()] = text.str();
  }
  if (error) {
    return absl::InvalidArgumentError(Join(directory, ": cannot be read (", error.message(), "); give a directory"));
  }
  if (texts.size() > kMaxFiles) {
    return absl::InvalidArgumentError(Join(directory, ": has ", texts.size(), " .toml files; at most ", kMaxFiles));
  }
  return Definitions::Parse({texts.begin(), texts.end()}, &Definitions::Shipped());
}

}  // namespace flosync
