#include "daemon/auditor.h"

#include <algorithm>
#include <string>
#include <utility>

#include <spdlog/spdlog.h>

#include "daemon/confirmed_clock.h"
#include "daemon/give_way.h"
#include "domain/text.h"

namespace flosync {
namespace {

constexpr std::chrono::seconds kLookEvery(1);
constexpr size_t kFiguresLogged = 10;

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

// Figures tell of areas and measures, never of a person.
std::string FirstFigures(const AuditReport& report) {
  std::string text;
  for (size_t i = 0; i < std::min(report.figures.size(), kFiguresLogged); ++i) {
    text += Join(i == 0 ? ", among them " : ", ", Describe(report.figures[i].name));
  }
  return text;
}

void Log(const absl::StatusOr<AuditReport>& report) {
  if (!report.ok()) {
    spdlog::error("the self-audit could not be carried out: {}", std::string(report.status().message()));
  } else if (!report->ok()) {
    spdlog::error(
        "the self-audit of revision {} found {} differences{}; nothing is repaired: `flosync audit` names them, keep "
        "the state directory and rebuild the state from the sources",
        report->revision, report->difference_count, FirstFigures(*report));
  } else {
    spdlog::debug("the self-audit of revision {} found no difference: {} figures, {} states", report->revision,
                  report->figures_compared, report->heads_compared);
  }
}

}  // namespace

absl::StatusOr<AuditReport> AuditAndShow(Publication& publication, const View& view, const GoOn& go_on) {
  auto report = AuditLive(view, publication.geography(), publication.definitions(), go_on);
  if (absl::IsCancelled(report.status())) return report;
  Log(report);
  publication.ShowAudit(OutcomeOf(report));
  return report;
}

Auditor::Auditor(Publication* publication, std::chrono::minutes interval, std::unique_ptr<const View> opened)
    : publication_(publication), interval_(interval), opened_(std::move(opened)) {
  if (interval_.count() == 0) opened_.reset();
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

void Auditor::Audit(const View& view) {
  next_ = Clock::now() + interval_;
  (void)AuditAndShow(*publication_, view, [this] {
    const std::lock_guard stop(mutex_);
    return !stopping_;
  });
}

void Auditor::Run() {
  GiveWay(kLowestNiceness);
  if (opened_) Audit(*opened_);
  opened_.reset();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    stop_changed_.wait_for(lock, kLookEvery, [this] { return stopping_; });
    if (stopping_ || !Due()) continue;
    lock.unlock();
    audited_sync_ = publication_->status()->last_complete_sync;
    Audit(View(publication_->store()));
    lock.lock();
  }
}

}  // namespace flosync
