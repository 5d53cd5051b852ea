// The self-audit of a running daemon: first of the state as it was opened, then after a complete sync, at most once an
// interval, on a thread of its own with the lowest priority.
//
// What is found is logged (the first figures by name; of heads, which carry HPR numbers, only how many) and shown
// (Publication::audit), from where the status and the alert STATE_AUDIT_FAILED take it. Nothing is repaired. The thread
// reads a View; the writer never waits for it. Destruction ends an audit under way.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <absl/status/statusor.h>

#include "daemon/publication.h"
#include "state/audit/audit.h"

namespace flosync {

// Audits a view, logs and shows how it ended. An audit that `go_on` stops is not shown. Any thread.
[[nodiscard]] absl::StatusOr<AuditReport> AuditAndShow(Publication& publication, const View& view, const GoOn& go_on);

class Auditor {
 public:
  // The publication outlives this; an interval of 0 does nothing. `opened` is the state as it was opened, before the
  // first commit, which would put a spoilt figure right; nullptr if there was none.
  Auditor(Publication* publication, std::chrono::minutes interval, std::unique_ptr<const View> opened = nullptr);
  ~Auditor();
  Auditor(const Auditor&) = delete;
  Auditor& operator=(const Auditor&) = delete;

 private:
  using Clock = std::chrono::steady_clock;

  void Run();
  void Audit(const View& view);
  // A sync has been completed since the last audit, and the interval is over.
  [[nodiscard]] bool Due() const;

  Publication* const publication_;
  const std::chrono::minutes interval_;
  std::unique_ptr<const View> opened_;  // until it is audited
  std::mutex mutex_;
  std::condition_variable stop_changed_;
  bool stopping_ = false;
  std::optional<Instant> audited_sync_;  // of the thread alone, like the next
  Clock::time_point next_;
  std::thread thread_;
};

}  // namespace flosync
