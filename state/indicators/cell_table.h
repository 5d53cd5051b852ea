// The cells of every measure, breakdown and area of one frame, kept by differences.
//
// Operation: SetList takes back what the list's old facts counted and counts the new ones; a doctor on several lists is
// taken back and counted once per area. The work is that of the lists and doctors concerned, whatever the size of the
// register; cells_touched() shows it. A snapshot uses the same table, filled from nothing. Concurrency: one writer; not
// thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>

#include "state/geography/geography.h"
#include "state/indicators/list_facts.h"
#include "state/indicators/measure.h"

namespace flosync {

// Which cell: an area of the frame, a measure of the catalogue, a breakdown of the measure.
struct CellAddress {
  int32_t area = 0;
  const Measure* measure = nullptr;
  int32_t breakdown = 0;
};

struct CellChange {
  CellAddress address;
  Cell before;
  Cell after;
  int32_t cause = 0;  // as given with the last list that touched the cell
};

class CellTable {
 public:
  // The frame must outlive the table.
  explicit CellTable(const AreaFrame* frame);

  // Nothing = the list is not active. The change of cells waits until TakeChanges, which tells the caller's `cause`
  // again.
  void SetList(int64_t contract_id, std::optional<ListFacts> facts, int32_t cause = 0);
  // Cells that differ from what they were at the last call, in canonical order.
  [[nodiscard]] std::vector<CellChange> TakeChanges();
  // Says that a cell was last told to the world with another value, so that the next TakeChanges tells the difference.
  void ExpectChange(int32_t index, const Cell& told);

  [[nodiscard]] const AreaFrame& frame() const { return *frame_; }
  // Number of cells; addresses run over areas, then measures, then breakdowns, which is canonical order.
  [[nodiscard]] int32_t size() const { return static_cast<int32_t>(cells_.size()); }
  [[nodiscard]] CellAddress AddressOf(int32_t index) const;
  [[nodiscard]] const Cell& at(int32_t index) const { return cells_[static_cast<size_t>(index)]; }
  // Additions to cells since the table was made: the work done.
  [[nodiscard]] int64_t cells_touched() const { return cells_touched_; }
  [[nodiscard]] const absl::btree_map<int64_t, ListFacts>& lists() const { return lists_; }

 private:
  class AreaCells;
  struct Agreement {
    int64_t contract_id = 0;
    std::vector<int32_t> areas;
  };
  struct Doctor {
    GpFacts facts;
    std::vector<Agreement> agreements;
  };

  [[nodiscard]] std::vector<int32_t> AreasOf(const ListFacts& list) const;
  void CountList(const ListFacts& list, int sign);
  void CountDoctor(const Doctor& doctor, int sign);
  void Add(int32_t index, int64_t numerator, int64_t denominator);

  const AreaFrame* frame_;
  std::vector<int32_t> first_cell_of_measure_;  // within an area
  int32_t cells_per_area_ = 0;
  std::vector<Cell> cells_;
  struct Touched {
    Cell before;
    int32_t cause = 0;
  };
  absl::flat_hash_map<int32_t, Touched> touched_;
  int32_t cause_ = 0;
  absl::btree_map<int64_t, ListFacts> lists_;
  absl::flat_hash_map<int32_t, Doctor> doctors_;
  int64_t cells_touched_ = 0;
};

}  // namespace flosync
