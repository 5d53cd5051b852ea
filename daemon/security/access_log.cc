#include "daemon/security/access_log.h"

#include <fcntl.h>
#include <jansson.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <future>
#include <system_error>
#include <utility>

#include <spdlog/spdlog.h>

#include "daemon/security/access_log_check.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr mode_t kOwnerOnly = 0600;
// Entries that wait for the disk, some 2 500 of one doctor each. An answer waits with its entry and is not many times
// as large, so this bounds both.
constexpr size_t kMaxWaitingBytes = size_t{1} << 20;

std::string Quoted(const std::string& text) {
  const std::unique_ptr<json_t, decltype(&json_decref)> value(json_stringn(text.data(), text.size()), json_decref);
  const std::unique_ptr<char, decltype(&std::free)> quoted(json_dumps(value.get(), JSON_ENCODE_ANY | JSON_ENSURE_ASCII),
                                                           std::free);
  // Names and purposes have been checked; what is no UTF-8 after all is not worth losing the entry for.
  return quoted ? std::string(quoted.get()) : std::string("\"?\"");
}

std::string FieldsOf(const Caller& caller, const std::string& method, const std::set<int64_t>& doctors, Instant now) {
  std::string numbers;
  for (const int64_t doctor : doctors) numbers += Join(numbers.empty() ? "" : ",", doctor);
  return Join("\"at\":\"", FormatUtc(now), "\",\"event\":\"read\",\"who\":", Quoted(caller.who),
              ",\"organisation\":", Quoted(caller.organisation), ",\"method\":", Quoted(method),
              ",\"purpose\":", Quoted(caller.purpose), ",\"correlation_id\":", Quoted(caller.correlation_id),
              ",\"address\":", Quoted(caller.address), ",\"doctors\":[", numbers, "]");
}

// The bytes of the file from `from` to its end; nothing if they cannot be read.
std::optional<std::string> ReadFrom(int file, int64_t from, int64_t size) {
  std::string bytes(static_cast<size_t>(size - from), '\0');
  size_t read = 0;
  while (read < bytes.size()) {
    const ssize_t count = pread(file, bytes.data() + read, bytes.size() - read, from + static_cast<int64_t>(read));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    read += static_cast<size_t>(count);
  }
  return bytes;
}

bool WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

// The directory entry of a file just made is on disk as well.
bool SyncDirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int file = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = file >= 0 && fsync(file) == 0;
  if (file >= 0) close(file);
  return synced;
}

}  // namespace

absl::Status AccessLog::Failed(const char* what) const {
  return absl::UnavailableError(Join(path_, ": ", what, " (", std::generic_category().message(errno),
                                     "); check the disk and who may write the file"));
}

bool AccessLog::SyncData(int file) { return fdatasync(file) == 0; }

absl::StatusOr<std::unique_ptr<AccessLog>> AccessLog::Open(const std::string& path, Instant now, Sync sync) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly);
  auto log = std::unique_ptr<AccessLog>(new AccessLog(path, file, std::move(sync)));
  if (file < 0) return log->Failed("the access log cannot be opened");
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(
        Join(path, ": another process writes this access log; give each daemon one of its own (security.access_log)"));
  }
  if (fchmod(file, kOwnerOnly) != 0 || !SyncDirectoryOf(path)) return log->Failed("the access log cannot be kept");
  if (absl::Status found = log->FindEnd(now); !found.ok()) return found;
  spdlog::info("the access log has {} entries, the last with hash {}", log->end_.entries, log->end_.hash);
  log->thread_ = std::thread([open = log.get()] { open->Run(); });
  return log;
}

AccessLog::~AccessLog() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  came_.notify_one();
  if (thread_.joinable()) thread_.join();
  if (file_ >= 0) close(file_);
}

