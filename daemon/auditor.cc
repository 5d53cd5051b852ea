#include "daemon/auditor.h"

#include <sys/resource.h>
#include <unistd.h>

#include <utility>

#include <spdlog/spdlog.h>

#include "daemon/confirmed_clock.h"

namespace flosync {
namespace {

constexpr std::chrono::seconds kLookEvery(1);
constexpr int kLowestPriority = 19;

AuditOutcome OutcomeOf(const absl::StatusOr<AuditReport>& report) {
  AuditOutcome outcome;
  outcome.finished_at = SystemNow();
  if (report.ok()) {
    outcome.revision = report->revision;
    outcome.differences = report->difference_count;
  } else {
    outcome.error = std::string(report.status().message());
  }
  return outcome;
}

void Log(const absl::StatusOr<AuditReport>& report) {
  if (!report.ok()) {
    spdlog::error("the self-audit could not be carried out: {}", std::string(report.status().message()));
  } else if (!report->ok()) {
    spdlog::error(
        "the self-audit of revision {} found {} differences; nothing is repaired: `flosync audit` names them, keep the "
        "state directory and rebuild the state from the sources",
        report->revision, report->difference_count);
  } else {
    spdlog::debug("the self-audit of revision {} found no difference: {} figures, {} states", report->revision,
                  report->figures_compared, report->heads_compared);
  }
}

}  // namespace

absl::StatusOr<AuditReport> AuditAndShow(Publication& publication, const GoOn& go_on) {
  const View view(publication.store());
  auto report = AuditLive(view, publication.geography(), publication.definitions(), go_on);
  if (absl::IsCancelled(report.status())) return report;
  Log(report);
  publication.ShowAudit(OutcomeOf(report));
  return report;
}

Auditor::Auditor(Publication* publication, std::chrono::minutes interval)
    : publication_(publication), interval_(interval) {
  if (interval_.count() > 0) thread_ = std::thread([this] { Run(); });
}

Auditor::~Auditor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Auditor::Due() const {
  const auto sync = publication_->status()->last_complete_sync;
  return sync && sync != audited_sync_ && Clock::now() >= next_;
}

void Auditor::Run() {
  // On Linux the priority is the thread's own.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kLowestPriority);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    stop_changed_.wait_for(lock, kLookEvery, [this] { return stopping_; });
    if (stopping_ || !Due()) continue;
    lock.unlock();
    audited_sync_ = publication_->status()->last_complete_sync;
    next_ = Clock::now() + interval_;
    (void)AuditAndShow(*publication_, [this] {
      const std::lock_guard stop(mutex_);
      return !stopping_;
    });
    lock.lock();
  }
}

}  // namespace flosync
