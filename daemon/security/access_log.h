// The access log: who has read about which doctors, when and what for. Append-only, one line of JSON for each answer.
//
// Every line carries the hash of the line before and its own, so that a line changed, taken out or put in is found
// (`flosync access-log verify`). A line is on disk before its answer is sent: no log, no answer. The file is for its
// owner alone (0600) and is locked while a daemon writes it. Thread-safe.
//
//   {"n":2,"at":"2026-03-01T09:00:00.000Z","event":"read","who":"report","organisation":"974760673",
//    "method":"flosync.v1.DoctorService/GetDoctor","purpose":"case
//    17","correlation_id":"a-1","address":"ipv4:192.0.2.7", "doctors":[999000011],"previous":"…64 hex
//    digits…","hash":"…64 hex digits…"}
//
// `hash` is the SHA-256, in hex, of the hash before (64 zeros for the first line) followed by the line up to and
// without
// `,"hash":…`, closed by `}`. Limitations: lines cut off at the end leave no gap; compare the last hash with one that
// was noted elsewhere, such as the daemon's own log at start.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "daemon/security/caller.h"

namespace flosync {

// Where the chain of a file has come to.
struct AccessLogEnd {
  int64_t entries = 0;
  std::string hash = std::string(64, '0');  // of the last entry
};

class AccessLog {
 public:
  // Opens or creates the file. A last line that was torn by a crash is taken off, for its answer was never sent, and an
  // entry says so. FAILED_PRECONDITION if the last line is not as it was written, or if another process writes the
  // file.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<AccessLog>> Open(const std::string& path, Instant now);
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // Returns once the entry is on disk. After an error nothing of it is in the file.
  [[nodiscard]] absl::Status Append(const Caller& caller, const std::string& method, const std::set<int64_t>& doctors,
                                    Instant now);
  [[nodiscard]] AccessLogEnd end() const;

 private:
  AccessLog(std::string path, int file) : path_(std::move(path)), file_(file) {}
  [[nodiscard]] absl::Status FindEnd(Instant now);
  [[nodiscard]] absl::Status Write(const std::string& fields);
  [[nodiscard]] absl::Status Failed(const char* what) const;

  const std::string path_;
  const int file_;
  mutable std::mutex mutex_;
  AccessLogEnd end_;
  int64_t size_bytes_ = 0;  // up to the last whole line
  bool broken_ = false;     // a failed write could not be taken back
};

}  // namespace flosync
