// The cells of every figure in every area of one frame, kept by differences.
//
// Operation: SetList takes back what the list's old facts counted and counts the new ones; a doctor on several lists is
// taken back and counted once in each area of the list, a municipality once in the areas around it. The work is that of
// the list, or of its municipality's lists where it changes what they are entitled to, whatever the size of the
// register and however many lists a doctor has; cells_touched() shows it. A snapshot uses the same table, filled from
// nothing, where each doctor and municipality is counted once. Concurrency: one writer; not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include "state/geography/geography.h"
#include "state/indicators/figure.h"
#include "state/indicators/list_facts.h"
#include "state/indicators/measure.h"

namespace flosync {

// One addition to a traced cell: who counted, and for what.
struct Contribution {
  enum class Of : uint8_t { kList, kDoctor, kMunicipality };
  Of of = Of::kList;
  int64_t id = 0;  // contract id, HPR number, or area index
  Cell added;
  std::optional<Ratio> observed;
};

class CellTable {
 public:
  // Both must outlive the table.
  CellTable(const AreaFrame* frame, const FigurePlan* plan);
  ~CellTable();
  CellTable(const CellTable&) = delete;
  CellTable& operator=(const CellTable&) = delete;

  // Counts these active lists, each another one, in a table that has none yet.
  void Fill(std::vector<ListFacts> lists);
  // Nothing = the list is not active. `cause` is told again by TakeTouched.
  void SetList(int64_t contract_id, std::optional<ListFacts> facts, int32_t cause = 0);
  // A doctor who was in the municipality a year before d, or is there at d (C2–C4); sign −1 takes it back.
  void CountPair(int32_t doctor, const Placement& placement, bool at_start, bool at_end, int sign);
  // From now on every addition to the cell is written down in `out`, which must outlive the table; nullptr ends it.
  void Trace(int32_t index, std::vector<Contribution>* out);

  // Indexes of the cells added to since the last call, ascending, each with the cause of the last addition.
  struct Touched {
    int32_t index = 0;
    int32_t cause = 0;
  };
  [[nodiscard]] std::vector<Touched> TakeTouched();
  // Names the cell to the next TakeTouched, though nothing was added to it.
  void Touch(int32_t index);

  [[nodiscard]] const AreaFrame& frame() const { return *frame_; }
  [[nodiscard]] const FigurePlan& plan() const { return *plan_; }
  // Number of cells; indexes run over areas, then the plan's entries, which is canonical order.
  [[nodiscard]] int32_t size() const { return static_cast<int32_t>(cells_.size()); }
  [[nodiscard]] const Area& AreaOf(int32_t index) const;
  [[nodiscard]] const FigurePlan::Entry& EntryOf(int32_t index) const;
  // Some figures exist at some levels only.
  [[nodiscard]] bool Exists(int32_t index) const;
  [[nodiscard]] const Cell& at(int32_t index) const { return cells_[static_cast<size_t>(index)]; }
  [[nodiscard]] Figure Show(int32_t index, Day d) const;
  // Additions to cells since the table was made: the work done.
  [[nodiscard]] int64_t cells_touched() const { return cells_touched_; }
  [[nodiscard]] const absl::btree_map<int64_t, ListFacts>& lists() const { return lists_; }

 private:
  class AreaCells;
  // HPR number and area index.
  using DoctorInArea = std::pair<int32_t, int32_t>;
  // A doctor's agreements in one area, for definitions that count a doctor there once (R14).
  struct Agreements {
    GpFacts gp;  // of the one linked last; but for `began` all say the same
    absl::btree_multiset<Day> began;
    int64_t equalised = 0;  // those that give right to the equalisation grant (D10)
  };
  struct Municipality {
    MunicipalityFacts facts;
    absl::btree_set<int64_t> lists;  // contract ids
    Placement placement;
  };

  [[nodiscard]] Municipality& MunicipalityAt(const Placement& placement);
  // What is counted otherwise where a list becomes another.
  struct Concerned {
    absl::btree_set<DoctorInArea> doctors;
    absl::btree_map<int32_t, MunicipalityFacts> sums;  // of its municipalities, as they will be
    // The other lists of a municipality that gains or loses the right to the equalisation grant.
    std::vector<std::pair<const ListFacts*, const Placement*>> neighbours;
  };
  // Nothing = no such list.
  [[nodiscard]] Concerned ConcernedBy(const ListFacts* was, const Placement& before, const ListFacts* is,
                                      const Placement& after);
  // Whether an agreement on the list gives right to the equalisation grant.
  [[nodiscard]] bool Equalised(const ListFacts& list, const Placement& placement) const;
  void CountList(const ListFacts& list, const Placement& placement, int sign);
  // The list's GPs, by definitions that count agreements (R14).
  void CountGps(const ListFacts& list, const Placement& placement, int sign);
  // A doctor in an area, by definitions that count doctors.
  void CountDoctor(const DoctorInArea& doctor, int sign);
  void CountMunicipality(int32_t area, int sign);
  void Link(const ListFacts& list, const Placement& placement);
  void Unlink(const ListFacts& list, const Placement& placement);
  void Add(int32_t index, int64_t numerator, int64_t denominator);
  void Observe(int32_t index, Ratio value, int sign);
  void Note(int32_t index, const Cell& added, std::optional<Ratio> observed);

  const AreaFrame* frame_;
  const FigurePlan* plan_;
  int32_t per_area_;
  std::vector<Cell> cells_;
  absl::flat_hash_map<int32_t, Observations> observations_;  // by index; of medians
  std::vector<int32_t> touched_;                             // indexes, each once
  std::vector<int32_t> cause_of_;                            // by index; -1 = not touched
  int32_t cause_ = 0;
  absl::btree_map<int64_t, ListFacts> lists_;
  absl::flat_hash_map<DoctorInArea, Agreements> doctors_;
  absl::btree_map<int32_t, Municipality> municipalities_;  // by area index
  int64_t cells_touched_ = 0;

  int32_t traced_ = -1;
  std::vector<Contribution>* trace_ = nullptr;
  Contribution::Of counting_ = Contribution::Of::kList;  // what is being counted, for the trace
  int64_t counting_id_ = 0;
};

}  // namespace flosync
