// What the writer shows to the readers: the store's latest revision and what the daemon is doing.
//
// The writer calls Publish after each commit; readers take the status, an immutable value, and Views of the store. A
// reader never sees the writer's own structures. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "connectors/record.h"
#include "daemon/metrics/duration_counts.h"
#include "domain/oslo.h"
#include "state/core/core.h"
#include "state/core/pause.h"
#include "state/geography/geography.h"
#include "state/indicators/figure.h"
#include "state/store/store.h"

namespace flosync {

// How far one partition of a source has been read.
struct SourceStatus {
  std::string topic;
  int32_t partition = 0;
  int64_t position = 0;
  std::optional<int64_t> end;
  std::optional<Instant> newest;  // newest broker timestamp read
  bool caught_up = false;
};

struct DaemonStatus {
  std::string epoch;
  int64_t revision = 0;
  Instant started_at;
  std::optional<Instant> synced_at;  // sync instant of the last commit; its Oslo day is "today" of live figures
  std::optional<Instant> last_complete_sync;  // every partition had been read to its end
  std::vector<SourceStatus> sources;
  RecordCounts records;
  std::optional<Instant> next_timer;
  SourceHealth source;
  int64_t commits = 0;
  DurationCounts commit_durations;
  int64_t lists_derived = 0;
  int64_t cells_touched = 0;
  int64_t persons = 0;
  int64_t contracts = 0;
  int64_t doctor_periods = 0;
  // The first load is through: figures can be shown as complete (health SERVING).
  bool ready = false;
  std::optional<Pause> paused;  // no record takes effect
};

// A backup of the state, as StoredBackup has it.
struct BackupOutcome {
  int64_t id = 0;
  Instant created_at;
  int64_t revision = 0;
  std::string epoch;
  int64_t size_bytes = 0;
};

// How the latest self-audit ended.
struct AuditOutcome {
  Instant finished_at;
  int64_t revision = 0;  // of the commit audited
  int64_t differences = 0;
  std::string error;  // why it could not be carried out; empty if it could
  [[nodiscard]] bool ok() const { return differences == 0 && error.empty(); }
};

class Publication {
 public:
  // All must outlive this.
  Publication(const Store* store, const Geography* geography, const Definitions* definitions = &Definitions::Shipped())
      : store_(store), geography_(geography), definitions_(definitions), live_plan_(definitions->published(), false) {}

  void Publish(DaemonStatus status);
  [[nodiscard]] std::shared_ptr<const DaemonStatus> status() const;
  // Any thread; readers see the latest.
  void ShowAudit(AuditOutcome outcome);
  // Nothing before the first audit.
  [[nodiscard]] std::optional<AuditOutcome> audit() const;
  void ShowBackup(BackupOutcome outcome);
  // The latest; nothing if there is none.
  [[nodiscard]] std::optional<BackupOutcome> backup() const;
  [[nodiscard]] const Store& store() const { return *store_; }
  [[nodiscard]] const Geography& geography() const { return *geography_; }
  [[nodiscard]] const Definitions& definitions() const { return *definitions_; }
  // The figures there are live.
  [[nodiscard]] const FigurePlan& live_plan() const { return live_plan_; }

  // `listener` is called after every Publish, on the writer's thread, and must not block. After RemoveListener has
  // returned it is not called any more.
  int64_t AddListener(std::function<void()> listener);
  void RemoveListener(int64_t id);

 private:
  const Store* store_;
  const Geography* geography_;
  const Definitions* definitions_;
  const FigurePlan live_plan_;
  mutable std::mutex status_mutex_;
  std::shared_ptr<const DaemonStatus> status_ = std::make_shared<DaemonStatus>();
  std::optional<AuditOutcome> audit_;
  std::optional<BackupOutcome> backup_;
  std::mutex listeners_mutex_;
  std::map<int64_t, std::function<void()>> listeners_;
  int64_t next_listener_ = 0;
};

}  // namespace flosync