absl::Status AccessLog::FindEnd(Instant now) {
  const int64_t size = lseek(file_, 0, SEEK_END);
  if (size < 0) return Failed("the access log cannot be read");
  // Two lines of the greatest length: a whole one, and what may be torn behind it.
  const int64_t from = std::max<int64_t>(size - 2 * static_cast<int64_t>(kMostAccessLineBytes), 0);
  const auto bytes = ReadFrom(file_, from, size);
  if (!bytes) return Failed("the access log cannot be read");
  const size_t line_end = bytes->rfind('\n');
  const size_t torn_from = line_end == std::string::npos ? 0 : line_end + 1;
  size_bytes_ = from + static_cast<int64_t>(torn_from);
  if (line_end != std::string::npos) {
    const size_t before = line_end == 0 ? std::string::npos : bytes->rfind('\n', line_end - 1);
    const size_t begin = before == std::string::npos ? 0 : before + 1;
    const auto link = ReadAccessLine(std::string_view(*bytes).substr(begin, line_end - begin));
    if (!link) {
      return absl::FailedPreconditionError(
          Join(path_,
               ": the last line is not as it was written; keep the file for those who look into it, see what "
               "`flosync access-log verify` says, and move it away so that a new one is begun"));
    }
    end_ = {link->number, link->hash};
  } else if (from > 0) {
    return absl::FailedPreconditionError(Join(path_, ": is no access log; is security.access_log the right path?"));
  }
  const size_t torn = bytes->size() - torn_from;
  if (torn == 0) return absl::OkStatus();
  if (ftruncate(file_, size_bytes_) != 0) return Failed("a torn line cannot be taken off");
  spdlog::warn("the last line of the access log was torn, {} bytes; it was taken off, its answer was never sent", torn);
  AccessLogEnd end = end_;
  const std::string line =
      LinkAccessLine(Join("\"at\":\"", FormatUtc(now), "\",\"event\":\"recovered\",\"torn_bytes\":", torn), end);
  return WriteLines(line + "\n", end);
}

absl::Status AccessLog::WriteLines(const std::string& lines, const AccessLogEnd& end) {
  if (broken_) {
    return absl::UnavailableError(Join(path_, ": a failed write could not be taken back; free space and restart"));
  }
  if (!WriteAll(file_, lines) || !sync_(file_)) {
    absl::Status failed = Failed("the access log cannot be written");
    broken_ = ftruncate(file_, size_bytes_) != 0;
    return failed;
  }
  size_bytes_ += static_cast<int64_t>(lines.size());
  const std::lock_guard lock(mutex_);
  end_ = end;
  return absl::OkStatus();
}

void AccessLog::Write(std::vector<Waiting>& group) {
  AccessLogEnd end = this->end();
  std::string lines;
  for (Waiting& entry : group) {
    AccessLogEnd next = end;
    const std::string line = LinkAccessLine(entry.fields, next) + "\n";
    if (line.size() > kMostAccessLineBytes) {
      entry.outcome =
          absl::ResourceExhaustedError("the answer names more doctors than one entry holds; ask for a smaller page");
      continue;
    }
    lines += line;
    end = std::move(next);
  }
  if (lines.empty()) return;
  const absl::Status written = WriteLines(lines, end);
  for (Waiting& entry : group) entry.outcome.Update(written);
}

std::vector<AccessLog::Waiting> AccessLog::Take() {
  std::vector<Waiting> group;
  {
    std::unique_lock lock(mutex_);
    came_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    group.swap(waiting_);
    waiting_bytes_ = 0;
  }
  room_.notify_all();
  return group;
}

void AccessLog::Run() {
  for (std::vector<Waiting> group = Take(); !group.empty(); group = Take()) {
    Write(group);
    for (const Waiting& entry : group) entry.done(entry.outcome);
  }
}

void AccessLog::Append(const Caller& caller, const std::string& method, const std::set<int64_t>& doctors, Instant now,
                       Done done) {
  Waiting entry{FieldsOf(caller, method, doctors, now), std::move(done), absl::OkStatus()};
  const size_t bytes = entry.fields.size();
  {
    std::unique_lock lock(mutex_);
    // One is always taken, however long it is.
    room_.wait(lock, [&] { return waiting_.empty() || waiting_bytes_ + bytes <= kMaxWaitingBytes; });
    waiting_.push_back(std::move(entry));
    waiting_bytes_ += bytes;
  }
  came_.notify_one();
}

absl::Status AccessLog::Append(const Caller& caller, const std::string& method, const std::set<int64_t>& doctors,
                               Instant now) {
  // The log's thread may still be at it when this one has been told.
  const auto outcome = std::make_shared<std::promise<absl::Status>>();
  Append(caller, method, doctors, now, [outcome](const absl::Status& told) { outcome->set_value(told); });
  return outcome->get_future().get();
}

AccessLogEnd AccessLog::end() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

}  // namespace flosync
