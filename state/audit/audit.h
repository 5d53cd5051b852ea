// The self-audit: are the live figures, and the states they are counted from, what the stored records give?
//
// Operation: reads the history of a View, says plainly what every figure has to show at the moment of the last commit
// (plain_*.h) and compares it with the figures stored; does the same with the newest state kept of each entity, from
// which later figures come. Nothing is repaired: a difference is for people, and its cause is a fault of the program or
// the disk. It shares no code with what it checks but the stored messages, the areas and the definitions' parameters.
// Concurrency: any thread, beside the writer; it holds a View and a few megabytes. A register of the nation's size
// takes seconds.
//
//   const auto report = AuditLive(View(store), Geography::Shipped(), Definitions::Shipped(), [] { return true; });
//   report->difference_count;  // 0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "state/audit/plain_figures.h"
#include "state/store/store.h"

namespace flosync {

// A figure that is not what the records give.
struct FigureDifference {
  FigureName name;
  std::optional<Figure> stored;      // nothing = not stored, which shows zeros or nothing
  std::optional<Figure> recomputed;  // nothing = the figure is empty, or there is no such
};

// A newest state kept of an entity that is not what its records give. A person is named by HPR number.
struct HeadDifference {
  EntityId entity;
  std::string what;  // which part of it differs, in our own words
};

struct AuditReport {
  Instant instant;  // of the last commit; live figures are of its day in Oslo
  Day reference_day;
  int64_t revision = 0;
  int64_t figures_compared = 0;  // those that are not empty, stored or recomputed
  int64_t heads_compared = 0;
  int64_t difference_count = 0;           // of all; the lists below hold the first ones
  std::vector<FigureDifference> figures;  // in the order of the store, at most kMaxDifferences
  std::vector<HeadDifference> heads;      // by kind and id, at most kMaxDifferences
  [[nodiscard]] bool ok() const { return difference_count == 0; }
};

inline constexpr size_t kMaxDifferences = 1000;

// Asked now and then; false ends the audit with CANCELLED.
using GoOn = std::function<bool()>;

// By the tables and the published definitions that the stored figures are counted by; a figure of a definition that the
// store has never noted is a difference. FAILED_PRECONDITION before the first commit; DATA_LOSS where a record of the
// history cannot be read.
[[nodiscard]] absl::StatusOr<AuditReport> AuditLive(const View& view, const Geography& geography,
                                                    const Definitions& definitions, const GoOn& go_on);

}  // namespace flosync
