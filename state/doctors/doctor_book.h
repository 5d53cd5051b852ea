// What was told of every doctor whom a doctor period names, kept in the store with everything else of a commit; each
// change is told in the feed. Work is in proportion to the doctors that a record or the clock may have changed.
//
// Operation: Begin once the register is whole; then mark what records change, and call Advance in every commit. What is
// stored is what the world was told: after a restart every status is derived anew and compared with it. Concurrency:
// one writer; not thread-safe.
//
//   book.MarkDirty(entity, before, after, cause);
//   book.Advance(Moment::Live(now), 17, batch);
#pragma once

#include <cstdint>
#include <optional>

#include <absl/container/btree_map.h>
#include <absl/status/status.h>

#include "state/doctors/doctor_status.h"
#include "state/indicators/timers.h"

namespace flosync {

class DoctorBook {
 public:
  // `reg` must outlive this.
  explicit DoctorBook(const Register* reg) : register_(reg) {}

  // What was told, from the store of a book that had begun; what the register gives otherwise at `clock` is told by
  // the next Advance.
  [[nodiscard]] absl::Status Load(const View& view, const Moment& clock);
  // From here on statuses are derived.
  void Begin();

  void MarkDirty(const EntityId& entity, const EntityState& before, const EntityState& after, const Position& cause);
  // Moves to `at`, which is not before the last moment, and writes what changed, by number.
  void Advance(const Moment& at, int64_t revision, Batch& batch);

  [[nodiscard]] std::optional<Instant> NextTimer() const { return timers_.Next(); }
  // Statuses derived since the start: bounded by what depends on a change.
  [[nodiscard]] int64_t derived() const { return derived_; }

 private:
  void Mark(int32_t hpr_number, const Position& cause);
  void Tell(int32_t hpr_number, std::optional<DoctorStatus> status, const std::optional<Position>& cause,
            int64_t revision, int32_t& index, Batch& batch);

  const Register* register_;
  bool begun_ = false;
  absl::btree_map<int32_t, DoctorStatus> told_;
  absl::btree_map<int32_t, std::optional<Position>> dirty_;
  Timers<int32_t> timers_;
  int64_t derived_ = 0;
};

}  // namespace flosync
