// Who is behind a figure, and who changed it (R18–R20). Pure but for the reading of the store; any thread.
//
//   auto explained = ExplainFigure(view, geography, {definition, Level::kNation, "NO", "list_count", "all"}, header);
//   explained->contributors[0].numerator
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "state/indicators/cell_table.h"
#include "state/indicators/indicator_row.h"
#include "state/snapshots/snapshot.h"

namespace flosync {

// One figure of one area under one definition.
struct FigureAddress {
  const Definition* definition = nullptr;
  Level level = Level::kNation;
  std::string area_code;
  std::string measure;
  std::string breakdown;
};

// A list, doctor or municipality that counts in the figure. Numerators and denominators of all of them add up to it;
// what they observed are the numbers a median is taken of.
struct Contributor {
  Contribution::Of of = Contribution::Of::kList;
  std::string id;  // A14: "contract:900101", "person:999000011" (the surviving number), "municipality:0301"
  int64_t numerator = 0;
  int64_t denominator = 0;
  std::vector<std::string> observed;  // as displayed, ascending
  bool operator==(const Contributor&) const = default;
};

struct Explanation {
  IndicatorRow row;
  std::vector<Contributor> contributors;  // lists, doctors, municipalities, each by id
};

// The figure as of a snapshot's reference date, instant and known-at. NOT_FOUND if there is no such figure or area
// then.
[[nodiscard]] absl::StatusOr<Explanation> ExplainFigure(const View& view, const Geography& geography,
                                                        const FigureAddress& figure, const SnapshotHeader& snapshot);

// A record that was taken in between, of an entity that a contributor depends on.
struct ExplainingRecord {
  std::string entity;  // A14
  Position position;
};

// How a contributor differs between two snapshots.
struct ContributorChange {
  std::optional<Contributor> before;  // nothing: it entered
  std::optional<Contributor> after;   // nothing: it left
  // Those that can show in the figure, in the order of position, at most kMaxExplainingRecords. None = the clock: the
  // reference date is another.
  std::vector<ExplainingRecord> records;
};
inline constexpr size_t kMaxExplainingRecords = 100;

struct ChangeExplanation {
  IndicatorRow before;
  IndicatorRow after;
  std::vector<ContributorChange> changes;
};

// Which contributors entered, left or changed from one snapshot to another, and the records that did it: those known at
// the later of the two known-at instants and not at the earlier.
[[nodiscard]] absl::StatusOr<ChangeExplanation> ExplainChange(const View& view, const Geography& geography,
                                                              const FigureAddress& figure, const SnapshotHeader& before,
                                                              const SnapshotHeader& after);

}  // namespace flosync
