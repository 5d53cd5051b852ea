// How much of a directory of replay files has been read, for people who wait.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "connectors/record.h"

namespace flosync {

class ReadShare {
 public:
  // Looks at the files once; `path` as in FileSourceOptions.
  explicit ReadShare(const std::string& path);

  // The share of their bytes that these marks stand for, 0..1; a compressed file counts when it has been read whole.
  [[nodiscard]] double Of(const SourceMarks& marks) const;

 private:
  std::map<std::string, uint64_t> sizes_;  // on disk, by the name of the file's mark
  uint64_t total_ = 0;
};

}  // namespace flosync
