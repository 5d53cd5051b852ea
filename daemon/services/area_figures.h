// The live figures of each area as the store has them: read once for a commit, shared by all who ask.
//
// Operation: what was asked for since the newest commit anybody asked about is kept; the next commit lets it go. Who
// still reads an older one, such as a stream's initial state, reads for itself. So an answer is of one commit whatever
// happens meanwhile. At most the areas of a frame are kept. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>

#include "state/geography/geography.h"
#include "state/indicators/figure.h"
#include "state/store/store.h"

namespace flosync {

class AreaFigures {
 public:
  // In the order of the plan's entries, zeros included.
  using Figures = std::shared_ptr<const std::vector<Figure>>;

  // The plan outlives this.
  explicit AreaFigures(const FigurePlan* plan);
  AreaFigures(const AreaFigures&) = delete;
  AreaFigures& operator=(const AreaFigures&) = delete;
  ~AreaFigures() = default;

  [[nodiscard]] const FigurePlan& plan() const { return *plan_; }
  // `revision` is that of the view. Errors are those of the store.
  [[nodiscard]] absl::StatusOr<Figures> Of(const View& view, int64_t revision, const Area& area);

 private:
  [[nodiscard]] absl::StatusOr<Figures> Read(const View& view, std::string_view prefix) const;

  const FigurePlan* const plan_;
  std::vector<Figure> empty_;                          // of each entry
  absl::flat_hash_map<std::string, size_t> entry_of_;  // by what a figure's key has behind its area
  std::mutex mutex_;
  int64_t revision_ = 0;                             // of what is kept
  absl::flat_hash_map<std::string, Figures> areas_;  // by what a figure's key begins with
};

}  // namespace flosync
