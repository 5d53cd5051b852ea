// The alerts that are open and those resolved of late, and the deviations of state that hold: one of each kind and
// subject at a time (R23), kept in the store with everything else of a commit, each change told in the feed.
//
// Operation: Begin once the register is whole; then mark what records change, and call Advance in every commit. What is
// stored is what the world was told: after a restart the conditions are derived anew from the register and compared
// with it, so nothing is raised twice and nothing is lost. Concurrency: one writer; not thread-safe. Limitations: while
// the first load is under way only operational alerts are raised, since a register half read misses doctors everywhere.
//
//   book.MarkDirty(entity, before, after, cause);
//   book.Advance({.at = Moment::Live(now), .revision = 17}, batch);
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "state/alerts/alert.h"
#include "state/alerts/live_conditions.h"

namespace flosync {

// A deviation of state that began or ended.
struct StateDeviationChange {
  StateDeviation code = StateDeviation::kUnknownMunicipality;
  std::string entity;
  bool open = false;
};

struct AlertAdvance {
  Moment at;
  int64_t revision = 0;
  // All operational conditions that hold, if they were looked at; those not named end.
  const std::vector<Condition>* observed = nullptr;
};

class AlertBook {
 public:
  static constexpr int64_t kResolvedKept = 10'000;

  // Both must outlive this. At most `resolved_kept` resolved alerts are kept, those resolved last.
  AlertBook(const Geography* geography, const Register* reg) : conditions_(geography, reg) {}
  void KeepResolved(int64_t resolved_kept) { resolved_kept_ = resolved_kept; }

  // What was told, from the store; conditions are derived at `clock` if the book had begun.
  [[nodiscard]] absl::Status Load(const View& view, Instant clock);
  [[nodiscard]] bool begun() const { return conditions_.started(); }
  // From here on alerts are derived; part of the commit of `batch`.
  void Begin(const Moment& at, Batch& batch);

  void MarkDirty(const EntityId& entity, const EntityState& before, const EntityState& after, const Position& cause) {
    conditions_.MarkDirty(entity, before, after, cause);
  }
  // Opens, updates and resolves what changed, and writes it to alerts and feed. Gives the deviations of state that
  // began or ended, by code and entity.
  std::vector<StateDeviationChange> Advance(const AlertAdvance& advance, Batch& batch);
  // `observed` would open, update or resolve an operational alert.
  [[nodiscard]] bool Differs(const std::vector<Condition>& observed) const;
  // Notes who has taken an open alert in hand; one who did before is replaced. NOT_FOUND or FAILED_PRECONDITION
  // (resolved) name it.
  [[nodiscard]] absl::Status Acknowledge(int64_t id, Acknowledgement acknowledgement, int64_t revision, Batch& batch);

  [[nodiscard]] std::optional<Instant> NextTimer() const { return conditions_.NextTimer(); }
  // Open alerts by kind and subject.
  [[nodiscard]] const std::map<std::pair<AlertKind, std::string>, Alert>& open() const { return open_; }
  // Deviations of state that hold.
  [[nodiscard]] const std::set<std::pair<StateDeviation, std::string>>& deviations() const { return deviations_; }
  [[nodiscard]] int64_t units_derived() const { return conditions_.units_derived(); }

 private:
  struct Commit {
    Instant now;
    int64_t revision;
    Batch& batch;
    int32_t index = 0;  // of the last feed entry written
  };
  void Settle(AlertKind kind, const std::string& subject, const std::optional<Condition>& condition,
              const std::optional<Position>& cause, Commit& commit);
  void SettleObserved(const std::vector<Condition>& observed, Commit& commit);
  void Tell(AlertStep step, const std::optional<Alert>& before, const Alert& after,
            const std::optional<Position>& cause, Commit& commit);
  void ForgetOldest(Batch& batch);

  LiveConditions conditions_;
  std::map<std::pair<AlertKind, std::string>, Alert> open_;
  std::map<int64_t, std::pair<AlertKind, std::string>> open_by_id_;
  std::set<std::pair<Instant, int64_t>> resolved_;  // by when, and number
  std::set<std::pair<StateDeviation, std::string>> deviations_;
  int64_t next_id_ = 1;
  int64_t resolved_kept_ = kResolvedKept;
};

}  // namespace flosync
