// Fetches lines of replay files that were read before, by file and number.
//
//   FileRecordFinder finder("replay/");
//   finder.Find({{"hpr.person", 0, 17, "a.ndjson:18"}}, stop, [](size_t place, const RawRecord& record) { … });
//
// Operation: reads each file that a place names once, from its beginning up to the last line wanted of it. A line
// without offset has the one it was counted with. Gone is a line whose file is away or ends before it, or that holds no
// record of the topic, partition and offset of its place. Thread-safe, as it keeps nothing.
#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

#include "connectors/record.h"

namespace flosync {

class FileRecordFinder final : public RecordFinder {
 public:
  // `path` as in FileSourceOptions.
  explicit FileRecordFinder(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] absl::Status Find(const std::vector<RecordPlace>& places, const std::atomic<bool>& stop,
                                  const Take& take) override;

 private:
  // Where the file of this name lies; nothing if it is away.
  [[nodiscard]] std::optional<std::string> PathOf(const std::string& name) const;

  const std::string path_;
};

}  // namespace flosync
