// Records from replay files: NDJSON, plain, gzip or zstd (F13).
//
//   FileSource source({.path = "replay/", .follow = false});
//   auto status = source.Open({});            // or the marks of the last commit
//   auto polled = source.Poll(1000, 100ms);   // up to 1000 records of replay/a.ndjson, then replay/b.ndjson.gz, …
//   polled->marks["file/a.ndjson"];           // where to go on; commit it with the records' effects
//
// Operation. A directory is read without sub-directories, files named *.ndjson, *.ndjson.gz, *.ndjson.zst in the order
// of the bytes of their names; a path that is a file is read alone, whatever its name. Records without offset are
// counted per topic and partition, across files and restarts: the counters are marks too
// ("file-offset/<topic>/<partition>"). A finished compressed file is not opened again; one read in part is decompressed
// up to its mark.
//
// Following. With `follow` the source waits at the end: it takes up lines appended to plain files as soon as their LF
// is there, and files that are added, also where their name sorts before one already read. A compressed file is taken
// up once it has not changed for `rescan_interval_ms`; move it into place whole. Without `follow` a last line without
// LF counts.
//
// Where the process has no file descriptors or memory left for now, Poll tries again, and Health says so. Other errors
// are final and say what to do: a file that became shorter, whose beginning changed, that is gone before it was
// read to its end, or that cannot be decompressed. A file read to its end may be removed.
//
// Limitations. One line is held in memory at a time, up to kMaxLineBytes; a longer one is unreadable. RawRecord::line
// is
// `<file name>:<line number>`, counted from 1 with blank lines. Lines appended with `follow` are read in the order of
// the files' names, not of the times they were written.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "connectors/file/file_mark.h"
#include "connectors/file/line_reader.h"
#include "connectors/file/record_line.h"
#include "connectors/record.h"

namespace flosync {

struct FileSourceOptions {
  std::string path;  // a directory or one file
  bool follow = false;
  std::chrono::milliseconds rescan_interval_ms{500};
};

// Poll returns after this many bytes of lines, however many records were asked for.
inline constexpr uint64_t kMaxPollBytes = uint64_t{16} * 1024 * 1024;

class FileSource : public RecordSource {
 public:
  explicit FileSource(FileSourceOptions options);

  [[nodiscard]] absl::Status Open(const SourceMarks& marks) override;
  [[nodiscard]] absl::StatusOr<PolledRecords> Poll(int max_records, std::chrono::milliseconds max_wait) override;
  void Committed(const SourceMarks& marks) override;
  [[nodiscard]] SourceHealth Health() const override;

 private:
  using Partition = std::pair<std::string, int32_t>;  // topic, partition
  using Clock = std::chrono::steady_clock;

  // One file: how far it has been read and how it was last seen.
  struct File {
    FileMark mark;
    std::string path;
    bool present = false;
    bool settled = false;       // compressed: unchanged for a rescan interval
    uint64_t size = 0;          // on disk
    int64_t modified_ns = 0;    // since the epoch
    uint64_t exhausted_at = 0;  // size at which the end was reached
  };

  [[nodiscard]] absl::Status ReadMarks(const SourceMarks& marks);
  [[nodiscard]] absl::Status Scan();
  [[nodiscard]] absl::Status ScanDirectory();
  [[nodiscard]] absl::Status ScanFile(const std::string& name, const std::string& path);
  [[nodiscard]] absl::Status CheckFiles() const;
  [[nodiscard]] absl::Status CheckHead(const File& file, std::string_view head) const;
  [[nodiscard]] bool HasMore(const std::string& name, const File& file) const;

  [[nodiscard]] absl::StatusOr<bool> OpenNextFile();
  [[nodiscard]] absl::Status OpenFile(const std::string& name, File& file);
  [[nodiscard]] absl::Status ContinueOpenLine(File& file);
  void CloseFile();
  [[nodiscard]] absl::Status ReadRecords(size_t max_records, PolledRecords& out);
  void TakeLine(const LineReader::Line& line, PolledRecords& out);
  void Deliver(RecordLine parsed, PolledRecords& out);
  void Report(bool at_end, PolledRecords& out);
  void ShowHealth(const absl::Status& status);

  const FileSourceOptions options_;
  bool single_file_ = false;
  std::map<std::string, File> files_;          // by name, in reading order
  std::map<Partition, int64_t> last_offsets_;  // of every partition ever read
  std::set<std::string> changed_files_;        // since the last poll
  std::set<Partition> changed_partitions_;
  std::unique_ptr<LineReader> reader_;  // of `current_`
  std::map<std::string, File>::iterator current_;
  RecordLineParser parser_;
  Clock::time_point scanned_;
  bool end_reported_ = false;
  mutable std::mutex health_mutex_;
  SourceHealth health_;
};

}  // namespace flosync
