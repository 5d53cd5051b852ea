#include "connectors/file/file_source.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "connectors/decode/ascii.h"

namespace flosync {
namespace {

constexpr std::string_view kFileMarkPrefix = "file/";
constexpr std::string_view kOffsetMarkPrefix = "file-offset/";
constexpr std::chrono::milliseconds kPauseWithoutResources(100);
constexpr const char* kRestoreFile = "put the file back as it was, or give the new content another name";

bool IsReplayName(std::string_view name) {
  return name.ends_with(".ndjson") || name.ends_with(".ndjson.gz") || name.ends_with(".ndjson.zst");
}

std::string OffsetMarkName(const std::string& topic, int32_t partition) {
  return absl::StrCat(std::string(kOffsetMarkPrefix), topic, "/", partition);
}

// Topic and partition of "file-offset/<topic>/<partition>".
std::optional<std::pair<std::string, int32_t>> ParseOffsetMarkName(const std::string& name) {
  const size_t slash = name.rfind('/');
  int32_t partition = 0;
  if (slash < kOffsetMarkPrefix.size() || !absl::SimpleAtoi(name.substr(slash + 1), &partition)) return std::nullopt;
  return std::pair(name.substr(kOffsetMarkPrefix.size(), slash - kOffsetMarkPrefix.size()), partition);
}

int64_t NowNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

absl::Status BadMark(const std::string& name) {
  return absl::DataLossError("the stored mark " + name + " cannot be read; restore the state from a backup");
}

}  // namespace

FileSource::FileSource(FileSourceOptions options) : options_(std::move(options)), current_(files_.end()) {}

absl::Status FileSource::Open(const SourceMarks& marks) {
  struct stat info {};
  if (stat(options_.path.c_str(), &info) != 0) {
    return absl::ErrnoToStatus(errno, "cannot open the input " + options_.path);
  }
  single_file_ = !S_ISDIR(info.st_mode);
  if (single_file_ && !S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError("the input " + options_.path + " is neither a directory nor a file; give one");
  }
  if (auto status = ReadMarks(marks); !status.ok()) return status;
  if (auto status = Scan(); !status.ok()) return status;
  // Plain files that were read before must still begin as they did, also those with nothing new in them.
  for (const auto& [name, file] : files_) {
    if (!file.present || file.mark.head_bytes == 0 || (file.mark.complete && IsCompressedName(name))) continue;
    const auto head = ReadHead(file.path, kHeadBytes);
    if (!head.ok()) return head.status();
    if (auto status = CheckHead(file, *head); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status FileSource::ReadMarks(const SourceMarks& marks) {
  for (const auto& [name, text] : marks) {
    if (name.starts_with(kFileMarkPrefix)) {
      const auto mark = ParseFileMark(text);
      if (!mark) return BadMark(name);
      files_[name.substr(kFileMarkPrefix.size())].mark = *mark;
    } else if (name.starts_with(kOffsetMarkPrefix)) {
      const auto partition = ParseOffsetMarkName(name);
      int64_t last = 0;
      if (!partition || !absl::SimpleAtoi(text, &last)) return BadMark(name);
      last_offsets_[*partition] = last;
    }
  }
  return absl::OkStatus();
}

// Looks at what lies on disk. Files of a mark that is not about this input stay unread.
absl::Status FileSource::Scan() {
  scanned_ = Clock::now();
  for (auto& [name, file] : files_) file.present = false;
  auto status = single_file_ ? ScanFile(std::filesystem::path(options_.path).filename().string(), options_.path)
                             : ScanDirectory();
  if (!status.ok()) return status;
  return CheckFiles();
}

absl::Status FileSource::ScanDirectory() {
  std::error_code error;
  for (std::filesystem::directory_iterator at(options_.path, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!IsReplayName(name)) continue;
    if (auto status = ScanFile(name, at->path().string()); !status.ok()) return status;
  }
  if (!error) return absl::OkStatus();
  if (error.value() == EMFILE || error.value() == ENFILE) {
    return absl::ErrnoToStatus(error.value(), "cannot list " + options_.path);
  }
  return absl::UnavailableError("cannot list " + options_.path + ": " + error.message());
}

absl::Status FileSource::ScanFile(const std::string& name, const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return absl::OkStatus();  // removed since it was listed
    return absl::ErrnoToStatus(errno, "cannot look at " + path);
  }
  if (!S_ISREG(info.st_mode)) return absl::OkStatus();
  const auto size = static_cast<uint64_t>(info.st_size);
  const int64_t modified_ns = info.st_mtim.tv_sec * int64_t{1000000000} + info.st_mtim.tv_nsec;
  File& file = files_[name];
  const int64_t age_ns = NowNanos() - modified_ns;
  const bool same = file.size == size && file.modified_ns == modified_ns;
  file.settled = same || age_ns >= std::chrono::nanoseconds(options_.rescan_interval_ms).count();
  file.path = path;
  file.present = true;
  file.size = size;
  file.modified_ns = modified_ns;
  return absl::OkStatus();
}

absl::Status FileSource::CheckFiles() const {
  for (const auto& [name, file] : files_) {
    const FileMark& mark = file.mark;
    if (!file.present) {
      // A file alone is not looked for in the directory of another input.
      if (mark.complete || mark.consumed == 0 || single_file_) continue;
      return absl::FailedPreconditionError(name + " is gone, but was not read to its end; put it back");
    }
    const bool compressed = IsCompressedName(name);
    if (!compressed && file.size < mark.consumed) {
      return absl::FailedPreconditionError(file.path + " is shorter than what was already read from it; " +
                                           kRestoreFile);
    }
    if (compressed && mark.complete && file.size != mark.size) {
      return absl::FailedPreconditionError(file.path + " has changed after it was read to its end; " + kRestoreFile);
    }
  }
  return absl::OkStatus();
}

absl::Status FileSource::CheckHead(const File& file, std::string_view head) const {
  if (head.size() >= file.mark.head_bytes && HashHead(head.substr(0, file.mark.head_bytes)) == file.mark.head_hash) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(file.path + " begins otherwise than when it was read; " + kRestoreFile);
}

bool FileSource::HasMore(const std::string& name, const File& file) const {
  if (!file.present) return false;
  if (!IsCompressedName(name)) return file.size > file.mark.consumed && file.size != file.exhausted_at;
  return !file.mark.complete && (!options_.follow || (file.settled && file.size > 0));
}

// False if there is nothing to read now.
absl::StatusOr<bool> FileSource::OpenNextFile() {
  if (options_.follow && Clock::now() - scanned_ >= options_.rescan_interval_ms) {
    if (auto status = Scan(); !status.ok()) return status;
  }
  for (auto at = files_.begin(); at != files_.end(); ++at) {
    if (!HasMore(at->first, at->second)) continue;
    current_ = at;
    if (auto status = OpenFile(at->first, at->second); !status.ok()) return status;
    return true;
  }
  return false;
}

absl::Status FileSource::OpenFile(const std::string& name, File& file) {
  const auto head = ReadHead(file.path, kHeadBytes);
  if (!head.ok()) return head.status();
  if (auto status = CheckHead(file, *head); file.mark.head_bytes > 0 && !status.ok()) return status;
  file.mark.head_bytes = head->size();
  file.mark.head_hash = HashHead(*head);
  file.mark.size = file.size;
  if (auto status = ContinueOpenLine(file); !status.ok()) return status;
  auto stream = OpenByteStream(file.path, file.mark.consumed);
  if (!stream.ok()) return stream.status();
  reader_ = std::make_unique<LineReader>(*std::move(stream), file.mark.consumed);
  file.mark.complete = false;
  changed_files_.insert(name);
  return absl::OkStatus();
}

// The last line read had no LF. If the file has grown since, that line must have been ended first.
absl::Status FileSource::ContinueOpenLine(File& file) {
  if (!file.mark.open_line) return absl::OkStatus();
  auto stream = OpenByteStream(file.path, file.mark.consumed);
  if (!stream.ok()) return stream.status();
  char next = '\0';
  const auto count = (*stream)->Read(&next, 1);
  if (!count.ok()) return count.status();
  if (*count == 0) return absl::OkStatus();
  if (next != '\n') {
    return absl::FailedPreconditionError(
        file.path + " goes on in the middle of a line that was already read as the last; " + kRestoreFile);
  }
  file.mark.consumed += 1;
  file.mark.open_line = false;
  return absl::OkStatus();
}

void FileSource::CloseFile() {
  File& file = current_->second;
  file.exhausted_at = file.mark.consumed + reader_->pending();
  file.mark.complete = reader_->pending() == 0;
  changed_files_.insert(current_->first);
  reader_.reset();
  current_ = files_.end();
}

absl::Status FileSource::ReadRecords(size_t max_records, PolledRecords& out) {
  uint64_t bytes = 0;
  while (out.records.size() < max_records && bytes < kMaxPollBytes) {
    if (!reader_) {
      const auto opened = OpenNextFile();
      if (!opened.ok()) return opened.status();
      if (!*opened) return absl::OkStatus();
    }
    const auto line = reader_->Next(!options_.follow || IsCompressedName(current_->first));
    if (!line.ok()) return line.status();
    if (line->kind == LineReader::Kind::kEnd) {
      CloseFile();
      continue;
    }
    bytes += reader_->consumed() - current_->second.mark.consumed;
    TakeLine(*line, out);
  }
  return absl::OkStatus();
}

void FileSource::TakeLine(const LineReader::Line& line, PolledRecords& out) {
  FileMark& mark = current_->second.mark;
  mark.consumed = reader_->consumed();
  mark.open_line = !line.terminated;
  mark.lines += 1;
  changed_files_.insert(current_->first);
  RecordLine parsed;
  if (line.kind == LineReader::Kind::kTooLong) {
    parsed.record.unreadable = "is longer than 32 MiB";
  } else {
    const std::string_view text = WithoutByteOrderMark(line.text);
    if (TrimBlanks(text).empty()) return;
    parsed = parser_.Parse(text);
  }
  parsed.record.line = absl::StrCat(current_->first, ":", mark.lines);
  Deliver(std::move(parsed), out);
}

// Counts the record's offset where it has none (F13) and hands it out.
void FileSource::Deliver(RecordLine parsed, PolledRecords& out) {
  RawRecord& record = parsed.record;
  if (record.unreadable.empty()) {
    const auto [at, first] = last_offsets_.try_emplace({record.topic, record.partition}, -1);
    if (!parsed.has_offset) record.offset = at->second + 1;
    // An offset below the last is a record read again (E4); counting goes on behind the greatest.
    at->second = std::max(at->second, record.offset);
    changed_partitions_.insert(at->first);
  }
  end_reported_ = false;
  out.records.push_back(std::move(record));
}

// Marks and progress of what has changed; at the end, the progress of every partition.
void FileSource::Report(bool at_end, PolledRecords& out) {
  for (const std::string& name : changed_files_) {
    out.marks[std::string(kFileMarkPrefix) + name] = FormatFileMark(files_.at(name).mark);
  }
  for (const Partition& partition : changed_partitions_) {
    out.marks[OffsetMarkName(partition.first, partition.second)] = std::to_string(last_offsets_.at(partition));
  }
  for (const auto& [partition, last] : last_offsets_) {
    if (!at_end && !changed_partitions_.contains(partition)) continue;
    PartitionProgress progress{partition.first, partition.second, last + 1, std::nullopt, at_end, Instant{}};
    if (at_end) progress.end = last + 1;
    out.progress.push_back(std::move(progress));
  }
  changed_files_.clear();
  changed_partitions_.clear();
}

absl::StatusOr<PolledRecords> FileSource::Poll(int max_records, std::chrono::milliseconds max_wait) {
  const auto deadline = Clock::now() + max_wait;
  PolledRecords out;
  while (true) {
    const absl::Status read = ReadRecords(static_cast<size_t>(std::max(max_records, 1)), out);
    if (!read.ok() && !absl::IsResourceExhausted(read)) return read;
    ShowHealth(read);
    if (!read.ok()) {
      // What was seen of the directory may be half of it, so nothing is said of its end.
      scanned_ = {};
      std::this_thread::sleep_for(std::min(max_wait, kPauseWithoutResources));
      Report(false, out);
      return out;
    }
    const bool at_end = !reader_ && std::none_of(files_.begin(), files_.end(), [this](const auto& entry) {
      return HasMore(entry.first, entry.second);
    });
    out.finished = at_end && !options_.follow;
    if (!out.records.empty() || !changed_files_.empty() || out.finished || (at_end && !end_reported_)) {
      Report(at_end, out);
      end_reported_ = at_end;
      return out;
    }
    const auto left = deadline - Clock::now();
    if (left <= Clock::duration::zero()) return out;
    const auto until_scan = scanned_ + options_.rescan_interval_ms - Clock::now();
    std::this_thread::sleep_for(std::clamp<Clock::duration>(until_scan, std::chrono::milliseconds(1), left));
  }
}

void FileSource::Committed(const SourceMarks& /*marks*/) {}

void FileSource::ShowHealth(const absl::Status& status) {
  const std::lock_guard lock(health_mutex_);
  if (status.ok()) {
    health_ = {};
    return;
  }
  if (health_.connected) health_.disconnected_since = Instant{NowNanos() / 1'000'000};
  health_.connected = false;
  health_.last_error = absl::StrCat(std::string(status.message()),
                                    "; tried again until it can be: raise the limit of open files (ulimit -n), or see "
                                    "who holds so many connections");
}

SourceHealth FileSource::Health() const {
  const std::lock_guard lock(health_mutex_);
  return health_;
}

}  // namespace flosync
