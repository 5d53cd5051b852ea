// The live figures: today's cells, kept current by re-deriving exactly the lists that a record or the clock may have
// changed.
//
// Operation: the owner marks lists dirty, then calls Advance with the new moment; lists whose timer fell due join them
// (R9). On a day when the structure or the population year changes, and where newer tables have come, every list is
// counted anew in the new areas (R15). Concurrency: one writer; not thread-safe. Limitations: a day before or beyond
// the reference tables stands in their first or last structure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "state/indicators/cell_table.h"
#include "state/register/register.h"

namespace flosync {

// A change of one published figure: the area and what it showed before and shows now; nothing = the area did not or
// does not exist.
struct FigureChange {
  Area area;
  FigurePlan::Entry entry;
  std::optional<Figure> before;
  std::optional<Figure> after;
  std::optional<Position> cause;  // the record; nothing = the clock
};

// What the store calls a figure of an area.
[[nodiscard]] std::string FigureKey(const Area& area, const FigurePlan::Entry& entry);
// What an area without any list shows.
[[nodiscard]] Figure EmptyFigure(const FigurePlan::Entry& entry);

// A timer set or cleared since the last Advance, for the store.
struct TimerChange {
  int64_t contract_id = 0;
  std::optional<Instant> cleared;
  std::optional<Instant> set;
};

class LiveIndicators {
 public:
  // All must outlive this. The figures are those of the published definitions, but for measures with a window.
  LiveIndicators(const Geography* geography, const Definitions* definitions, const Register* reg)
      : geography_(geography),
        plan_(definitions->published(), false),
        counted_relationships_(definitions->derivation().counted_relationships),
        register_(reg) {}

  // Counts every list of the register at `at`, as after a restart; `told` is what the world was last told, by
  // FigureKey, without empty figures.
  void Start(const Moment& at, const absl::btree_map<std::string, Figure>& told);
  void MarkDirty(int64_t contract_id, const Position& cause);
  // Other tables from the next Advance on; they must outlive this.
  void UseTables(const Geography* geography);
  // Moves to `at`, which is not before the last moment, and derives what is dirty or due.
  std::vector<FigureChange> Advance(const Moment& at);

  [[nodiscard]] std::vector<TimerChange> TakeTimerChanges() { return std::exchange(timer_changes_, {}); }
  [[nodiscard]] std::optional<Instant> NextTimer() const;
  [[nodiscard]] const CellTable& cells() const { return *cells_; }
  // What the world was told of a cell, by index.
  [[nodiscard]] const Figure& told(int32_t index) const { return told_[static_cast<size_t>(index)]; }
  [[nodiscard]] const Moment& moment() const { return moment_; }
  // Work done since the start: bounded by what depends on a change, not by the size of the register.
  [[nodiscard]] int64_t lists_derived() const { return lists_derived_; }
  [[nodiscard]] int64_t cells_touched() const { return cells_touched_before_ + (cells_ ? cells_->cells_touched() : 0); }

 private:
  [[nodiscard]] Day StructureDate(Day d) const;
  [[nodiscard]] bool FrameChanges(const Moment& at) const;
  void NewFrame(const Moment& at);
  std::vector<FigureChange> CountAnew(const Moment& at);
  // What the table shows of a cell and the world was not told; nothing if it was.
  std::optional<FigureChange> Tell(int32_t index);
  void Derive(int64_t contract_id, int32_t cause);
  void SetTimer(int64_t contract_id, Instant due);

  const Geography* geography_;
  FigurePlan plan_;
  std::vector<std::string> counted_relationships_;
  const Register* register_;
  Moment moment_;
  bool tables_changed_ = false;
  std::unique_ptr<AreaFrame> frame_;
  std::unique_ptr<CellTable> cells_;
  std::vector<Figure> told_;
  std::vector<int32_t> daily_;  // cells whose figure changes from day to day by itself
  absl::btree_map<int64_t, Position> dirty_;
  absl::btree_set<std::pair<Instant, int64_t>> timers_;
  absl::btree_map<int64_t, Instant> timer_of_;
  std::vector<TimerChange> timer_changes_;
  int64_t lists_derived_ = 0;
  int64_t cells_touched_before_ = 0;
};

}  // namespace flosync
