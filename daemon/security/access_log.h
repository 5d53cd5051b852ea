// The access log: who has read about which doctors, when and what for. Append-only, one line of JSON for each answer.
//
// Every line carries the hash of the line before and its own, so that a line changed, taken out or put in is found
// (`flosync access-log verify`). A line is on disk before its answer is sent: no log, no answer. The file is for its
// owner alone (0600) and is locked while a daemon writes it.
//
// Operation: a thread of the log's own takes all entries that wait, in the order they came, writes them at once and
// waits for the disk once; meanwhile the next ones gather. Whoever waits for an entry holds no thread. Concurrency:
// every method from any thread.
//
//   {"n":2,"at":"2026-03-01T09:00:00.000Z","event":"read","who":"report","organisation":"974760673",
//    "method":"flosync.v1.DoctorService/GetDoctor","purpose":"case 17","correlation_id":"a-1",
//    "address":"ipv4:192.0.2.7","doctors":[999000011],"previous":"…64 hex digits…","hash":"…64 hex digits…"}
//
// `hash` is the SHA-256, in hex, of the hash before (64 zeros for the first line) followed by the line without its
// `,"hash":…` and closed by `}`. Limitations: lines cut off at the end leave no gap; compare the last hash with one
// that was noted elsewhere, such as the daemon's own log at start.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

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
  // Told once: OK when the entry is on disk. UNAVAILABLE if it cannot be written, for it and all that were written with
  // it; RESOURCE_EXHAUSTED if it is too long. After an error nothing of it is in the file, and what came before stays.
  using Done = std::function<void(const absl::Status& outcome)>;
  // Waits until what was written to the file is on disk; false, with errno, if that failed.
  using Sync = std::function<bool(int file)>;

  // Opens or creates the file. A last line that was torn by a crash is taken off, for its answer was never sent, and an
  // entry says so. FAILED_PRECONDITION if the last line is not as it was written, or if another process writes the
  // file. `sync` is for tests.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<AccessLog>> Open(const std::string& path, Instant now,
                                                                       Sync sync = SyncData);
  // Entries that wait are still written, and those who wait told.
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  // `done` is called on the log's own thread, which all others wait for: it must not wait for anything. Returns before
  // that, and waits only while more bytes of entries wait than may.
  void Append(const Caller& caller, const std::string& method, const std::set<int64_t>& doctors, Instant now,
              Done done);
  // The same, returning once the entry is on disk.
  [[nodiscard]] absl::Status Append(const Caller& caller, const std::string& method, const std::set<int64_t>& doctors,
                                    Instant now);
  // Of what is on disk.
  [[nodiscard]] AccessLogEnd end() const;

 private:
  // An entry that is not on disk yet.
  struct Waiting {
    std::string fields;
    Done done;
    absl::Status outcome;
  };

  AccessLog(std::string path, int file, Sync sync) : path_(std::move(path)), file_(file), sync_(std::move(sync)) {}
  [[nodiscard]] static bool SyncData(int file);
  [[nodiscard]] absl::Status FindEnd(Instant now);
  void Run();
  // Waits for entries and takes all there are; none = the log is being closed.
  [[nodiscard]] std::vector<Waiting> Take();
  void Write(std::vector<Waiting>& group);
  // Whole lines, up to and with the entry that `end` is about.
  [[nodiscard]] absl::Status WriteLines(const std::string& lines, const AccessLogEnd& end);
  [[nodiscard]] absl::Status Failed(const char* what) const;

  const std::string path_;
  const int file_;
  const Sync sync_;
  // Of the thread alone, once it runs.
  int64_t size_bytes_ = 0;  // up to the last whole line
  bool broken_ = false;     // a failed write could not be taken back

  mutable std::mutex mutex_;  // what follows
  std::condition_variable came_;
  std::condition_variable room_;
  AccessLogEnd end_;
  std::vector<Waiting> waiting_;
  size_t waiting_bytes_ = 0;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace flosync
