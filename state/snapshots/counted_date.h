// The figures of one reference date, kept so that what becomes known later costs no more than the lists it is about,
// and a new edition no more than its hash. Not thread-safe.
//
//   CountedDate counted(d, frame, definitions, derivation);
//   counted.CountAll(reg);         // edition 1 has counted.Rows()
//   counted.CountList(reg, 9001);  // as known a month later
//   counted.TakeCorrections();     // what edition 2 has to say
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

#include "state/geography/geography.h"
#include "state/indicators/cell_table.h"
#include "state/indicators/indicator_row.h"
#include "state/snapshots/list_description.h"
#include "state/snapshots/pairs.h"
#include "state/snapshots/snapshot.h"

namespace flosync {

class CountedDate {
 public:
  // Figures at d with t = t(d); `definitions` outlive it. Nothing is counted yet.
  CountedDate(Day d, AreaFrame frame, std::vector<const Definition*> definitions, const Derivation& derivation);
  CountedDate(const CountedDate&) = delete;
  CountedDate& operator=(const CountedDate&) = delete;

  // Counts everything, and takes it as told.
  void CountAll(const Register& reg);
  // Counts one list as the register has it, instead of as it was when last counted.
  void CountList(const Register& reg, int64_t contract_id);
  // Takes these rows, of an edition of this date, as told instead. DATA_LOSS if they are no such rows.
  [[nodiscard]] absl::Status SetTold(const std::vector<IndicatorRow>& rows);
  // What is counted otherwise than it was told, in canonical order; with that it is told (B3).
  [[nodiscard]] std::vector<Correction> TakeCorrections();

  // Every row as it was told, in canonical order (A1, A3).
  [[nodiscard]] std::vector<IndicatorRow> Rows() const;
  // SHA-256, lower-case hex, of the file of these rows as this edition (A4, A13, A16).
  [[nodiscard]] std::string HashCsv(int32_t edition) const;

 private:
  [[nodiscard]] std::string_view NamesOf(size_t place) const;

  const Day d_;
  const AreaFrame frame_;
  const FigurePlan plan_;
  const Perspective from_;
  CellTable cells_;
  Pairs pairs_;
  std::vector<int32_t> cell_of_;   // by place
  std::vector<int32_t> place_of_;  // by cell; -1 = no row
  // The names in the line of each place as in the file, one behind the other, and where each ends.
  std::string names_;
  std::vector<size_t> names_end_;
  std::vector<Figure> told_;  // by place
};

}  // namespace flosync
