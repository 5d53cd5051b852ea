// Retention (R24): versions of persons that were superseded long ago shrink to doctor facts.
//
// Operation: a Shrinking is one pass over the persons in the history; each call of Next takes the next few and commits
// what it shrank as a revision of its own. A version is shrunk if records known before the limit have superseded it;
// what is in force by these records, the newest version of a person among it, stays as it was read. No figure, snapshot
// or answer changes. A pass that was cut off is begun anew: what is shrunk already is passed over. Concurrency: the
// core's thread. Limitations: the records of one person are read together, however many.
//
//   if (const auto limit = SupersededBefore(core, days)) shrinking.emplace(*limit);
//   auto step = shrinking->Next(core);  // until step->done
#pragma once

#include <cstdint>
#include <optional>

#include <absl/status/statusor.h>

#include "state/core/core.h"

namespace flosync {

// The limit: `retention_days` of 24 hours before the last sync instant, and before the greatest timestamp read if that
// is earlier, so that neither a wrong clock nor a wrong timestamp alone makes anything shrink. Nothing = no record yet.
[[nodiscard]] std::optional<Instant> SupersededBefore(const Core& core, int32_t retention_days);

class Shrinking {
 public:
  static constexpr size_t kRecordsPerStep = 2000;

  explicit Shrinking(Instant superseded_before, size_t records_per_step = kRecordsPerStep)
      : superseded_before_(superseded_before), records_per_step_(records_per_step) {}

  struct Step {
    int64_t shrunk = 0;
    bool done = false;  // the pass is at its end
  };
  // Reads persons until `records_per_step` records have been read. Errors are those of the store; after a failed commit
  // throw the core away.
  [[nodiscard]] absl::StatusOr<Step> Next(Core& core);

  [[nodiscard]] Instant superseded_before() const { return superseded_before_; }

 private:
  const Instant superseded_before_;
  const size_t records_per_step_;
  int64_t next_number_ = 0;
};

}  // namespace flosync
